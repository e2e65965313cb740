"""The worker with time as an argument: what it stores, answers and tells, and that a replay gives the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.notice import Letterhead
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import policies_of
from sensor_hub.engine.dial import DIALLED, note_outcome
from sensor_hub.keeping.export import export_home
from sensor_hub.model.alert import AlertState, Outcome, alert_line
from sensor_hub.model.dial import DEFAULT_FALSE_PAGES
from sensor_hub.model.entry import Arrival, DialSet, HomeSet, HubAway, OutcomesForgotten, OutcomeTold, PlacementTold
from sensor_hub.model.home import Home, read_home
from sensor_hub.model.kind import HOME_KINDS, Audience, Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.wire import Batch, Status, Stored
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.boards import LOST
from sensor_hub.watch.items import Acknowledge, BatchCame, Close, ForgetOutcomes, Item, Place, StatusCame
from sensor_hub.watch.ports import Closing, LimitRow, Rejection, Taken
from sensor_hub.watch.replay import read_log, replay
from sensor_hub.watch.storing import LAST, MOST_WARNINGS, STRANGER, UNKNOWN_HOME
from sensor_hub.watch.telling import Telling
from sensor_hub.watch.watches import Watches
from sensor_hub.watch.worker import MOST_READINGS, Worker
from tests.homes import arrival, moment, small_home, whole_log
from tests.storage.stores import open_fresh, rows

START = moment("2026-01-05 00:00")
CONTACTS = (
    Contact("team", "console://", Detail.FULL, frozenset({Audience.CARE})),
    Contact("fitter", "console://", Detail.MINIMAL, frozenset({Audience.TECHNICAL})),
)
PLAN = Plan(CONTACTS, policies_of(CONTACTS))


@dataclass
class SetTime:
    """A clock that a test sets."""

    at: float
    is_simulated: bool = False
    speed: float = 1.0

    def now(self) -> float:
        return self.at

    def wall(self) -> float:
        return self.at

    def seconds_until(self, moment: float) -> float:
        return max(0.0, moment - self.at)


class Rig:
    """A worker over a database, without its thread. `crash` leaves it as a power cut would."""

    def __init__(self, where: Path | str, homes: Sequence[Home], at: float, plan: Plan = PLAN) -> None:
        self.where = where
        self.homes = homes
        self.plan = plan
        self.time = SetTime(at)
        self.stores: SqlStores = open_fresh(where)
        self.answers: list[Stored] = []
        self.rings = 0
        self.false_pages = DEFAULT_FALSE_PAGES
        self.worker = self._new_worker()
        self.worker.open()

    @property
    def folder(self) -> Path:
        """Of a database that is a file."""
        assert isinstance(self.where, Path)
        return self.where

    def _new_worker(self) -> Worker:
        telling = Telling(self.plan, Letterhead("http://hub"))
        watches = Watches(self.homes, self.stores.for_watch(), self.time, telling, false_pages=self.false_pages)
        return Worker(watches, self.time, self._ring)

    def _ring(self) -> None:
        self.rings += 1

    def crash(self, *, in_order: bool = False) -> None:
        if in_order:
            self.worker.close()
        self.stores.database.close()
        self.stores = open_fresh(self.where)
        self.worker = self._new_worker()

    def take(self, *items: Item) -> None:
        self.worker.take(items)

    def batch(self, readings: Sequence[Reading], **head: int) -> BatchCame:
        at = {"kept": 0, "after": 0, "upto": len(readings)} | head
        batch = Batch("s1", at["kept"], at["after"], at["upto"], "b1", readings)
        return BatchCame(self.homes[0].id, batch, (), self.answers.append, "local")

    def entries(self) -> list[object]:
        return [entry for _, entry in self.stores.log.read(self.homes[0].id)]

    def notices(self) -> list[tuple[str, str]]:
        select = "SELECT contact, title FROM notice ORDER BY made_ms, reference"
        return [(contact, title) for contact, title in rows(self.stores, select)]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path, [small_home()], START)
    yield rig
    rig.stores.database.close()


def motion(at: float) -> Reading:
    return Reading(at, "motion-hall", Metric.MOTION, 1.0)


def test_a_new_home_is_the_first_entry_of_its_log(rig: Rig) -> None:
    assert rig.entries() == [HomeSet(START, small_home())]


def test_a_batch_is_stored_and_then_answered(rig: Rig) -> None:
    rig.time.at += 60
    rig.take(rig.batch([motion(START + 50)]))
    assert rig.answers == [Stored("s1", 1, START + 60)]
    assert rig.entries()[1:] == [Arrival(START + 60, motion(START + 50))]


def test_a_repeat_is_answered_and_makes_no_entry(rig: Rig) -> None:
    for _ in range(2):
        rig.take(rig.batch([motion(START)]))
    assert [stored.upto for stored in rig.answers] == [1, 1]
    assert len(rig.entries()) == 2


@pytest.mark.parametrize(
    ("head", "upto"),
    [
        ({"kept": 0, "after": 0, "upto": 10}, 10),
        ({"kept": 0, "after": 5, "upto": 10}, 0),
        ({"kept": 5, "after": 5, "upto": 10}, 10),
        ({"kept": 3, "after": 5, "upto": 10}, 3),
        ({"kept": 20, "after": 5, "upto": 10}, 20),
    ],
)
def test_how_far_a_stream_is_stored(rig: Rig, head: dict[str, int], upto: int) -> None:
    rig.take(rig.batch([motion(START)], **head))
    assert [stored.upto for stored in rig.answers] == [upto]
    assert len(rig.entries()) == 2


def test_a_status_is_answered_for_each_stream_it_names(rig: Rig) -> None:
    rig.take(rig.batch([motion(START)]))
    rig.answers.clear()
    status = Status("online", "b1", "1.0", START, streams={"s1": 3, "s2": 0})
    rig.take(StatusCame(rig.homes[0].id, status, rig.answers.append, "local"))
    assert [(stored.stream, stored.upto) for stored in rig.answers] == [("s1", 1), ("s2", 0)]


def test_an_unknown_home_is_counted_and_never_answered(rig: Rig) -> None:
    rig.take(replace(rig.batch([motion(START)]), home="nobody"))
    assert rig.answers == []
    assert rig.stores.rejections.counts() == {UNKNOWN_HOME: 1}


def test_many_messages_of_made_up_homes_are_counted_together_and_the_others_are_answered(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    batch = rig.batch([motion(START)])
    status = StatusCame("made-up", Status("online", "b1", "1", START), rig.answers.append, "local")
    made_up = [replace(batch, home=f"home-{number % 500}") for number in range(1000)]
    rig.take(*made_up, status, batch, *made_up)
    assert [stored.upto for stored in rig.answers] == [1]
    assert rig.stores.rejections.counts("") == {UNKNOWN_HOME: 2001}
    assert rows(rig.stores, "SELECT count(*) FROM rejected_count") == [(1,)]
    assert rig.stores.rejections.kept() == 0
    told = [each for each in caplog.messages if each.startswith(STRANGER[UNKNOWN_HOME])]
    assert (len(told), told[-1].endswith(LAST)) == (MOST_WARNINGS, True)


def test_what_was_rejected_is_answered_as_stored_and_kept(rig: Rig) -> None:
    rig.take(replace(rig.batch([], upto=7), rejections=(Rejection("batch", "not JSON", b"x"),)))
    assert [stored.upto for stored in rig.answers] == [7]
    assert rig.stores.rejections.counts(rig.homes[0].id) == {"not JSON": 1}


def test_readings_from_the_future_are_kept_as_rejected_and_answered(rig: Rig) -> None:
    rig.take(rig.batch([motion(START + 301), motion(START + 299)]))
    assert [stored.upto for stored in rig.answers] == [2]
    assert rig.stores.rejections.counts() == {"measured in the future": 1}


def test_received_never_goes_back_and_other_entries_are_later_than_what_they_follow(rig: Rig) -> None:
    rig.take(rig.batch([motion(START)]))
    rig.time.at = START - 3600
    alert = raise_one(rig)
    done = Acknowledge(alert, "Ann")
    rig.take(rig.batch([motion(START + 1)]), done, rig.batch([motion(START + 2)]))
    received = [entry.received for entry in rig.entries() if isinstance(entry, Arrival | OutcomeTold)]
    assert received == sorted(received)
    told = next(number for number, entry in enumerate(rig.entries()) if isinstance(entry, OutcomeTold))
    assert received[told - 2] < received[told - 1]


def raise_one(rig: Rig) -> str:
    from tests.storage.test_alert_book import RAISED

    rig.stores.alerts.record(replace(RAISED, home=rig.homes[0].id))
    return RAISED.id


def test_what_people_do_is_an_entry_and_of_two_one_is_first(rig: Rig) -> None:
    alert = raise_one(rig)
    acts: list[Acknowledge | Close] = [
        Acknowledge(alert, "Ann"),
        Acknowledge(alert, "Bob"),
        Close(alert, Closing("Ann", Outcome.TRUE, "boiler")),
        Close("none", Closing("Ann", Outcome.TRUE)),
    ]
    rig.take(*acts)
    assert [act.done.result(0) for act in acts] == [Taken.DONE, Taken.TAKEN, Taken.DONE, Taken.UNKNOWN]
    told = [entry for entry in rig.entries() if isinstance(entry, OutcomeTold)]
    assert [(entry.by, entry.outcome) for entry in told] == [("Ann", None), ("Ann", Outcome.TRUE)]


def test_a_restart_writes_down_that_the_hub_was_away(rig: Rig) -> None:
    rig.time.at += 700
    rig.worker.tick()
    rig.crash()
    rig.time.at += 3600
    rig.worker.open()
    assert rig.entries()[1:] == [HubAway(START + 4300, START + 600, START + 4300)]


def test_a_program_that_was_suspended_writes_it_down_too(rig: Rig) -> None:
    rig.worker.tick()
    rig.time.at += 1100
    rig.worker.tick()
    assert len(rig.entries()) == 1
    rig.time.at += 1300
    rig.worker.tick()
    assert [type(entry) for entry in rig.entries()[1:]] == [HubAway]


def test_a_clock_behind_the_last_tick_is_not_on_time(rig: Rig) -> None:
    assert rig.worker.watches.is_on_time(rig.time.at)
    assert not rig.worker.watches.is_on_time(rig.time.at - 2 * DAY)
    assert not rig.worker.watches.is_on_time(rig.time.at + 3600)


def test_a_home_described_anew_is_told_and_one_that_is_the_same_is_not(rig: Rig) -> None:
    rig.crash()
    rig.worker.open()
    rig.homes = [small_home(residents=2)]
    rig.crash()
    rig.time.at += 1
    rig.worker.open()
    assert [entry.home.residents for entry in rig.entries() if isinstance(entry, HomeSet)] == [1, 2]


def test_a_dial_that_was_turned_is_told_and_one_that_stands_is_not(rig: Rig) -> None:
    for pages in (DEFAULT_FALSE_PAGES, 60.0, 60.0, DEFAULT_FALSE_PAGES):
        rig.false_pages = pages
        rig.crash()
        rig.time.at += 1
        rig.worker.open()
    assert [entry.false_pages for entry in rig.entries() if isinstance(entry, DialSet)] == [60.0, DEFAULT_FALSE_PAGES]
    assert rig.worker.watches.watched[rig.homes[0].id].watch.engine.state.false_pages == DEFAULT_FALSE_PAGES
    assert rig.stores.log.first_home("test-home") == rig.stores.log.last_home("test-home") == small_home()


def test_outcomes_are_shown_and_forgotten_once(rig: Rig) -> None:
    home = rig.homes[0].id
    watch = rig.worker.watches.watched[home].watch
    note_outcome(watch.engine.state, Kind.INACTIVITY, "a1", Outcome.FALSE, START)
    rig.time.at += 300
    rig.worker.tick()
    assert rig.stores.limits.shown(home) == [LimitRow("inactivity", 0.5, 1, 0)]
    first, again = (ForgetOutcomes(home, Kind.INACTIVITY, "Ann") for _ in range(2))
    nobody = ForgetOutcomes("nobody", Kind.INACTIVITY, "Ann")
    for act in (first, again, nobody):
        rig.take(act)
    assert [act.done.result(0) for act in (first, again, nobody)] == [Taken.DONE, Taken.TAKEN, Taken.UNKNOWN]
    assert [type(entry) for entry in rig.entries()[1:]] == [OutcomesForgotten]
    rig.time.at += 300
    rig.worker.tick()
    assert rig.stores.limits.shown(home) == []


def test_an_alert_and_its_notice_are_told_once_whatever_crashes(rig: Rig) -> None:
    """A silent home: the notice goes to who looks after equipment, and to nobody else."""
    rig.take(*(rig.batch([one.reading]) for one in whole_log(rig.homes[0], START, START + 60)))
    for _ in range(12 * 12):
        rig.time.at += 5 * MINUTE
        rig.worker.tick()
    before = rig.notices()
    assert before
    assert {contact for contact, _ in before} == {"fitter"}
    assert rig.rings >= 1
    rig.crash()
    rig.worker.open()
    assert rig.notices() == before
    changes = list(rig.stores.alerts.changes_of_home(rig.homes[0].id))
    assert {change.kind for change in changes if change.state is AlertState.RAISED} >= {Kind.GATEWAY_SILENT}
    shown = rig.stores.coverage.shown(rig.homes[0].id)
    assert shown is not None
    assert {row.state for row in shown[1]} >= {"blind"}


def test_a_rule_that_fails_blinds_its_home_and_no_other(tmp_path: Path) -> None:
    rig = Rig(tmp_path, [small_home(), replace(small_home(), id="other")], START)
    rig.worker.watches.watched["test-home"].watch.engine.state.devices.clear()
    for _ in range(2):
        rig.time.at += 300
        rig.worker.tick()
    rig.take(rig.batch([motion(START)]), replace(rig.batch([motion(START)]), home="other"))
    assert len(rig.answers) == 2
    lost, other = (rig.stores.coverage.shown(home) for home in ("test-home", "other"))
    assert lost is not None
    assert {row.kind for row in lost[1] if row.state == "blind"} == set(HOME_KINDS)
    assert other is not None
    assert LOST not in {row.reason for row in other[1]}
    rig.crash(in_order=True)
    rig.worker.open()
    rig.time.at += 300
    rig.worker.tick()
    mended = rig.stores.coverage.shown("test-home")
    assert mended is not None
    assert LOST not in {row.reason for row in mended[1]}
    rig.stores.database.close()


def test_a_snapshot_of_a_later_program_is_not_used_and_the_log_is_read(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.take(rig.batch([motion(START)]))
    rig.crash(in_order=True)
    later = msgspec.msgpack.encode({"version": 1000, "state": {}})
    rig.stores.snapshots.save("test-home", 999_999, START + DAY, later)
    rig.worker.open()
    watch = rig.worker.watches.watched["test-home"].watch
    assert [reading.device for reading in watch.state.waiting] == ["motion-hall"]
    assert "home test-home is not used, its log is read instead: it is of version 1000" in caplog.text


def test_batches_that_come_together_share_an_entry_and_an_answer_and_keep_their_place(rig: Rig) -> None:
    place = Place("test-home", "new", Room.HALL, "Ann")
    first, second, third = ([motion(START + n)] for n in range(3))
    rig.take(rig.batch(first), rig.batch(second, after=1, upto=2), place, rig.batch(third, after=2, upto=3))
    assert [stored.upto for stored in rig.answers] == [3]
    kept = [(position, entry) for position, entry in rig.stores.log.read("test-home")][-4:]
    assert [type(entry) for _, entry in kept] == [Arrival, Arrival, PlacementTold, Arrival]
    positions = [position for position, _ in kept]
    assert positions[0] == positions[1] < positions[2] < positions[3]


@pytest.mark.parametrize("seed", range(6))
def test_a_replay_of_the_exported_log_gives_the_same_alerts_byte_for_byte(tmp_path: Path, seed: int) -> None:
    """Days of a home with gaps, repeats, late batches, acts, restarts in order and crashes in between."""
    rng = random.Random(seed)
    home = small_home()
    rig = Rig(tmp_path / "hub", [home], START)
    pending: list[Reading] = []
    fall = START + rng.uniform(1, 4) * DAY
    rows = iter(sorted(whole_log(home, START, START + 5 * DAY), key=lambda one: one.reading.at))
    cold = (arrival(START + 2 * DAY + 600 * n, "climate-living", Metric.TEMPERATURE, 14.0 - n / 99) for n in range(99))
    log = sorted([*rows, *cold], key=lambda one: one.reading.at)
    log = [one for one in log if one.reading.at < fall or one.reading.metric is not Metric.MOTION]
    number = 0
    while rig.time.at < START + 5 * DAY:
        rig.time.at += rng.choice([20.0, 70.0, 400.0, 900.0, 900.0, 2000.0 if rng.random() < 0.1 else 900.0])
        while number < len(log) and log[number].reading.at <= rig.time.at:
            pending.append(log[number].reading)
            number += 1
        rig.worker.tick()
        _something(rig, rng, pending)
    rig.time.at += HOUR
    rig.worker.tick()

    out = tmp_path / "out"
    done = export_home(rig.stores, home.id, out, judged_only=True)
    changes = replay(read_home(out / "home.toml"), read_log(out / "readings.jsonl.gz", _no_rejects))
    again = "".join(alert_line(change) + "\n" for change in changes)
    assert done.changes > 0
    assert again == (out / "alerts.jsonl").read_text(encoding="utf-8")
    rig.stores.database.close()


def _something(rig: Rig, rng: random.Random, pending: list[Reading]) -> None:
    """What happens next: mostly a batch; sometimes nothing, an act, a restart or a crash."""
    what = rng.random()
    if what < 0.75 and pending:
        batch = pending[:500]
        rng.shuffle(batch)
        rig.take(rig.batch(batch))
        # Some come again, some only later.
        pending[:] = [*pending[500:], *rng.sample(batch, rng.randrange(0, min(3, len(batch))))]
    elif what < 0.80:
        for row in list(rig.stores.registry.open_alerts())[:1]:
            close = Close(row.id, Closing("B", rng.choice(list(Outcome))))
            rig.take(Acknowledge(row.id, "Ann") if rng.random() < 0.3 else close)
        if rng.random() < 0.3:
            rig.take(ForgetOutcomes(rig.homes[0].id, rng.choice(sorted(DIALLED)), "Ann"))
    elif what < 0.84:
        rig.false_pages = rng.choice([60.0, rig.false_pages, DEFAULT_FALSE_PAGES])
        rig.crash(in_order=rng.random() < 0.4)
        rig.time.at += rng.choice([1.0, 90.0, 1200.0, 9000.0])
        rig.worker.open()


def _no_rejects(error: object) -> None:
    raise AssertionError(error)


def test_a_transaction_is_bounded_by_its_readings_too(rig: Rig) -> None:
    batch = [motion(START + n) for n in range(500)]
    for number in range(60):
        rig.worker.offer(rig.batch(batch, after=500 * number, upto=500 * (number + 1)))
    taken = [len(rig.worker._next()), len(rig.worker._next())]
    assert taken == [MOST_READINGS // 500, 60 - MOST_READINGS // 500]
