"""What people say of alerts moves this home's limits and what it learns; the dial moves all; both can be undone."""

from __future__ import annotations

import pytest

from sensor_hub.engine.dial import note_outcome
from sensor_hub.engine.view import EVERYONE
from sensor_hub.model.alert import AlertState, Outcome
from sensor_hub.model.dial import DEFAULT_FALSE_PAGES, FEWEST_FALSE_PAGES, MOST_FALSE_PAGES
from sensor_hub.model.entry import Arrival, DialSet, Entry, OutcomesForgotten, OutcomeTold
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.watch.home_watch import GRID, HomeWatch
from tests.homes import arrival, by_arrival, lines, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
HOME = small_home()
FALL = START + 20 * DAY + 9 * HOUR
BACK = FALL + 8 * HOUR


def still_day(until: float = FALL + 2 * DAY) -> list[Arrival]:
    """Ordinary weeks with one day on which nobody moves from nine to five."""
    return [
        one
        for one in whole_log(HOME, START, until)
        if one.reading.metric is not Metric.MOTION or not FALL <= one.reading.at < BACK
    ]


def told(log: list[Entry]) -> HomeWatch:
    watch = HomeWatch.begin(HOME)
    for entry in by_arrival(log):
        watch.feed(entry)
    return watch


LOG = still_day()
(ALERT,) = raised(HOME, LOG)


def with_entries(*entries: Entry) -> list[Entry]:
    return by_arrival([*LOG, *entries])


def outcome(found: Outcome, at: float) -> OutcomeTold:
    return OutcomeTold(at, ALERT.id, "Ann", found)


def first_alert(log: list[Entry]) -> float | None:
    return next((alert.at for alert in raised(HOME, log) if alert.kind is Kind.INACTIVITY), None)


def test_the_dial_moves_when_a_silence_is_told_and_the_default_moves_nothing() -> None:
    told_at = {
        pages: first_alert(with_entries(DialSet(START + 1, pages))) for pages in (MOST_FALSE_PAGES, FEWEST_FALSE_PAGES)
    }
    few, many = told_at[FEWEST_FALSE_PAGES], told_at[MOST_FALSE_PAGES]
    assert many is not None
    assert few is None or few > ALERT.at
    assert many <= ALERT.at
    assert lines(HOME, with_entries(DialSet(START + 1, DEFAULT_FALSE_PAGES))) == lines(HOME, LOG)


def test_the_net_is_never_moved() -> None:
    """Nothing is learned on the first day: twelve hours without any sign are told whatever the dial says."""
    log = [
        one
        for one in whole_log(HOME, START, START + DAY)
        if one.reading.metric is not Metric.MOTION or one.reading.at < START + 8 * HOUR
    ]
    as_it_was = first_alert(list(log))
    assert as_it_was is not None
    assert first_alert(by_arrival([*log, DialSet(START + 1, FEWEST_FALSE_PAGES)])) == as_it_was


def test_false_alarms_ask_for_more_here_until_they_are_undone() -> None:
    watch = told(with_entries(outcome(Outcome.FALSE, BACK)))
    assert watch.engine.view.asked(Kind.INACTIVITY) == pytest.approx(0.5, abs=0.01)
    assert watch.engine.view.asked(Kind.NIGHT_ACTIVITY) == 0.0
    watch.feed(OutcomesForgotten(watch.state.received + 1, Kind.INACTIVITY, "Ann"))
    assert watch.engine.view.asked(Kind.INACTIVITY) == 0.0


def test_what_it_was_may_be_said_after_later_alerts() -> None:
    """The alert is no longer the last of its kind when somebody says that it was false."""
    watch = told(list(LOG))
    watch.state.episodes.episodes.clear()
    watch.feed(outcome(Outcome.FALSE, watch.state.received + 1))
    assert watch.engine.view.asked(Kind.INACTIVITY) > 0


def at_risk(watch: HomeWatch) -> float:
    """How often silence was learned for the hours that were still."""
    return sum(watch.engine.state.hazard.at_risk[40:64])


def test_a_real_fall_is_never_learned_as_usual_whenever_people_say_so() -> None:
    """While it lasts, when it is over, and when its day was learned already."""
    plain = told(list(LOG))
    said = [told(with_entries(outcome(Outcome.TRUE, at))) for at in (FALL + 6 * HOUR, BACK + HOUR, BACK + 20 * HOUR)]
    assert [at_risk(real) for real in said] == pytest.approx([at_risk(said[0])] * 3, abs=0.1)
    assert at_risk(plain) > at_risk(said[0]) + 20
    tails = [real.engine.state.hazard.tail_sum for real in said]
    assert tails == pytest.approx([tails[0]] * 3, abs=0.2)
    assert plain.engine.state.hazard.tail_sum > tails[0] + 2


@pytest.mark.parametrize("said_at", [FALL + 9 * HOUR, FALL + 20 * HOUR])
def test_a_false_alarm_over_midnight_is_learned_whole_and_an_unknown_one_is_not(said_at: float) -> None:
    """In bed from the early evening: the evening was being told at midnight, so without an outcome it is left out."""
    still = START + 20 * DAY + 17 * HOUR
    log = [
        one
        for one in whole_log(HOME, START, still + 2 * DAY)
        if one.reading.metric is not Metric.MOTION or not still <= one.reading.at < still + 15 * HOUR
    ]
    (alert,) = raised(HOME, log)
    evening = slice(70, 92)
    learned = {}
    for found in Outcome:
        entry = OutcomeTold(still + (said_at - FALL), alert.id, "Ann", found)
        learned[found] = sum(told(by_arrival([*log, entry])).engine.state.hazard.at_risk[evening])
    assert learned[Outcome.FALSE] > learned[Outcome.UNKNOWN] + 15
    assert learned[Outcome.TRUE] == learned[Outcome.UNKNOWN]


def many_visits(days: int) -> list[Arrival]:
    """Four weeks as usual, then as many days with a bathroom visit each hour."""
    new = START + 28 * DAY
    more = [
        arrival(new + day * DAY + hour * HOUR + 1500, "motion-bathroom", Metric.MOTION)
        for day in range(days)
        for hour in range(7, 22)
    ]
    return by_arrival([*whole_log(HOME, START, new + days * DAY), *more])


def test_a_new_normal_that_people_accept_is_learned_whole_and_an_illness_not_at_all() -> None:
    log = many_visits(8)
    alert = next(one for one in raised(HOME, log) if one.kind is Kind.TOILETING_INCREASE)
    learned = {}
    for found in Outcome:
        entry = OutcomeTold(alert.at + HOUR, alert.id, "Ann", found)
        counted = told(by_arrival([*log, entry])).engine.state.habits["visits-day"].counted
        learned[found] = counted.total / counted.n
    assert learned[Outcome.FALSE] > learned[Outcome.UNKNOWN] + 1
    assert learned[Outcome.TRUE] < learned[Outcome.UNKNOWN] - 0.2


def test_snapshots_anywhere_in_a_log_with_outcomes_and_dials_change_nothing() -> None:
    log = with_entries(
        DialSet(START + 10 * DAY, 300.0),
        outcome(Outcome.FALSE, ALERT.at + HOUR),
        outcome(Outcome.TRUE, BACK + 12 * HOUR),
        OutcomesForgotten(BACK + 20 * HOUR, Kind.INACTIVITY, "Ann"),
    )
    whole = told(log)
    watch = HomeWatch.begin(HOME)
    for number, entry in enumerate(log):
        watch.feed(entry)
        if number % 997 == 0:
            watch = HomeWatch.restore(watch.snapshot())
    assert watch.snapshot() == whole.snapshot()
    assert [change.state for change in raised(HOME, log)] == [AlertState.RAISED] * len(raised(HOME, log))


def test_who_is_asked_only_when_due_says_the_same_whatever_was_set_and_said() -> None:
    """Outcomes that fade and a dial that is turned while a silence lasts must not come to light too late."""
    log = with_entries(
        DialSet(FALL + 2 * HOUR, MOST_FALSE_PAGES),
        OutcomeTold(START + 15 * DAY, "another", "Ann", Outcome.FALSE),
        DialSet(FALL + 5 * HOUR, FEWEST_FALSE_PAGES),
        outcome(Outcome.FALSE, FALL + 6 * HOUR),
        OutcomesForgotten(FALL + 7 * HOUR, Kind.INACTIVITY, "Ann"),
    )
    sparing, eager = HomeWatch.begin(HOME), HomeWatch.begin(HOME)
    for watch in (sparing, eager):
        note_outcome(watch.engine.state, Kind.INACTIVITY, "before", Outcome.FALSE, START)
    for entry in log:
        told, told_eagerly = sparing.feed(entry), []
        moment = eager.state.ticked
        while moment is not None and moment + GRID <= entry.received:
            moment += GRID
            eager.engine.view.wake(EVERYONE)
            told_eagerly += eager.tick_past(moment)
        assert told == told_eagerly + eager.feed(entry)
        assert sparing.findings == eager.findings
