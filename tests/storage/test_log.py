from __future__ import annotations

import random

import pytest

from sensor_hub.model.alert import Outcome
from sensor_hub.model.entry import AbsenceTold, Arrival, HomeSet, HubAway, OutcomeTold, PlacementTold
from sensor_hub.model.home import Absence, Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Placed, Room
from sensor_hub.storage.stores import SqlStores

T = 1_767_605_000.0
HOME = Home("h1", "Europe/London", 1, (Device("m1", Room.HALL, frozenset({Metric.MOTION}), 600.0),))


def motion(at: float, device: str = "m1", value: float = 1.0) -> Reading:
    return Reading(at, device, Metric.MOTION, value)


def test_a_batch_comes_back_in_order_of_moment_device_and_metric(stores: SqlStores) -> None:
    batch = [motion(T + 5.001), motion(T, "m2"), Reading(T, "m1", Metric.BATTERY, 99.5), motion(T)]
    appended = stores.log.append_readings("h1", T + 9, batch)
    assert appended is not None
    assert appended.readings == [batch[2], batch[3], batch[1], batch[0]]
    assert list(stores.log.read("h1")) == [(1, Arrival(T + 9, reading)) for reading in appended.readings]


def test_a_repeat_is_dropped_and_the_first_stays(stores: SqlStores) -> None:
    stores.log.append_readings("h1", T, [motion(T)])
    again = stores.log.append_readings("h1", T + 1, [motion(T, value=0.0), motion(T + 1), motion(T + 1, value=0.0)])
    assert again is not None
    assert again.readings == [motion(T + 1)]
    assert [entry.reading for _, entry in stores.log.read("h1") if isinstance(entry, Arrival)] == [
        motion(T),
        motion(T + 1),
    ]


def test_a_batch_with_nothing_new_makes_no_entry(stores: SqlStores) -> None:
    stores.log.append_readings("h1", T, [motion(T)])
    assert stores.log.append_readings("h1", T + 60, [motion(T)]) is None
    assert stores.log.append_readings("h1", T + 60, []) is None
    assert stores.log.last_received("h1") == T


@pytest.mark.parametrize("action", ["single", "1", "1e3", "=", "nan", "ärger"])
def test_the_name_of_a_buttons_action_stays_text(stores: SqlStores, action: str) -> None:
    press = Reading(T, "b", Metric.BUTTON, action)
    stores.log.append_readings("h1", T, [press])
    assert list(stores.log.read("h1")) == [(1, Arrival(T, press))]


def test_homes_do_not_see_each_other(stores: SqlStores) -> None:
    stores.log.append_readings("h1", T, [motion(T)])
    stores.log.append_readings("h2", T, [motion(T, value=0.0)])
    assert list(stores.log.read("h2")) == [(2, Arrival(T, motion(T, value=0.0)))]
    assert list(stores.log.read("h3")) == []
    assert stores.log.last_received("h3") is None


def test_every_other_entry_comes_back_as_it_was(stores: SqlStores) -> None:
    entries = [
        HomeSet(T, HOME),
        HubAway(T + 1, T - 600, T + 1),
        AbsenceTold(T + 2, Absence(T, T + 3600, T + 2)),
        OutcomeTold(T + 3, "a1", "Ann", None),
        OutcomeTold(T + 4, "a1", "Ann", Outcome.FALSE),
        HomeSet(T + 5, Home("h1", "Europe/Paris", 2)),
    ]
    positions = [stores.log.append("h1", entry) for entry in entries]
    assert list(stores.log.read("h1")) == list(zip(positions, entries, strict=True))
    assert list(stores.log.read("h1", positions[3])) == list(zip(positions, entries, strict=True))[4:]
    assert stores.log.first_home("h1") == HOME
    assert stores.log.last_home("h1") == Home("h1", "Europe/Paris", 2)


def test_a_long_log_with_a_late_backlog_is_read_whole_from_any_position(
    stores: SqlStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sensor_hub.storage.log.CHUNK", 7)
    rng = random.Random(1)
    kept: list[tuple[int, Arrival]] = []
    for number in range(60):
        start = T - 86400 * rng.randrange(30) if number % 9 == 0 else T + 60 * number
        batch = [motion(start + rng.randrange(50), f"m{rng.randrange(3)}") for _ in range(rng.randrange(1, 6))]
        appended = stores.log.append_readings("h1", T + 60 * number, batch)
        if appended is not None:
            kept += [(appended.position, Arrival(T + 60 * number, reading)) for reading in appended.readings]
    assert list(stores.log.read("h1")) == kept
    for after in (1, 20, kept[-1][0]):
        assert list(stores.log.read("h1", after)) == [row for row in kept if row[0] > after]


def test_what_a_rolled_back_transaction_made_is_forgotten(stores: SqlStores) -> None:
    def append_and_fail() -> None:
        with stores.database.transaction():
            stores.log.append_readings("h1", T, [motion(T)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        append_and_fail()
    stores.log.append_readings("h2", T, [motion(T)])
    appended = stores.log.append_readings("h1", T, [motion(T)])
    assert appended is not None
    assert [entry for _, entry in stores.log.read("h1")] == [Arrival(T, motion(T))]


def test_a_reading_takes_thirty_bytes_or_less(sqlite_stores: SqlStores) -> None:
    rng = random.Random(2)
    at = T
    empty = on_disk(sqlite_stores)
    for _ in range(100):
        batch = []
        for _ in range(300):
            at += rng.random() * 20
            metric, value = rng.choice([(Metric.MOTION, 1.0), (Metric.TEMPERATURE, round(rng.uniform(15, 25), 1))])
            batch.append(Reading(round(at, 3), f"0x00158d0001a2b3{rng.randrange(12):02x}", metric, value))
        sqlite_stores.log.append_readings("h1", at, batch)
    assert (on_disk(sqlite_stores) - empty) / 30_000 <= 30


def on_disk(stores: SqlStores) -> int:
    stores.database.connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert stores.database.path is not None
    return stores.database.path.stat().st_size


def test_a_home_stands_as_its_entries_say_and_is_found_without_its_readings(stores: SqlStores) -> None:
    assert stores.log.description("h1") is None
    stores.log.append("h1", HomeSet(T, HOME))
    stores.log.append_readings("h1", T + 1, [motion(T, "new")])
    stores.log.append("h1", PlacementTold(T + 2, "new", Room.STUDY, "Jo"))
    described = stores.log.description("h1")
    assert described is not None
    assert described.home().devices[-1] == Device("new", Room.STUDY, frozenset({Metric.MOTION}))
    assert described.placed()["new"] == Placed(Room.STUDY, T + 2)


def test_what_describes_a_home_is_found_by_an_index(sqlite_stores: SqlStores) -> None:
    asked: list[str] = []
    sqlite_stores.database.raw.set_trace_callback(asked.append)
    sqlite_stores.log.stays("h1")
    sqlite_stores.log.last_home("h1")
    sqlite_stores.database.raw.set_trace_callback(None)
    for select in asked:
        plan = sqlite_stores.database.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {select}").all()
        assert "USING INDEX entry_not_readings" in plan[0][3]
    assert len(asked) == 2
