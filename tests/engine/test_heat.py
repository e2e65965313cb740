"""What a quarter of an hour counts as: heated, unheated, doubtful, unknown."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sensor_hub.engine.civil import bin_of
from sensor_hub.engine.heat import COLD, DOUBTFUL, HEATED, UNKNOWN, cold_for, mark_of
from sensor_hub.engine.state import ThermalState
from sensor_hub.model.entry import Arrival
from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.room import Room
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, by_arrival, moment
from tests.winter import outdoor_home

START = moment("2026-01-05 00:00")
EVENING, MORNING = START + 19 * HOUR, START + 11 * HOUR
KITCHEN = Device("climate-kitchen", Room.KITCHEN, frozenset({Metric.TEMPERATURE, Metric.HUMIDITY}))
Course = Callable[[float], float | None]


def _home() -> Home:
    home = outdoor_home()
    return replace(home, devices=(*home.devices, KITCHEN))


def _flat(_at: float) -> float:
    return 18.0


def _rises(since: float) -> Course:
    return lambda at: 18.0 + max(at - since, 0.0) / HOUR


def _aired(since: float) -> Course:
    return lambda at: 18.0 if at < since else 15.5 + (at - since) / HOUR * 2


def _log(
    end: float, living: Course, bedroom: Course, *, outdoors: float = 5.0, humidity: Course = _flat
) -> list[Arrival]:
    log, at = [], START
    while at < end:
        for device, metric, value in (
            ("climate-living", Metric.TEMPERATURE, living(at)),
            ("climate-bedroom", Metric.TEMPERATURE, bedroom(at)),
            ("climate-kitchen", Metric.HUMIDITY, humidity(at)),
            ("outdoor", Metric.TEMPERATURE, outdoors),
        ):
            if value is not None:
                log.append(arrival(at, device, metric, value))
        at += 5 * MINUTE
    return by_arrival(log)


def _thermal(log: list[Arrival]) -> ThermalState:
    watch = HomeWatch.begin(_home())
    for one in log:
        watch.feed(one)
    watch.tick_past(log[-1].received + 20 * MINUTE)
    return watch.state.engine.thermal


def _steam(since: float) -> Course:
    return lambda at: 50.0 if at < since else 65.0


@pytest.mark.parametrize(
    ("since", "living", "bedroom", "outdoors", "humidity", "expected"),
    [
        (EVENING, _rises(EVENING), _rises(EVENING), 5.0, _flat, HEATED),
        (EVENING, _rises(EVENING), _flat, 5.0, _flat, HEATED),
        (EVENING, _flat, _flat, 5.0, _flat, COLD),
        (MORNING, _rises(MORNING), _rises(MORNING), 5.0, _flat, HEATED),
        (MORNING, _rises(MORNING), _flat, 5.0, _flat, DOUBTFUL),
        (EVENING, _rises(EVENING), _rises(EVENING), 17.0, _flat, DOUBTFUL),
        (EVENING, _aired(EVENING), _aired(EVENING), 5.0, _flat, DOUBTFUL),
        (EVENING, _rises(EVENING), _rises(EVENING), 5.0, _steam(EVENING), DOUBTFUL),
        (EVENING, _rises(EVENING), lambda at: None, 5.0, _flat, UNKNOWN),
    ],
    ids=["heated", "one room", "cold", "both by day", "the sun", "mild", "an airing", "cooking", "a sensor is missing"],
)
def test_the_mark(
    since: float, living: Course, bedroom: Course, outdoors: float, humidity: Course, expected: int
) -> None:
    thermal = _thermal(_log(since + HOUR, living, bedroom, outdoors=outdoors, humidity=humidity))
    assert mark_of(thermal, bin_of(since + 50 * MINUTE)) == expected


def test_a_time_of_which_little_was_seen_is_not_one_without_heat() -> None:
    def gone(at: float) -> float | None:
        return None if START + 6 * HOUR <= at < START + 20 * HOUR else 18.0

    seen, unseen = _log(START + DAY, _flat, _flat), _log(START + DAY, gone, gone)

    assert cold_for(_thermal(seen)) >= 22 * HOUR
    assert cold_for(_thermal(unseen)) <= 5 * HOUR
