"""Where a pet is, a lone movement ends no silence; two together, or one beside another sign, do."""

from dataclasses import replace

import pytest

from sensor_hub.model.alert import AlertChange
from sensor_hub.model.entry import Arrival
from sensor_hub.model.home import Home
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from tests.homes import arrival, by_arrival, changes, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
FALL = START + 12 * DAY + 10 * HOUR
LOG = [
    one
    for one in whole_log(small_home(), START, FALL + 10 * HOUR)
    if one.reading.metric != "motion" or one.reading.at < FALL
]


def _with_pet(*rooms: str) -> Home:
    home = small_home()
    return replace(
        home, devices=tuple(replace(each, pet=each.id in {f"motion-{room}" for room in rooms}) for each in home.devices)
    )


def _moves(*minutes: float, room: str = "living") -> list[Arrival]:
    """Movements so long after the fall."""
    return [arrival(FALL + after * MINUTE, f"motion-{room}", Metric.MOTION) for after in minutes]


def _told(home: Home, more: list[Arrival]) -> AlertChange:
    return next(one for one in raised(home, by_arrival([*LOG, *more])) if one.kind is Kind.INACTIVITY)


CAT = _moves(40, 95, 150)


def test_a_cat_that_strays_past_now_and_then_does_not_hide_a_fall() -> None:
    told = _told(_with_pet("living"), CAT)

    assert told.at == _told(_with_pet("living"), []).at
    assert "A lone movement at 12:30, where a pet is, was not counted." in told.summary
    # Without the mark every step of the cat is a sign of life.
    assert _told(small_home(), CAT).at >= told.at + HOUR


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        (_moves(200), False),
        (_moves(200, 203), True),
        (_moves(200, 206), False),
        ([*_moves(200), arrival(FALL + 200 * MINUTE + 2, "motion-living", Metric.PRESENCE)], False),
        ([*_moves(200, room="kitchen"), *_moves(203)], True),
        ([arrival(FALL + 200 * MINUTE, "front-door", Metric.CONTACT), *_moves(203)], True),
    ],
)
def test_what_counts_where_a_pet_is(more: list[Arrival], counts: bool) -> None:
    """Told as inside: the last room named is the living room."""
    home = _with_pet("living")
    watch_until = FALL + 9.5 * HOUR
    told = [
        one for one in changes(home, by_arrival([*LOG, *more])) if one.kind is Kind.INACTIVITY and one.at < watch_until
    ]

    assert ("cleared" in [one.state.value for one in told] or told[0].at > FALL + 5 * HOUR) is counts


def test_a_home_without_a_pet_is_judged_as_ever_when_no_movement_is_lone() -> None:
    """Whoever lives with the mark and moves in pairs is seen as before."""
    pairs = [one for one in LOG if one.reading.metric == "motion"]
    twice = [arrival(one.reading.at + MINUTE, one.reading.device, Metric.MOTION) for one in pairs]
    marked = _with_pet("living", "kitchen", "hall", "bedroom", "bathroom")

    plain, guarded = ([one.at for one in raised(home, by_arrival([*LOG, *twice]))] for home in (small_home(), marked))

    assert plain == guarded
