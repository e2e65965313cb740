"""What every history answers: the log's own table, and InfluxDB filled from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from sensor_hub.history.port import Bin, History, HourRow, Measure, Of, Window
from sensor_hub.influx.server import InfluxServer
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY
from sensor_hub.model.reading import Reading
from sensor_hub.storage.database import Database
from sensor_hub.storage.log_history import LogHistory
from sensor_hub.storage.stores import SqlStores
from tests.influx.filled import START, Filled, filled, own_address, reading, store
from tests.influxdb import Influx, start_influx
from tests.postgres import fresh_database

HOME = "flat-12"
Asked = Callable[[Sequence[Reading]], History]


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


@pytest.fixture
def on_postgresql(influx: Influx) -> Iterator[Filled]:
    with fresh_database() as address:
        database = Database(address)
        database.open()
        hub = Filled(SqlStores(database), InfluxServer(own_address(influx)))
        yield hub
        hub.close()


@pytest.fixture(params=["log-sqlite", "log-postgresql", "influxdb-sqlite", "influxdb-postgresql"])
def of_readings(request: pytest.FixtureRequest) -> Asked:
    """The history of a home of which the log has these readings, beside another's."""

    what, _, database = request.param.partition("-")
    hub: Filled = request.getfixturevalue("hub" if database == "sqlite" else "on_postgresql")

    def made(readings: Sequence[Reading]) -> History:
        if readings:
            store(hub.stores, readings)
        store(hub.stores, [reading(60.0), reading(90.0, "climate", Metric.TEMPERATURE, 5.0)], home="flat-13")
        if what == "log":
            return LogHistory(hub.stores.database)
        hub.feed.turn()
        return hub.history

    return made


def warm(after: float, value: float, device: str = "climate") -> Reading:
    return reading(after, device, Metric.TEMPERATURE, value)


def pressed(after: float, action: str) -> Reading:
    return reading(after, "button", Metric.BUTTON, action)


def window(start: float, end: float, width: int) -> Window:
    return Window(START + start, START + end, width)


def test_how_many_readings_each_device_had_in_each_bin(of_readings: Asked) -> None:
    history = of_readings(
        [reading(0.0), reading(0.25, value=0.0), pressed(899.999, "1"), reading(900.0), warm(5.0, 1.0)]
    )
    found = history.bins(Of(HOME), window(0, 1800, 900), Measure.COUNT)
    assert list(found) == [
        Bin("button", START, 1.0),
        Bin("climate", START, 1.0),
        Bin("motion-hall", START, 2.0),
        Bin("motion-hall", START + 900, 1.0),
    ]


def test_only_what_is_in_the_window(of_readings: Asked) -> None:
    history = of_readings([reading(-0.001), reading(0.0), reading(1799.999), reading(1800.0)])
    found = history.bins(Of(HOME), window(0, 1800, 1800), Measure.COUNT)
    assert list(found) == [Bin("motion-hall", START, 2.0)]


def test_how_often_a_device_said_one(of_readings: Asked) -> None:
    history = of_readings([reading(1.0), reading(2.0, value=0.0), reading(3.0), pressed(4.0, "1"), warm(5.0, 1.0)])
    movement = Of(HOME, metrics=frozenset({Metric.MOTION, Metric.CONTACT, Metric.BUTTON}))
    assert list(history.bins(movement, window(0, 900, 900), Measure.ONES)) == [Bin("motion-hall", START, 2.0)]
    still = history.bins(Of(HOME, "climate", frozenset({Metric.MOTION})), window(0, 900, 900), Measure.ONES)
    assert list(still) == []


def test_the_mean_of_a_bin(of_readings: Asked) -> None:
    history = of_readings([warm(0.0, 19.5), warm(10.0, 20.5), warm(900.0, -3.25), warm(5.0, 17.0, "bedroom")])
    found = history.bins(Of(HOME, metrics=frozenset({Metric.TEMPERATURE})), window(0, 1800, 900), Measure.MEAN)
    assert list(found) == [
        Bin("bedroom", START, 17.0),
        Bin("climate", START, 20.0),
        Bin("climate", START + 900, -3.25),
    ]


def test_bins_of_hours_and_days_weigh_each_reading_alike(of_readings: Asked) -> None:
    """And not each hour: the second has one reading, the first three."""
    values = [
        warm(0.0, 10.0),
        warm(1.0, 10.0),
        warm(2.0, 10.0),
        warm(3600.0, 30.0),
        reading(7200.0),
        pressed(1.0, "on"),
    ]
    history = of_readings(values)
    end, begin = 86400.0 - START % 86400, -(START % 86400)
    day = window(begin, end, 86400)
    heat = Of(HOME, metrics=frozenset({Metric.TEMPERATURE}))
    assert list(history.bins(heat, day, Measure.MEAN)) == [Bin("climate", START + begin, 15.0)]
    assert [each.value for each in history.bins(Of(HOME), day, Measure.COUNT)] == [1.0, 4.0, 1.0]
    assert list(history.bins(Of(HOME), day, Measure.ONES)) == [Bin("motion-hall", START + begin, 1.0)]
    assert [each.at - START for each in history.bins(heat, window(0, 7200, 3600), Measure.COUNT)] == [0.0, 3600.0]


def test_the_hours_of_each_series(of_readings: Asked) -> None:
    history = of_readings(
        [warm(0.0, 19.0), warm(1800.0, 21.5), warm(3599.999, 19.5), warm(3600.0, 18.0), pressed(7.0, "x")]
    )
    assert list(history.hours(Of(HOME), START, START + 7200)) == [
        HourRow("button", Metric.BUTTON, START, 1, None, None, None),
        HourRow("climate", Metric.TEMPERATURE, START, 3, 19.0, 20.0, 21.5),
        HourRow("climate", Metric.TEMPERATURE, START + 3600, 1, 18.0, 18.0, 18.0),
    ]
    assert [row.at for row in history.hours(Of(HOME, "climate"), START + 1, START + 3601)] == [START + 3600]


def test_readings_as_they_were_made(of_readings: Asked) -> None:
    made = [
        reading(0.001, "a"),
        pressed(0.001, 'say "hi", \\ it\'s = 1,5'),
        warm(0.001, 20.123456789),
        warm(3 * DAY, -0.0001),
        reading(40 * DAY, value=0.0),
    ]
    history = of_readings([*reversed(made), reading(-0.001), reading(50 * DAY)])
    assert list(history.readings(Of(HOME), START, START + 50 * DAY)) == made
    assert list(history.readings(Of(HOME, "climate"), 0.0, START + DAY)) == [made[2]]
    contacts = Of(HOME, metrics=frozenset({Metric.CONTACT, Metric.BUTTON}))
    assert list(history.readings(contacts, 0.0, START + DAY)) == [made[1]]


def test_more_readings_than_are_read_at_once(of_readings: Asked) -> None:
    made = [warm(number * 7.0, number / 8) for number in range(25_000)]
    history = of_readings(made)
    assert list(history.readings(Of(HOME), START, START + 3 * DAY)) == made


def test_a_home_of_which_nothing_is_known(of_readings: Asked) -> None:
    history = of_readings([])
    other = Of("it's 'nobody")
    assert list(history.bins(other, window(0, 900, 900), Measure.COUNT)) == []
    assert list(history.hours(other, START, START + DAY)) == []
    assert list(history.readings(other, START, START + DAY)) == []
