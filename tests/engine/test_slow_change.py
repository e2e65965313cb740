"""Changes over weeks: doing less, and another pattern of the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from sensor_hub.engine.daily import Day, days, mixes, moment_of, weeks
from sensor_hub.engine.engine import Engine
from sensor_hub.engine.state import EngineState
from sensor_hub.model.finding import Blind, Deviation, Finding, Learning, Unfitted
from sensor_hub.model.home import Absence
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from tests.engine.months import Months, day_start
from tests.homes import LONDON, small_home

SLOW = (Kind.ACTIVITY_DECLINE, Kind.ROUTINE_CHANGE)


def as_usual(day: int, reading: Reading) -> Reading | None:
    """Some of what an ordinary day has, another part each day: no two days are quite alike."""
    return None if int(reading.at // 600) * 31 % 7 == day * 5 % 7 else reading


def chairbound(day: int, reading: Reading) -> Reading | None:
    """The kitchen once in three times, the hall no more."""
    kept = reading.device != "motion-hall" and (reading.device != "motion-kitchen" or int(reading.at // 600) % 18 == 0)
    return as_usual(day, reading) if kept else None


def afternoons_in_the_chair(day: int, reading: Reading) -> Reading | None:
    """From noon to six the living room in place of the kitchen and the hall."""
    hour = datetime.fromtimestamp(reading.at, LONDON).hour
    moved = 12 <= hour < 18 and reading.device in {"motion-kitchen", "motion-hall"}
    return as_usual(day, replace(reading, device="motion-living") if moved else reading)


def test_weeks_of_doing_less_are_told_once_and_become_usual() -> None:
    months = Months(small_home(), [Kind.ACTIVITY_DECLINE]).live(90, as_usual)
    assert months.told == []

    months.live(90, chairbound)

    assert len(months.told) == 1
    day, finding = months.told[0]
    assert 90 + 14 <= day <= 90 + 28
    assert finding.urgency is Urgency.NOTICE
    assert finding.summary.startswith("Doing less for weeks: ")
    assert "kitchen visits" in finding.summary
    assert "The last 4 weeks against the 8 before (28 and 56 days seen);" in finding.summary
    assert [kind for _, kind in months.ended] == [Kind.ACTIVITY_DECLINE]
    assert months.ended[0][0] <= 90 + 84


@pytest.mark.parametrize(
    ("kind", "change"),
    [(Kind.ACTIVITY_DECLINE, chairbound), (Kind.ROUTINE_CHANGE, afternoons_in_the_chair)],
)
def test_where_more_evidence_is_asked_for_it_is_not_told(
    kind: Kind, change: Callable[[int, Reading], Reading | None]
) -> None:
    months = Months(small_home(), [kind])
    months.engine.try_limits({kind: 40.0})
    months.live(90, as_usual)
    months.live(40, change)
    assert months.told == []


def test_another_pattern_of_the_day_is_told_in_words() -> None:
    months = Months(small_home(), [Kind.ROUTINE_CHANGE]).live(60, as_usual)
    assert months.told == []

    months.live(60, afternoons_in_the_chair)

    assert len(months.told) == 1
    day, finding = months.told[0]
    assert 60 + 3 <= day <= 60 + 10
    assert "More in the living room in the afternoon" in finding.summary
    assert "less in the hall in the afternoon" in finding.summary
    assert months.ended[0][1] is Kind.ROUTINE_CHANGE


def test_months_away_leave_what_was_told_and_learn_anew() -> None:
    away = Absence(day_start(125) + 36000, day_start(230) + 50000)
    months = Months(small_home(absences=(away,)), SLOW).live(90, as_usual).live(35, chairbound)
    assert {told.finding.kind for told in months.told} == set(SLOW)

    months.live(106, lambda _day, _reading: None).live(2, chairbound)

    assert isinstance(months.now[Kind.ACTIVITY_DECLINE], Learning)
    assert isinstance(months.now[Kind.ROUTINE_CHANGE], Deviation | Blind)
    assert len(months.told) == 2


def test_a_holiday_and_a_dead_sensor_leave_days_out_and_are_no_change() -> None:
    away = Absence(day_start(70) + 36000, day_start(84) + 50000)
    months = Months(small_home(absences=(away,)), SLOW).live(70, as_usual)
    months.live(15, lambda _day, _reading: None).live(15, as_usual)
    months.live(12, as_usual, silent="motion-kitchen").live(20, as_usual)

    assert months.told == []
    kept = {datetime.fromtimestamp(moment_of(months.engine.view, day.number), LONDON).date() for day in _days(months)}
    left_out = [*range(70, 85), *range(100, 111)]
    assert not kept & {datetime.fromtimestamp(day_start(day), LONDON).date() for day in left_out}
    assert {datetime.fromtimestamp(day_start(day), LONDON).date() for day in (69, 86, 99, 113)} <= kept


def test_too_few_days_seen_are_blind_and_not_calm() -> None:
    months = Months(small_home(), SLOW).live(90, as_usual).live(16, as_usual, silent="motion-hall")
    assert {kind: type(finding) for kind, finding in months.now.items()} == dict.fromkeys(SLOW, Blind)
    assert _reason(months.now[Kind.ACTIVITY_DECLINE]) == "only 12 of the last 28 days could be seen whole"


def test_nothing_is_said_before_weeks_are_learned() -> None:
    months = Months(small_home(), SLOW).live(20, as_usual)
    assert {kind: type(finding) for kind, finding in months.now.items()} == dict.fromkeys(SLOW, Learning)
    assert "20 of 48 days learned" in _reason(months.now[Kind.ACTIVITY_DECLINE])


def test_a_sensor_that_was_moved_begins_the_learning_anew() -> None:
    months = Months(small_home(), SLOW).live(60, as_usual)
    home = months.engine.home
    months.engine.set_home(home)
    assert len(_days(months)) == 60
    months.engine.set_home(replace(home, devices=(replace(home.devices[0], room=Room.STUDY), *home.devices[1:])))
    assert not _days(months)


def test_who_it_was_is_not_told_of_several_residents() -> None:
    months = Months(small_home(residents=2), SLOW).live(2)
    assert {kind: type(finding) for kind, finding in months.now.items()} == dict.fromkeys(SLOW, Unfitted)
    assert not _days(months)


@pytest.mark.parametrize("hours", [1, 5])
def test_a_day_in_company_is_left_out_but_not_for_a_carers_call(hours: int) -> None:
    months = Months(small_home(), SLOW)
    months.engine.add_visit(day_start(1) + 36000, day_start(1) + 36000 + hours * 3600)
    months.live(3)
    assert len(_days(months)) == (3 if hours == 1 else 2)


def test_a_day_in_numbers() -> None:
    """The ordinary day: up at 7, to bed at 22:30, the bathroom at each even hour and at 2 at night."""
    months = Months(small_home(), SLOW).live(1)
    (day,) = _days(months)
    assert 7 * 4 <= day.first < 8 * 4
    assert 22 * 4 <= day.last < 23 * 4
    assert (day.visits, day.outings, day.rooms) == (9, 0, 5)
    assert 0 < day.kitchen < day.entries < 96
    assert sum(mixes(months.engine.state.daily)[0]) >= day.active


def test_what_is_kept_is_bounded_and_survives_a_snapshot() -> None:
    months = Months(small_home(), SLOW).live(110, as_usual)
    state = months.engine.state.daily
    assert (len(_days(months)), len(weeks(state))) == (84, 10)
    assert len(state.rows) + len(state.mixes) + len(state.weeks) <= 1500
    again = Engine(months.engine.home, EngineState(daily=state, day_began=months.engine.state.day_began))
    assert again.detection.slow.judge() == months.engine.detection.slow.judge()


def _days(months: Months) -> list[Day]:
    return days(months.engine.state.daily)


def _reason(finding: Finding) -> str:
    assert isinstance(finding, Blind | Learning)
    return finding.reason
