"""Heating that is off or fails, and a home about to be cold, in a simulated winter."""

from collections.abc import Callable
from datetime import datetime

import pytest

from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.entry import Arrival
from sensor_hub.model.finding import Learning, Unfitted
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import LONDON, changes, moment, small_home
from tests.winter import House, always, outdoor_home, temperatures, winter_log

START = moment("2026-01-05 00:00")
STOPS = START + 12 * DAY + 1 * HOUR
CLIMATE = {Kind.COLD, Kind.HEATING_OFF}


def _stops(before: float = 2.0, after: float = 0.0) -> Callable[[float], float]:
    return lambda at: before if at < STOPS else after


def _told(log: list[Arrival], *kinds: Kind) -> list[AlertChange]:
    return [change for change in changes(outdoor_home(), log) if change.kind in (kinds or CLIMATE)]


def _watch(house: House, days: float = 12.0) -> HomeWatch:
    watch = HomeWatch.begin(outdoor_home())
    for one in winter_log(house, START, START + days * DAY):
        watch.feed(one)
    return watch


def test_the_time_constant_of_the_house_is_found() -> None:
    taus = _watch(House(tau=30.0, gains=0.0)).state.engine.thermal.taus
    assert taus["climate-living"] == pytest.approx(30.0, rel=0.15)


def test_a_heated_winter_is_told_nothing_of() -> None:
    assert _told(winter_log(House(), START, START + 16 * DAY)) == []


def test_a_failed_boiler_is_told_before_the_room_is_below_16_and_in_one_alert() -> None:
    house = House(power=_stops(), tau=60.0)
    rows = temperatures(house, START, STOPS + 2 * DAY)
    crosses = next(at for at, value in rows if at > STOPS and value < 16.0)

    told = _told(winter_log(house, START, STOPS + 2 * DAY), Kind.COLD)

    assert [(change.state, change.urgency) for change in told] == [(AlertState.RAISED, Urgency.SOON)]
    assert told[0].at < crosses - HOUR
    assert "and falling, at this rate 16 °C about" in told[0].summary
    assert told[0].at + float(told[0].evidence["hours_to_16"]) * HOUR == pytest.approx(crosses, abs=5 * HOUR)


def test_a_home_that_cools_every_night_is_not_about_to_be_cold() -> None:
    told = _told(winter_log(House(tau=18.0, outdoors=6.0, target=21.0), START, START + 16 * DAY))
    assert all(change.urgency is Urgency.NOTICE and "falling" not in change.summary for change in told)


def test_days_without_heat_in_a_home_that_stays_above_16_are_told() -> None:
    house = House(power=_stops(), tau=30.0, outdoors=9.9, swing=0.5, gains=0.21, target=17.6)

    told = _told(winter_log(house, START, STOPS + 6 * DAY), Kind.HEATING_OFF)

    assert [(c.state, c.urgency) for c in told] == [
        (AlertState.RAISED, Urgency.NOTICE),
        (AlertState.UPDATED, Urgency.SOON),
    ]
    assert 1.8 * DAY <= told[0].at - STOPS <= 3 * DAY
    assert told[0].summary.startswith("No heating seen since ")
    assert told[0].summary.endswith("It cools as this home does without heat.")


def test_a_boiler_that_gives_a_third_is_failing() -> None:
    house = House(power=_stops(2.0, 0.6), tau=30.0, outdoors=2.0)

    told = _told(winter_log(house, START, STOPS + 5 * DAY), Kind.HEATING_OFF)

    assert told
    assert "Heating was seen, but it warmed the home by only" in told[0].summary


def test_a_home_heated_gently_all_day_is_silent() -> None:
    def gently(at: float) -> float:
        return 0.5 if at >= START + 5 * DAY else 2.0

    house = House(power=gently, target=17.6, is_on=lambda clock: True, outdoors=3.0)
    assert _told(winter_log(house, START, START + 14 * DAY), Kind.HEATING_OFF) == []


def test_missing_readings_are_no_evidence_of_no_heating() -> None:
    house = House(outdoors=8.0, target=17.8)
    log = winter_log(house, START, START + 18 * DAY)
    seen = [
        one
        for one in log
        if one.reading.metric is not Metric.TEMPERATURE
        or one.reading.at < STOPS
        or datetime.fromtimestamp(one.reading.at, LONDON).hour in {3, 4, 13}
    ]
    assert _told(seen, Kind.HEATING_OFF) == []


def test_a_home_without_a_thermometer_outdoors_says_so() -> None:
    home = small_home()
    watch = HomeWatch.begin(home)
    for one in winter_log(House(power=_stops()), START, STOPS + 4 * DAY, home=home):
        watch.feed(one)

    found = [finding for finding in watch.findings or [] if finding.kind is Kind.HEATING_OFF]

    assert [type(finding) for finding in found] == [Unfitted]


def test_a_home_never_heated_is_learning_and_silent() -> None:
    watch = _watch(House(power=always(0.0), outdoors=13.0, target=17.0, gains=0.1))
    found = [finding for finding in watch.findings or [] if finding.kind is Kind.HEATING_OFF]
    assert [type(finding) for finding in found] == [Learning]
