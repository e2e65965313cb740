"""The dial and this home's outcomes: how much more, or less, evidence a kind asks for."""

import math

import pytest

from sensor_hub.engine.counts import FALL_LIMIT, FALL_SLACK, OWN, RISE_LIMIT, RISE_SLACK, Limits, limits
from sensor_hub.engine.detectors.no_return import longest_usual
from sensor_hub.engine.dial import (
    CURVES,
    DIALLED,
    HALF_LIFE,
    KEPT,
    LEAST,
    LEAST_OWN,
    MOST,
    MOST_OWN,
    asked,
    asked_by_dial,
    expected,
    note_outcome,
    own_limits,
    rarer,
)
from sensor_hub.engine.state import EngineState
from sensor_hub.model.alert import Outcome
from sensor_hub.model.dial import DEFAULT_FALSE_PAGES, FEWEST_FALSE_PAGES, MOST_FALSE_PAGES
from sensor_hub.model.kind import ALARMS, KINDS, Audience, Kind
from sensor_hub.model.moment import DAY

BUDGETS = [FEWEST_FALSE_PAGES, 50, 80, DEFAULT_FALSE_PAGES, 150, 200, MOST_FALSE_PAGES]


def test_at_the_default_every_limit_is_the_detectors_own() -> None:
    assert asked_by_dial(DEFAULT_FALSE_PAGES) == 0.0
    assert limits() == limits(rise_asked=0.0, fall_asked=0.0) == OWN == Limits(RISE_LIMIT, FALL_LIMIT)


def test_fewer_accepted_pages_ask_for_more_evidence_by_as_much_as_the_curves_say() -> None:
    demands = [asked_by_dial(pages) for pages in BUDGETS]
    assert demands == sorted(demands, reverse=True)
    assert LEAST < demands[-1] < 0 < demands[0] < MOST
    assert [expected(demand) for demand in demands] == pytest.approx(BUDGETS, rel=1e-4)


def test_the_dial_can_be_turned_as_far_as_it_was_measured() -> None:
    assert pytest.approx(expected(MOST), rel=0.1) == FEWEST_FALSE_PAGES
    assert pytest.approx(expected(LEAST), rel=0.1) == MOST_FALSE_PAGES


def test_a_sum_of_evidence_is_surprise_once_it_is_doubled_by_its_slack() -> None:
    moved = limits(rise_asked=2 * RISE_SLACK, fall_asked=-2 * FALL_SLACK)
    assert moved == Limits(RISE_LIMIT + 1.0, FALL_LIMIT - 1.0)


def test_safety_and_equipment_are_not_on_the_dial() -> None:
    assert not DIALLED & ALARMS
    assert not {kind for kind in DIALLED if KINDS[kind].audience is Audience.TECHNICAL}
    assert not DIALLED & {Kind.COLD, Kind.OVERHEATING, Kind.DAMP}
    assert set(CURVES) <= DIALLED


def _state(*outcomes: Outcome) -> EngineState:
    state = EngineState()
    for number, outcome in enumerate(outcomes):
        note_outcome(state, Kind.INACTIVITY, f"a{number}", outcome, 0.0)
    return state


T, F, U = Outcome.TRUE, Outcome.FALSE, Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("outcomes", "demand"),
    [
        ((), 0.0),
        ((U,), 0.0),
        ((F,), 0.5),
        ((F, F), 1.0),
        ((F,) * 10, MOST_OWN),
        ((F, F, T), 0.5),
        ((T,) * 10, LEAST_OWN),
        ((T,) * 10 + (F,), LEAST_OWN + 0.5),
    ],
)
def test_outcomes_move_a_limit_within_bounds(outcomes: tuple[Outcome, ...], demand: float) -> None:
    state = _state(*outcomes)
    assert asked(state, Kind.INACTIVITY) == pytest.approx(demand)
    assert asked(state, Kind.NIGHT_ACTIVITY) == 0.0


def test_an_outcome_counts_half_after_its_half_life() -> None:
    state = _state(F, F)
    state.frontier = HALF_LIFE
    assert asked(state, Kind.INACTIVITY) == pytest.approx(0.5)
    state.frontier = 20 * HALF_LIFE
    assert asked(state, Kind.INACTIVITY) == pytest.approx(0.0, abs=1e-5)
    assert own_limits(state) == []


def test_an_alert_said_to_be_something_else_counts_once() -> None:
    state = _state(F)
    note_outcome(state, Kind.INACTIVITY, "a0", T, DAY)
    assert asked(state, Kind.INACTIVITY) < 0
    note_outcome(state, Kind.INACTIVITY, "a0", U, DAY)
    assert state.outcomes == {}


def test_what_is_remembered_is_bounded_and_hardly_differs_from_all() -> None:
    state = _state(*[F, T, F] * KEPT)
    assert len(state.outcomes[Kind.INACTIVITY]) == KEPT
    assert math.isfinite(asked(state, Kind.INACTIVITY))
    (own,) = own_limits(state)
    assert own.false_ones + own.true_ones == KEPT


def test_a_chance_is_rarer_by_what_is_asked_and_taken_back_only_so_far() -> None:
    assert rarer(0.02, 0.0) == 0.02
    assert rarer(0.02, 1.0) == pytest.approx(0.02 / math.e)
    assert rarer(0.02, -1.0) == rarer(0.02, -3.0) == pytest.approx(0.02 * math.e)


def test_an_outing_is_longer_than_ever_only_later_where_more_is_asked() -> None:
    lasted = [3600.0, 7200.0] * 10
    usual = longest_usual(lasted)
    assert longest_usual(lasted, 0.0) == usual
    assert longest_usual(lasted, 2.0) > usual > longest_usual(lasted, -1.0)
    assert longest_usual(lasted, -3.0) == longest_usual(lasted, -1.0)
