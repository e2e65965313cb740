"""What is erased is gone from every table, by certificate, wherever the hub is killed meanwhile."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from sensor_hub.alerts.notice import Notice
from sensor_hub.history.port import HistoryError
from sensor_hub.keeping.certificates import digest_of
from sensor_hub.keeping.eraser import AGAIN, Eraser, erase_again
from sensor_hub.keeping.restore import ERASED as LIST
from sensor_hub.model.alert import alert_line
from sensor_hub.model.consent import EVERYTHING, Basis, Data, Decision, Told
from sensor_hub.model.entry import Arrival, HomeSet
from sensor_hub.model.kind import Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.reading import Reading
from sensor_hub.model.stay import Stay
from sensor_hub.model.wire import Status
from sensor_hub.storage import erasing
from sensor_hub.storage.erasures import DONE, Erasures, mark_of
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.personal import ERASED, KEPT, LAST, NAMING, PSEUDONYMISED
from sensor_hub.storage.tables import metadata
from sensor_hub.storage.vault import Vault
from sensor_hub.watch.home_watch import HomeWatch
from sensor_hub.watch.items import Agree, Erase, Item, StatusCame, TellStay, Withdraw
from sensor_hub.watch.ports import Rejection, Taken
from sensor_hub.watch.replay import replay
from tests.homes import heartbeats, moment, small_home, whole_log
from tests.storage.stores import open_fresh
from tests.storage.test_alert_book import RAISED, T
from tests.watch.test_worker import Rig

START = moment("2026-01-05 00:00")
END = START + 3 * DAY + 20 * HOUR
HOME, OTHER = replace(small_home(), id="flat-7"), replace(small_home(), id="flat-8")
TODAY = date(2026, 1, 8)
MOVEMENT = frozenset({Data.MOVEMENT, Data.DOORS})


def hub_with_days(folder: Path) -> Rig:
    """Two homes with three days in their logs, an alert for each, and something in nearly every table."""
    rig = Rig(folder, [HOME, OTHER], START)
    # So fast that an hour without a tick is no standstill of the hub.
    rig.time.speed = 1000.0
    vault = Vault(KeyFile(folder / "hub.key"), rig.stores.memory)
    vault.start()
    rig.stores.unlock(vault)
    for home in (HOME, OTHER):
        rig.take(Agree(home.id, Decision(Basis.CONSENT, EVERYTHING, "herself", TODAY, TODAY, ""), "Jo"))
        status = Status("online", "b1", "0.1.0", START, streams={"s1": 0})
        rig.take(StatusCame(home.id, status, rig.answers.append, "local"))
    awake = [one for one in whole_log(HOME, START, START + 3 * DAY) if one.reading.device != "front-door"]
    log = [one.reading for one in awake] + [one.reading for one in heartbeats(HOME, START + 3 * DAY, END)]
    log.sort(key=lambda one: one.at)
    hours = [[one for one in log if START + n * HOUR <= one.at < START + (n + 1) * HOUR] for n in range(4 * 24)]
    for number, readings in enumerate(hours):
        rig.time.at = START + (number + 1) * HOUR
        for home in (HOME, OTHER) if readings else ():
            batch = replace(rig.batch(readings), home=home.id, rejections=(Rejection("reading", "odd", b"motion 7"),))
            rig.take(batch)
        rig.worker.tick()
    rig.worker.close()
    return rig


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    hub_with_days(folder).stores.database.close()
    return folder


@pytest.fixture
def rig(made: Path, tmp_path: Path) -> Iterator[Rig]:
    copy(made, tmp_path)
    rig = open_rig(tmp_path)
    yield rig
    rig.stores.database.close()


def copy(made: Path, folder: Path) -> None:
    for name in ("hub.db", "hub.key"):
        (folder / name).write_bytes((made / name).read_bytes())


def open_rig(folder: Path, at: float = END) -> Rig:
    rig = Rig(folder, [HOME, OTHER], at)
    rig.stores.unlock(Vault(KeyFile(folder / "hub.key"), rig.stores.memory))
    return rig


def eraser_of(rig: Rig) -> Eraser:
    def offer(item: Item) -> bool:
        rig.take(item)
        return True

    return Eraser(rig.stores, offer, rig.time.now, rig.folder, backups_days=35)


def erase(rig: Rig) -> None:
    assert eraser_of(rig).turn(lambda _: None)


def rows_of(rig: Rig, home: str) -> dict[str, int]:
    """How many rows each table that is erased has of a home."""
    found = {}
    for held in (*ERASED, *LAST):
        rows = rig.stores.database.connection.execute(select(held.table).where(held.which(home))).all()
        found[held.table.name] = len(rows)
    return found


def ask_whole(rig: Rig) -> None:
    item = Erase(HOME.id, "she moved away", "Jo")
    rig.take(item)
    assert item.done.result(0) is Taken.DONE


def test_every_table_that_can_name_somebody_is_erased_or_says_why_not() -> None:
    sorted_ = [held.table.name for held in (*ERASED, *LAST, *PSEUDONYMISED)] + list(KEPT)
    assert len(sorted_) == len(set(sorted_))
    naming = {name for name, table in metadata.tables.items() if NAMING & {column.name for column in table.columns}}
    assert naming - set(sorted_) == set()


@dataclass
class MemoryHistory:
    is_down: bool = True
    erased: list[tuple[str, frozenset[Metric] | None]] = field(default_factory=list)

    def erase(self, home: str, metrics: frozenset[Metric] | None) -> None:
        if self.is_down:
            raise HistoryError("it is down")
        self.erased.append((home, metrics))


def test_there_is_no_certificate_before_the_history_beside_the_log_is_erased_too(rig: Rig) -> None:
    ask_whole(rig)
    history = MemoryHistory()
    eraser = replace(eraser_of(rig), history=history)
    for _ in range(2):
        with pytest.raises(HistoryError):
            eraser.turn(lambda _: None)
    assert not rig.stores.erasures.certificates(limit=9)
    history.is_down = False
    assert eraser.turn(lambda _: None)
    assert history.erased == [(HOME.id, None)]
    assert len(rig.stores.erasures.certificates(limit=9)) == 1


def test_a_whole_home_is_gone_and_the_other_is_as_it_was(rig: Rig) -> None:
    before, others = rows_of(rig, HOME.id), rows_of(rig, OTHER.id)
    assert sum(count > 0 for count in before.values()) >= 15
    ask_whole(rig)
    erase(rig)

    assert set(rows_of(rig, HOME.id).values()) == {0}
    assert rows_of(rig, OTHER.id) == others
    ((_, _, certificate),) = rig.stores.erasures.certificates(limit=9)
    assert certificate["rows_erased"]["reading"] == before["reading"]
    assert certificate["rows_erased"]["entry"] == before["entry"] + 1, "and that nothing is agreed any more"
    assert (certificate["asked_by"], certificate["home_hash"]) == ("Jo", mark_of(HOME.id))
    assert certificate["sha256"] == digest_of(certificate)
    kept = [json.dumps(dict(certificate))]
    for table in set(metadata.tables.values()) - {metadata.tables["chronology"]}:
        kept += [repr(tuple(row)) for row in rig.stores.database.connection.execute(select(table))]
    assert not [row for row in kept if HOME.id in row]


def test_alerts_stay_without_the_person_until_their_own_end(rig: Rig) -> None:
    count = "SELECT count(*) FROM alert WHERE home = ? AND handled = 'closed' AND summary = '' AND subject = ''"
    told = rig.stores.database.raw.execute("SELECT count(*) FROM alert WHERE home = ?", (HOME.id,)).fetchone()[0]
    assert told > 0
    ask_whole(rig)
    erase(rig)
    (name,) = rig.stores.database.raw.execute("SELECT id FROM erasure").fetchone()
    assert rig.stores.database.raw.execute(count, (f"erased:{name}",)).fetchone()[0] == told
    assert rig.stores.database.raw.execute("SELECT count(*) FROM notice WHERE state = 'waiting'").fetchone()[0] < told


def test_what_was_to_go_with_a_notice_of_the_home_goes_by_itself(rig: Rig) -> None:
    names = [f"r-{home.id}" for home in (HOME, OTHER)]
    for home, name in zip((HOME, OTHER), names, strict=True):
        rig.stores.alerts.record(replace(RAISED, id=home.id, home=home.id))
        rig.stores.alerts.add_notice(Notice(name, home.id, "night office", Urgency.SOON, "Today", "body"), T, T)
    rig.stores.alerts.send_together(names)
    ask_whole(rig)
    erase(rig)
    assert [each.notice.reference for each in rig.stores.outbox.due("night office", T)] == names[1:]


def test_an_erased_home_is_not_watched_and_leaves_no_new_trace(rig: Rig) -> None:
    ask_whole(rig)
    assert HOME.id not in rig.worker.watches.watched
    rig.answers.clear()
    rig.take(replace(rig.batch([Reading(END, "motion-hall", Metric.MOTION, 1.0)]), home=HOME.id))
    rig.take(StatusCame(HOME.id, Status("online", "b2", "0.1.0", END), rig.answers.append, "local"))
    assert rig.answers == []
    erase(rig)
    assert set(rows_of(rig, HOME.id).values()) == {0}


def test_what_was_told_of_it_at_the_same_moment_is_no_trouble(rig: Rig) -> None:
    told = TellStay(HOME.id, Stay.VISIT, END - HOUR, END, "Jo", is_new=True)
    item = Erase(HOME.id, "she moved away", "Jo")
    rig.take(told, item, TellStay(HOME.id, Stay.VISIT, END - DAY, END - HOUR, "Jo", is_new=True))
    assert (told.done.result(0), item.done.result(0)) == (Taken.DONE, Taken.DONE)
    erase(rig)
    assert set(rows_of(rig, HOME.id).values()) == {0}


def withdraw(rig: Rig, data: frozenset[Data] = MOVEMENT) -> None:
    item = Withdraw(HOME.id, data, Told("herself", TODAY), "Jo")
    rig.take(item)
    assert item.done.result(0) is Taken.DONE


def test_withdrawn_data_are_gone_and_the_rest_stays(rig: Rig) -> None:
    climate = [one for one in arrivals(rig) if one.reading.device.startswith("climate")]
    withdraw(rig)
    erase(rig)

    left = arrivals(rig)
    assert {one.reading.device for one in left} == {"climate-living", "climate-bedroom", "gateway"}
    assert [one for one in left if one.reading.device != "gateway"] == climate
    ((_, _, certificate),) = rig.stores.erasures.certificates(limit=9)
    assert certificate["rows_erased"]["reading"] > 500
    snapshot = rig.stores.snapshots.load(HOME.id)
    assert snapshot is not None
    assert HomeWatch.restore(snapshot).engine.state.hazard.days == 0
    assert rig.stores.rejections.kept() < 200
    empty = "SELECT count(*) FROM entry WHERE kind = 'readings' AND position NOT IN (SELECT position FROM reading)"
    assert rig.stores.database.raw.execute(empty).fetchone()[0] == 0


def test_the_log_that_is_left_gives_the_alerts_that_it_can_still_give(rig: Rig) -> None:
    """A start from the log alone must not take what was erased for days of silence."""
    withdraw(rig)
    erase(rig)
    rig.stores.database.raw.execute("DELETE FROM snapshot")
    before = [alert_line(change) for change in rig.stores.alerts.changes_of_home(HOME.id)]
    rig.crash()
    rig.worker.open()

    assert [alert_line(change) for change in rig.stores.alerts.changes_of_home(HOME.id)] == before
    entries = [entry for _, entry in rig.stores.log.read(HOME.id)]
    first = entries[0]
    assert isinstance(first, HomeSet)
    assert first.scope == EVERYTHING - MOVEMENT
    told = {change.kind.value for change in replay(first.home, iter(entries))}
    assert not told & {"inactivity", "device_silent"}


def arrivals(rig: Rig) -> list[Arrival]:
    return [entry for _, entry in rig.stores.log.read(HOME.id) if isinstance(entry, Arrival)]


@pytest.mark.parametrize("is_whole", [True, False])
def test_killed_in_the_middle_of_any_step_it_goes_on(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_whole: bool
) -> None:
    """Each life does one more transaction than it begins with, and is killed inside the next, before it is written."""
    monkeypatch.setattr(erasing, "AT_ONCE", 1500 if is_whole else 200)
    monkeypatch.setattr(erasing, "BATCHES_AT_ONCE", 20)
    copy(made, tmp_path)
    rig = open_rig(tmp_path)
    if is_whole:
        ask_whole(rig)
    else:
        withdraw(rig)
        rig.worker.close()
    before = rows_of(rig, HOME.id)
    rig.stores.database.close()

    kills = 0
    while _life(tmp_path) == -signal.SIGKILL:
        kills += 1
        assert kills < 200

    assert kills >= 8
    stores = open_fresh(tmp_path)
    ((_, _, certificate),) = stores.erasures.certificates(limit=9)
    rows = certificate["rows_erased"]
    if is_whole:
        assert rows["reading"] == before["reading"]
        assert rows["entry"] == before["entry"]
        assert stores.log.first_home(HOME.id) is None
    else:
        left = {entry.reading.device for _, entry in stores.log.read(HOME.id) if isinstance(entry, Arrival)}
        assert left == {"climate-living", "climate-bedroom", "gateway"}
        assert rows["reading"] + len(list(stores.log.read(HOME.id))) > before["reading"]
    assert (tmp_path / LIST).read_text(encoding="utf-8").count("\n") == 1
    assert stores.database.raw.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    stores.database.close()


@dataclass
class Lifeline:
    """Lets so many changes through, and kills its process inside the next."""

    left: int

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _life(folder: Path) -> int:
    """A process that erases until it is killed; its status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        stores, line = open_fresh(folder), Lifeline(2)
        note, move = Erasures.note, Erasures.move

        def noted(self: Erasures, *args: object, **named: object) -> None:
            note(self, *args, **named)  # type: ignore[arg-type]
            line.spend()

        def moved(self: Erasures, *args: object, **named: object) -> None:
            move(self, *args, **named)  # type: ignore[arg-type]
            line.spend()

        Erasures.note, Erasures.move = noted, moved  # type: ignore[method-assign]

        def offer(item: Item) -> bool:
            done: Future[Taken] = item.done  # type: ignore[union-attr]
            done.set_result(Taken.DONE)
            return True

        is_done = Eraser(stores, offer, lambda: END, folder, 35).turn(lambda _: None)
        os._exit(0 if is_done else 1)
    finally:
        os._exit(2)


def test_a_backup_that_brings_it_back_is_erased_again(made: Path, tmp_path: Path, rig: Rig) -> None:
    (tmp_path / LIST).write_text('{"id": "half a li', encoding="utf-8")
    ask_whole(rig)
    erase(rig)
    rig.stores.database.close()
    for path in tmp_path.glob("hub.db*"):
        path.unlink()
    copy(made, tmp_path)

    stores = open_fresh(tmp_path)
    assert not stores.erasures.is_erased(HOME.id)
    assert erase_again(stores, tmp_path / LIST, END) == 1
    assert stores.erasures.is_erased(HOME.id)
    assert Eraser(stores, lambda _: False, lambda: END, tmp_path, 35).turn(lambda _: None)
    ((_, _, certificate),) = stores.erasures.certificates(limit=9)
    assert certificate["why"] == AGAIN
    assert stores.log.first_home(HOME.id) is None
    assert erase_again(stores, tmp_path / LIST, END) == 0
    stores.database.close()


def test_a_withdrawal_that_a_backup_does_not_know_holds_again(made: Path, tmp_path: Path, rig: Rig) -> None:
    withdraw(rig)
    erase(rig)
    rig.stores.database.close()
    for path in tmp_path.glob("hub.db*"):
        path.unlink()
    copy(made, tmp_path)

    again = open_rig(tmp_path)
    again.stores.database.close()
    stores = open_fresh(tmp_path)
    assert erase_again(stores, tmp_path / LIST, END) == 1
    current = stores.consents.current(HOME.id)
    assert current is not None
    assert current.decision.scope == EVERYTHING - MOVEMENT
    assert [job.data for job in stores.erasures.of(HOME.id) if job.state != DONE] == [MOVEMENT]
    stores.database.close()
