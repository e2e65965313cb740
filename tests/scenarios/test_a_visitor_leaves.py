"""The door by which a told visitor leaves is not the resident's going out: who falls then is found as soon as ever."""

from __future__ import annotations

import math

import pytest

from sensor_hub.model.entry import Arrival, Entry, VisitTold
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, by_arrival, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
CAME = START + 20 * DAY + 9 * HOUR + 30 * MINUTE
LEFT = CAME + 30 * MINUTE


def _door(at: float) -> Arrival:
    return arrival(at, "front-door", Metric.CONTACT)


def _visit(*, again: float | None) -> list[Arrival]:
    """A carer comes and goes, and nobody is seen until `again`, or never."""
    log = whole_log(small_home(), START, LEFT + 16 * HOUR)
    still = [
        one
        for one in log
        if one.reading.metric != "motion" or not LEFT - MINUTE < one.reading.at < (again or LEFT + DAY)
    ]
    inside = [arrival(CAME + MINUTE * n, "motion-living", Metric.MOTION) for n in range(1, 29)]
    return [*still, *inside, _door(CAME), _door(LEFT)]


def _found(*told: VisitTold) -> float:
    """After how long the stillness since the carer left is told; infinite where it is not told in 16 hours."""
    log: list[Entry] = [*_visit(again=None), *told]
    alerts = raised(small_home(), by_arrival(log))
    return next((alert.at - LEFT for alert in alerts if alert.kind is Kind.INACTIVITY), math.inf)


def test_who_falls_when_the_carer_has_gone_is_found_as_soon_as_without_a_door() -> None:
    visit = VisitTold(CAME, CAME, LEFT)
    assert _found(visit) <= 5 * HOUR
    assert _found() >= _found(visit) + HOUR
    assert _found(VisitTold(LEFT + HOUR, CAME, LEFT - 10 * MINUTE)) == _found(visit), (
        "told later, and gone ten minutes late"
    )


@pytest.mark.parametrize(
    ("visit", "is_theirs"),
    [
        (None, False),
        ((CAME, LEFT), True),
        ((CAME, LEFT - 15 * MINUTE), True),
        ((CAME, LEFT - 16 * MINUTE), False),
        # In a long visit they may have gone out together.
        ((CAME, LEFT + 59 * MINUTE), True),
        ((CAME, LEFT + 61 * MINUTE), False),
    ],
)
def test_what_is_learned_of_a_door_when_somebody_is_seen_again(
    visit: tuple[float, float] | None, *, is_theirs: bool
) -> None:
    watch, again = HomeWatch.begin(small_home()), LEFT + 2 * HOUR
    log: list[Entry] = [*_visit(again=again), _door(again - 30)]
    log += [] if visit is None else [VisitTold(CAME, *visit)]
    outings = []
    for entry in by_arrival(log):
        watch.feed(entry)
        if entry.received <= LEFT + MINUTE or not outings:
            outings = [watch.engine.state.outings.went_out]
    assert watch.engine.state.outings.went_out - outings[0] == (0.0 if is_theirs else 1.0)
