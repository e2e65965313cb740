"""What is agreed, from the decision to the store, the log, the gateway's settings and what is to be erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from sensor_hub.alerts.review import ConsentReminder
from sensor_hub.model.consent import EVERYTHING, REVIEW_AFTER, Basis, Data, Decision, Told, agreed_metrics
from sensor_hub.model.entry import Arrival, ScopeSet
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.model.wire import Status
from sensor_hub.storage.consent_reminders import consent_reminders
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.vault import Vault
from sensor_hub.watch.agreeing import NOT_AGREED
from sensor_hub.watch.downlink_ports import DevicesStand
from sensor_hub.watch.items import Agree, StatusCame, Withdraw
from sensor_hub.watch.ports import Rejection, Taken
from tests.homes import moment, small_home
from tests.watch.test_worker import Rig

START = moment("2026-01-05 00:00")
HOME = small_home().id
TODAY = date(2026, 1, 5)
ALL = Decision(Basis.CONSENT, EVERYTHING, "Mrs Okafor herself", TODAY, TODAY + REVIEW_AFTER, "read to her")
CLIMATE_ALONE = replace(ALL, scope=frozenset({Data.CLIMATE}))


@dataclass
class Down:
    told: list[DevicesStand] = field(default_factory=list)

    def tell(self, tenant: str, home: str, standing: DevicesStand, *, applied: int) -> None:
        self.told.append(standing)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path, [small_home()], START)
    vault = Vault(KeyFile(tmp_path / "hub.key"), rig.stores.memory)
    vault.start()
    rig.stores.unlock(vault)
    yield rig
    rig.stores.database.close()


def decide(rig: Rig, decision: Decision) -> Taken:
    item = Agree(HOME, decision, "Jo")
    rig.take(item)
    return item.done.result(0)


def withdraw(rig: Rig, *data: Data) -> Taken:
    item = Withdraw(HOME, frozenset(data), Told("Mrs Okafor herself", TODAY, "by telephone"), "Jo")
    rig.take(item)
    return item.done.result(0)


def readings(at: float) -> list[Reading]:
    return [
        Reading(at, "motion-hall", Metric.MOTION, 1.0),
        Reading(at, "motion-hall", Metric.BATTERY, 90.0),
        Reading(at, "climate-living", Metric.TEMPERATURE, 20.0),
        Reading(at, "climate-living", Metric.BATTERY, 80.0),
        Reading(at, "gateway", Metric.ONLINE, 1.0),
    ]


def stored(rig: Rig) -> list[tuple[str, Metric]]:
    return [(one.reading.device, one.reading.metric) for one in rig.entries() if isinstance(one, Arrival)]


def test_a_home_without_a_record_is_watched_whole(rig: Rig) -> None:
    rig.take(rig.batch(readings(START + MINUTE)))
    assert len(stored(rig)) == 5
    assert rig.stores.consents.current(HOME) is None


def test_what_is_not_agreed_is_answered_counted_and_not_kept(rig: Rig) -> None:
    assert decide(rig, CLIMATE_ALONE) is Taken.DONE
    rejection = Rejection("reading", "impossible", b'{"n":"motion","v":7}')
    rig.take(replace(rig.batch(readings(START + MINUTE)), rejections=(rejection,)))

    assert rig.answers[-1].upto == 5
    assert stored(rig) == [
        ("climate-living", Metric.BATTERY),
        ("climate-living", Metric.TEMPERATURE),
        ("gateway", Metric.ONLINE),
    ]
    assert rig.stores.rejections.counts(HOME) == {NOT_AGREED: 2, "impossible": 1}
    kept = rig.stores.database.raw.execute("SELECT reason, payload FROM rejected").fetchall()
    assert kept == []


def test_a_batch_in_the_same_transaction_is_judged_by_the_decision_before_it(rig: Rig) -> None:
    item = Withdraw(HOME, frozenset({Data.MOVEMENT}), Told("", TODAY), "Jo")
    rig.take(rig.batch(readings(START + MINUTE)), item, rig.batch(readings(START + 2 * MINUTE)))
    assert stored(rig).count(("motion-hall", Metric.MOTION)) == 1
    assert stored(rig).count(("climate-living", Metric.TEMPERATURE)) == 2


def test_it_holds_after_a_crash(rig: Rig) -> None:
    withdraw(rig, Data.MOVEMENT)
    rig.crash()
    rig.worker.open()
    rig.take(rig.batch(readings(START + MINUTE)))
    assert ("motion-hall", Metric.MOTION) not in stored(rig)
    description = rig.stores.log.description(HOME)
    assert description is not None
    assert description.scope == EVERYTHING - {Data.MOVEMENT}


def test_the_gateway_is_told_until_it_says_that_it_follows(rig: Rig) -> None:
    down = Down()
    rig.worker.tell_gateways(down)
    status = Status("online", "b1", "0.1.0", START, settings={"version": 3})
    rig.take(StatusCame(HOME, status, rig.answers.append, "local"))
    down.told.clear()

    decide(rig, CLIMATE_ALONE)

    metrics = sorted(agreed_metrics({Data.CLIMATE}))
    assert [one.metrics for one in down.told] == [metrics]
    for said, tells in ((None, 1), (metrics, 0)):
        down.told.clear()
        rooms = {device.id: device.room.value for device in small_home().devices if device.id != "gateway"}
        status = replace(status, placed=rooms, settings={"version": 4, **({} if said is None else {"scope": said})})
        rig.take(StatusCame(HOME, status, rig.answers.append, "local"))
        assert len(down.told) == tells


def test_withdrawing_begins_an_erasure_after_the_time_of_grace(rig: Rig) -> None:
    rig.stores.erasures.grace_days = 2
    decide(rig, ALL)
    assert rig.stores.erasures.of(HOME) == []
    withdraw(rig, Data.MOVEMENT, Data.DOORS)

    (job,) = rig.stores.erasures.of(HOME)
    assert (job.data, job.by, job.due_at) == ({Data.MOVEMENT, Data.DOORS}, "Jo", START + 2 * DAY)
    assert rig.stores.erasures.due(START + DAY) is None
    assert rig.stores.erasures.due(START + 2 * DAY) == job

    decide(rig, replace(ALL, scope=EVERYTHING - {Data.MOVEMENT}))
    assert rig.stores.erasures.of(HOME)[0].data == {Data.MOVEMENT}
    decide(rig, ALL)
    assert rig.stores.erasures.of(HOME)[0].state == "called off"


def test_every_decision_stays_and_what_people_said_is_sealed(rig: Rig, tmp_path: Path) -> None:
    decide(rig, ALL)
    withdraw(rig, Data.POWER)
    history = rig.stores.consents.history(HOME, limit=9)[::-1]
    assert [(one.decision.note, one.by) for one in history] == [("read to her", "Jo"), ("by telephone", "Jo")]
    assert history[1].decision.scope == EVERYTHING - {Data.POWER}
    assert history[1].decision.review_on == ALL.review_on
    files = b"".join(path.read_bytes() for path in tmp_path.glob("hub.db*"))
    assert b"consent" in files
    assert b"Okafor" not in files
    assert b"read to her" not in files


def test_of_two_who_decide_at_once_the_second_is_told_so(rig: Rig) -> None:
    for decision in (CLIMATE_ALONE, ALL):
        before = rig.stores.consents.current(HOME)
        version = 0 if before is None else before.version
        both = [Agree(HOME, decision, by, version) for by in ("Jo", "Sam")]
        rig.take(*both)
        assert [item.done.result(0) for item in both] == [Taken.DONE, Taken.STALE]
    assert [one.by for one in rig.stores.consents.history(HOME, limit=9)] == ["Jo", "Jo"]


def test_with_personal_data_locked_one_can_stop_but_not_agree(rig: Rig) -> None:
    decide(rig, CLIMATE_ALONE)
    rig.stores.consents.vault = None
    assert decide(rig, ALL) is Taken.LOCKED
    assert withdraw(rig, Data.CLIMATE) is Taken.DONE
    current = rig.stores.consents.current(HOME)
    assert current is not None
    assert current.decision.scope == frozenset()


def test_the_same_scope_again_is_no_entry_of_the_log(rig: Rig) -> None:
    decide(rig, CLIMATE_ALONE)
    decide(rig, replace(CLIMATE_ALONE, note="reviewed"))
    assert [one for one in rig.entries() if isinstance(one, ScopeSet)] == [ScopeSet(START + 0.001, CLIMATE_ALONE.scope)]
    assert len(rig.stores.consents.history(HOME, limit=9)) == 2


def test_records_that_are_missing_and_reviews_that_are_due_are_told(rig: Rig) -> None:
    due = START + 400 * DAY
    database = rig.stores.database
    assert consent_reminders(database, {HOME}, due) == [ConsentReminder(HOME)]
    decide(rig, ALL)
    assert consent_reminders(database, {HOME}, START) == []
    assert consent_reminders(database, {HOME}, due) == [ConsentReminder(HOME, ALL.review_on)]
    withdraw(rig, *Data)
    assert consent_reminders(database, {HOME}, due) == []


def test_of_an_unknown_home_nothing_is_agreed(rig: Rig) -> None:
    item = Agree("nowhere", ALL, "Jo")
    rig.take(item)
    assert item.done.result(0) is Taken.UNKNOWN


def test_each_act_is_in_the_chronology(rig: Rig) -> None:
    decide(rig, CLIMATE_ALONE)
    withdraw(rig, Data.CLIMATE)
    rows = rig.stores.database.raw.execute("SELECT act, home, about, detail FROM chronology ORDER BY number")
    assert [row for row in rows if row[0] == "consent_changed"] == [
        ("consent_changed", HOME, "consent", "climate"),
        ("consent_changed", HOME, "withdrawn", "climate"),
    ]
