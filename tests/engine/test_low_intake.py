"""Heat together with fewer visits to the kitchen and the bathroom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.model.entry import Arrival
from sensor_hub.model.finding import Finding, Unfitted
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.room import Room
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, moment, raised, small_home, whole_log

START = moment("2026-06-01 00:00")
FROM = START + 10 * DAY + 8 * HOUR
KITCHEN, BATHROOM = "motion-kitchen", "motion-bathroom"


def _log(*, hot: bool, fewer: tuple[str, ...]) -> list[Arrival]:
    """Ten ordinary days, then a day and a half with one movement in five in the rooms of `fewer`."""
    log, seen = [], 0
    for one in whole_log(small_home(), START, FROM + 1.5 * DAY):
        reading = one.reading
        if reading.at >= FROM and reading.metric is Metric.MOTION and reading.device in fewer:
            seen += 1
            if seen % 5:
                continue
        if reading.at >= FROM and hot and reading.metric is Metric.TEMPERATURE and isinstance(reading.value, float):
            warmer = 8.0 * min((reading.at - FROM) / (3 * HOUR), 1.0)
            reading = replace(reading, value=reading.value + warmer)
        log.append(Arrival(one.received, reading))
    return log


def test_heat_with_few_visits_to_both_is_told_today() -> None:
    told = [
        one for one in raised(small_home(), _log(hot=True, fewer=(KITCHEN, BATHROOM))) if one.kind is Kind.LOW_INTAKE
    ]
    assert [one.urgency for one in told] == [Urgency.SOON]
    assert 6 * HOUR <= told[0].at - FROM <= 24 * HOUR
    assert told[0].summary.startswith("Hot (")
    assert "fewer visits to the kitchen (" in told[0].summary
    assert "So few of either come here about once in" in told[0].summary


def test_where_more_evidence_is_asked_for_it_is_not_told() -> None:
    watch = HomeWatch.begin(small_home())
    watch.engine.try_limits({Kind.LOW_INTAKE: 20.0})
    told = [one for entry in _log(hot=True, fewer=(KITCHEN, BATHROOM)) for one in watch.feed(entry)]
    assert Kind.OVERHEATING in {one.kind for one in told}
    assert Kind.LOW_INTAKE not in {one.kind for one in told}


@pytest.mark.parametrize(
    ("hot", "fewer"), [(True, ()), (True, (KITCHEN,)), (True, (BATHROOM,)), (False, (KITCHEN, BATHROOM))]
)
def test_two_of_the_three_are_not_enough(hot: bool, fewer: tuple[str, ...]) -> None:
    kinds = {one.kind for one in raised(small_home(), _log(hot=hot, fewer=fewer))}
    assert Kind.LOW_INTAKE not in kinds


def test_a_home_without_a_kitchen_sensor_is_not_fitted_for_it() -> None:
    home = small_home()
    watch = HomeWatch.begin(replace(home, devices=tuple(d for d in home.devices if d.room is not Room.KITCHEN)))
    watch.feed(arrival(START, "gateway", Metric.ONLINE))
    watch.tick_past(START + HOUR)
    found: list[Finding] = watch.findings or []
    assert [type(one) for one in found if one.kind is Kind.LOW_INTAKE] == [Unfitted]
