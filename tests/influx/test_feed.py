"""Filling InfluxDB from the log: nothing is lost, nothing is there twice, and nothing stops it for good."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor_hub.history.port import Measure, Of, Window
from sensor_hub.influx.feed import InfluxFeed
from sensor_hub.influx.server import InfluxError, InfluxServer, Trouble
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY
from sensor_hub.storage.log_tail import LogTail
from sensor_hub.storage.old_readings import OldReadings
from tests.influx.filled import START, Filled, Time, filled, own_address, reading, store
from tests.influxdb import Influx, start_influx
from tests.storage.stores import open_fresh
from tests.waiting import wait_for

HOUR_OF_START = Window(START, START + 3600, 3600)


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    server = start_influx(tmp_path_factory.mktemp("influx"))
    yield server
    server.stop()


@pytest.fixture
def hub(tmp_path: Path, influx: Influx) -> Iterator[Filled]:
    hub = filled(tmp_path, influx)
    yield hub
    hub.close()
    influx.start()


def counted(hub: Filled, influx: Influx) -> tuple[int, int]:
    """How many readings both buckets have."""
    address = hub.server.address
    readings = influx.count('SELECT count("value") FROM reading', address.bucket)
    return readings, influx.count('SELECT sum("count") FROM hour', address.hours_bucket)


def minutes(first: int, behind: int) -> list[tuple[int, float]]:
    return [(number, number * 60.0) for number in range(first, behind)]


def came(hub: Filled, first: int, behind: int) -> None:
    """A reading a minute, each as a batch of its own."""
    for _, after in minutes(first, behind):
        store(hub.stores, [reading(after)])


def test_what_came_while_the_server_was_down_is_there_once_afterwards(hub: Filled, influx: Influx) -> None:
    came(hub, 0, 10)
    hub.feed.turn()
    influx.kill()
    came(hub, 10, 20)
    with pytest.raises(InfluxError) as failed:
        hub.feed.turn()
    assert failed.value.trouble is Trouble.UNREACHABLE
    assert hub.feed.numbers().behind_entries == 10
    influx.start()
    hub.feed.turn()
    assert counted(hub, influx) == (20, 20)
    assert hub.feed.numbers().behind_entries == 0


def test_the_thread_goes_on_by_itself_when_the_server_is_back(
    hub: Filled, influx: Influx, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    came(hub, 0, 10)
    source, place, time = LogTail(hub.stores.database), hub.place, Time()
    feed = InfluxFeed(source, place, hub.server, time, every=0.02)
    feed.start()
    try:
        wait_for(lambda: place.position() == source.head(), what="the first fill")
        influx.kill()
        came(hub, 10, 30)
        wait_for(lambda: "takes nothing" in caplog.text, what="word of the outage")
        influx.start()
        came(hub, 30, 40)
        wait_for(lambda: place.position() == source.head(), what="the rest")
    finally:
        feed.stop(30.0)
    assert counted(hub, influx) == (40, 40)
    assert caplog.text.count("takes nothing") == 1
    assert "takes readings again" in caplog.text


def test_a_hub_that_was_killed_before_it_kept_the_place_gives_the_same_again(hub: Filled, influx: Influx) -> None:
    came(hub, 0, 10)
    hub.feed.turn()
    hub.place.keep(4)
    came(hub, 10, 12)
    hub.new_feed().turn()
    assert counted(hub, influx) == (12, 12)


@pytest.mark.parametrize("hours_only", [False, True])
@pytest.mark.parametrize("made_anew", [False, True])
def test_a_database_that_was_dropped_is_filled_again(
    hub: Filled, influx: Influx, caplog: pytest.LogCaptureFixture, hours_only: bool, made_anew: bool
) -> None:
    came(hub, 0, 10)
    hub.feed.turn()
    names = list(hub.server.address.buckets)[1 if hours_only else 0 :]
    for name in names:
        influx.ask(f'DROP DATABASE "{name}"')
        if made_anew:
            influx.ask(f'CREATE DATABASE "{name}"')
    came(hub, 10, 11)
    hub.feed.turn()
    assert counted(hub, influx) == (11, 11)
    assert "has nothing any more" in caplog.text


def test_a_database_that_was_dropped_while_nothing_came_is_filled_again(hub: Filled, influx: Influx) -> None:
    came(hub, 0, 10)
    hub.feed.turn()
    influx.ask(f'DROP DATABASE "{hub.server.address.bucket}"')
    hub.feed.turn()
    assert counted(hub, influx) == (10, 10)


def test_a_database_that_was_put_back_from_an_old_copy_is_filled_from_there(
    hub: Filled, influx: Influx, caplog: pytest.LogCaptureFixture
) -> None:
    came(hub, 0, 10)
    hub.feed.turn()
    old = LogTail(hub.stores.database).head()
    came(hub, 10, 20)
    hub.feed.turn()
    bucket = hub.server.address.bucket
    influx.ask(f"DELETE FROM reading WHERE time >= {round(START * 1000) + 600_000}ms", bucket)
    day = round(hub.time.wall() // DAY * DAY * 1000)
    hub.server.write(bucket, [f"fed,hub={hub.place.hub()} position={old}i {day}"])
    hub.feed.turn()
    assert counted(hub, influx) == (20, 20)
    assert f"only what the log had up to entry {old}" in caplog.text


def test_the_mark_of_another_hub_is_not_taken_for_its_own(hub: Filled, influx: Influx, tmp_path: Path) -> None:
    came(hub, 0, 10)
    hub.feed.turn()
    other = Filled(open_fresh(tmp_path / "other"), InfluxServer(hub.server.address))
    store(other.stores, [reading(1.0)], home="flat-99")
    other.feed.turn()
    found = other.history.bins(Of("flat-99"), HOUR_OF_START, Measure.COUNT)
    assert [each.value for each in found] == [1.0]
    other.close()


def test_what_is_older_than_the_history_keeps_is_counted_and_stops_nothing(
    tmp_path: Path, influx: Influx, caplog: pytest.LogCaptureFixture
) -> None:
    hub = Filled(open_fresh(tmp_path), InfluxServer(own_address(influx, days=300)), Time(influx.now()))
    old, new = influx.now() - 301 * DAY, influx.now() - 60
    readings = [reading(old - START), reading(old + 30 - START), reading(new - START)]
    store(hub.stores, readings)
    hub.feed.turn()
    assert list(hub.history.readings(Of("flat-12"), 0.0, new + 1)) == [readings[2]]
    assert (hub.feed.numbers().beyond, hub.feed.numbers().behind_entries) == (2, 0)
    assert "2 readings or hours are older than the history keeps" in caplog.text
    assert influx.count('SELECT sum("count") FROM hour', hub.server.address.hours_bucket) == 3
    hub.feed.turn()
    assert hub.feed.numbers().beyond == 2
    hub.close()


def test_a_hub_whose_clock_is_far_behind_is_told_and_loses_nothing(tmp_path: Path, influx: Influx) -> None:
    hub = Filled(open_fresh(tmp_path), InfluxServer(own_address(influx, days=30)), Time(influx.now() - 40 * DAY))
    store(hub.stores, [reading(influx.now() - START)])
    with pytest.raises(InfluxError) as failed:
        hub.feed.turn()
    assert (failed.value.trouble, hub.place.position()) == (Trouble.CLOCK, 0)
    hub.time.at = influx.now()
    hub.feed.turn()
    assert counted(hub, influx) == (1, 1)
    hub.close()


def test_what_the_server_does_not_take_for_another_reason_is_counted_and_told(
    hub: Filled, influx: Influx, caplog: pytest.LogCaptureFixture
) -> None:
    hub.server.prepare()
    hub.server.write(hub.server.address.bucket, [f'reading,home=strange value="text" {round(START * 1000)}'])
    store(hub.stores, [reading(0.0), reading(1.0, "button", Metric.BUTTON, "single")])
    hub.feed.turn()
    assert (hub.feed.numbers().refused, hub.feed.numbers().behind_entries) == (1, 0)
    assert "1 readings or hours were not taken by the history: 400 partial write: field type conflict" in caplog.text
    assert [each.value for each in hub.history.readings(Of("flat-12"), START, START + 9)] == ["single"]


def test_a_late_reading_is_in_its_hour(hub: Filled) -> None:
    store(hub.stores, [reading(0.0, "climate", Metric.TEMPERATURE, 18.0), reading(7200.0)])
    hub.feed.turn()
    store(hub.stores, [reading(60.0, "climate", Metric.TEMPERATURE, 20.0)])
    hub.feed.turn()
    (hour,) = hub.history.hours(Of("flat-12", "climate"), START, START + 3600)
    assert (hour.count, hour.mean) == (2, 19.0)


def test_whether_the_history_has_all_is_known_only_for_a_moment(hub: Filled, influx: Influx) -> None:
    assert not hub.feed.has_all()
    came(hub, 0, 1)
    hub.feed.turn()
    assert hub.feed.has_all()
    hub.time.seconds = 29.0
    assert hub.feed.has_all()
    hub.time.seconds = 31.0
    assert not hub.feed.has_all()
    assert hub.feed.numbers().behind_seconds == 31.0


def test_a_home_that_is_erased_is_gone_from_both_buckets(hub: Filled, influx: Influx) -> None:
    came(hub, 0, 10)
    store(hub.stores, [reading(0.0)], home="flat-13")
    hub.feed.turn()
    hub.feed.erase("flat-12", None)
    assert counted(hub, influx) == (1, 1)


def test_of_data_that_are_erased_only_what_the_log_still_has_is_left(hub: Filled, influx: Influx) -> None:
    store(hub.stores, [reading(0.0), reading(0.0, "lamp", Metric.BATTERY, 80.0), reading(0.0, "lamp")])
    store(hub.stores, [reading(5.0, "climate", Metric.TEMPERATURE, 20.0)])
    hub.feed.turn()
    with hub.stores.database.transaction() as connection:
        others = "SELECT id FROM series WHERE metric != 'temperature'"
        connection.exec_driver_sql(f"DELETE FROM reading WHERE series IN ({others})")
        connection.exec_driver_sql("DELETE FROM series WHERE device = 'lamp'")
    # Agreed to again since.
    store(hub.stores, [reading(9000.0)])
    hub.feed.turn()
    hub.feed.erase("flat-12", frozenset({Metric.MOTION}))
    left = [reading(5.0, "climate", Metric.TEMPERATURE, 20.0), reading(9000.0)]
    assert list(hub.history.readings(Of("flat-12"), START, START + DAY)) == left
    assert [(row.device, row.count) for row in hub.history.hours(Of("flat-12"), START, START + DAY)] == [
        ("climate", 1),
        ("motion-hall", 1),
    ]


def test_what_cannot_be_erased_now_is_no_success(hub: Filled, influx: Influx) -> None:
    hub.feed.erase("flat-12", None)
    came(hub, 0, 1)
    hub.feed.turn()
    influx.kill()
    with pytest.raises(InfluxError):
        hub.feed.erase("flat-12", None)
    influx.start()
    assert counted(hub, influx) == (1, 1)


def test_hours_of_which_the_log_keeps_no_readings_are_given_again_and_late_ones_are_added(
    hub: Filled, influx: Influx
) -> None:
    cold = [reading(at, "climate", Metric.TEMPERATURE, value) for at, value in ((0.0, 18.0), (60.0, 19.0))]
    store(hub.stores, [*cold, reading(5.0, "button", Metric.BUTTON, "single"), reading(9000.0)])
    hub.stores.snapshots.save("flat-12", hub.stores.tally.position(), None, b"")
    OldReadings(hub.stores.database).forget("flat-12", START + 3600, lambda: False)
    hub.feed.turn()
    late = reading(120.0, "climate", Metric.TEMPERATURE, 23.0)
    store(hub.stores, [late])
    hub.feed.turn()

    def told() -> list[tuple[str, float, int, float | None]]:
        found = hub.history.hours(Of("flat-12"), START, START + DAY)
        return [(row.device, row.at - START, row.count, row.mean) for row in found]

    all_hours = [("button", 0.0, 1, None), ("climate", 0.0, 3, 20.0), ("motion-hall", 7200.0, 1, 1.0)]
    assert told() == all_hours
    for bucket in hub.server.address.buckets:
        influx.ask(f'DROP DATABASE "{bucket}"')
    hub.feed.turn()
    assert told() == all_hours
    assert list(hub.history.readings(Of("flat-12"), START, START + DAY)) == [late, reading(9000.0)]
