"""No fall and no call for help hides behind one before it, and nothing ends before it is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.model.alert import AlertState, Outcome
from sensor_hub.model.entry import Arrival, Entry, HomeSet, OutcomeTold
from sensor_hub.model.finding import Blind, Deviation, Finding, Unfitted
from sensor_hub.model.home import Absence, Device, Home
from sensor_hub.model.kind import ALARMS, Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.room import Room
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, by_arrival, changes, heartbeats, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")


def _still(log: list[Arrival], *spans: tuple[float, float]) -> list[Arrival]:
    def is_gone(one: Arrival) -> bool:
        moves = one.reading.metric in {Metric.MOTION, Metric.CONTACT}
        return moves and any(start <= one.reading.at < end for start, end in spans)

    return [one for one in log if not is_gone(one)]


def test_a_second_fall_in_the_first_days_is_told_too() -> None:
    first = (START + DAY + 9 * HOUR, START + DAY + 23 * HOUR)
    second = (START + 3 * DAY + 9 * HOUR, START + 4 * DAY + 9 * HOUR)

    told = changes(small_home(), _still(whole_log(small_home(), START, START + 5 * DAY), first, second))

    assert [(c.kind, c.state) for c in told] == [
        (Kind.INACTIVITY, AlertState.RAISED),
        (Kind.INACTIVITY, AlertState.CLEARED),
    ] * 2


def _with_alarms() -> Home:
    home = small_home()
    smoke = Device("smoke-1", Room.KITCHEN, frozenset({Metric.SMOKE, Metric.BATTERY}))
    button = Device("button-1", Room.BEDROOM, frozenset({Metric.SOS, Metric.BATTERY}))
    return replace(home, devices=(*home.devices, smoke, button))


def test_a_button_counts_as_fitted_once_it_called_for_help() -> None:
    """It only names its action: before, it may as well switch a lamp."""
    home = small_home()
    button = Device("button-9", Room.BEDROOM, frozenset({Metric.BUTTON}), 3600.0)
    watch = HomeWatch.begin(replace(home, devices=(*home.devices, button)))

    def said(until: float) -> list[tuple[type[Finding], str, str]]:
        watch.tick_past(until)
        return [(type(f), f.subject, getattr(f, "reason", "")) for f in watch.findings or () if f.kind is Kind.SOS]

    def press(at: float, action: str) -> None:
        for entry in by_arrival([*heartbeats(home, at - HOUR, at), arrival(at, "button-9", Metric.BUTTON, action)]):
            watch.feed(entry)

    press(START + HOUR, "single")
    waits = "button-9 has not called for help yet: press it once, it counts from then on"
    assert said(START + HOUR + 10 * MINUTE) == [(Unfitted, "", waits)]
    press(START + 2 * HOUR, "emergency")
    (told,) = said(START + 2 * HOUR + 10 * MINUTE)
    assert told[:2] == (Deviation, "button-9")
    watch = HomeWatch.restore(watch.snapshot())
    press(START + 27 * HOUR, "single")
    assert said(START + 27 * HOUR + 10 * MINUTE) == [], "fitted, heard, and nobody calls"
    assert said(START + 30 * HOUR) == [(Blind, "button-9", "button-9 not heard")]


HOME = _with_alarms()
CALL = START + DAY + 10 * HOUR


def _alarms(*entries: Entry, until: float = START + 3 * DAY) -> list[tuple[Kind, AlertState, float]]:
    log: list[Entry] = [*whole_log(HOME, START, until), *entries]
    return [(c.kind, c.state, c.at) for c in changes(HOME, by_arrival(log)) if c.kind in ALARMS]


def test_a_second_call_for_help_is_a_new_alert_and_a_bouncing_button_is_not() -> None:
    calls = [arrival(CALL + after, "button-1", Metric.SOS) for after in (0, 5, 50 * MINUTE, 50 * MINUTE + 4)]

    told = [at for kind, state, at in _alarms(*calls) if state is AlertState.RAISED]

    assert told == [CALL + 1, CALL + 50 * MINUTE + 1]


def test_a_call_stands_until_people_have_closed_it() -> None:
    call = arrival(CALL, "button-1", Metric.SOS, received=CALL + 5 * HOUR)
    log: list[Entry] = [*whole_log(HOME, START, CALL + 20 * HOUR), call]
    alert = next(c for c in raised(HOME, by_arrival(log)) if c.kind is Kind.SOS)
    assert [state for _, state, _ in _alarms(call, until=CALL + 20 * HOUR)] == [AlertState.RAISED]

    closed = OutcomeTold(CALL + 6 * HOUR, alert.id, "Jo", Outcome.TRUE)

    told = _alarms(call, closed, until=CALL + 20 * HOUR)
    assert [state for _, state, _ in told] == [AlertState.RAISED, AlertState.CLEARED]
    assert CALL + 6 * HOUR <= told[-1][2] <= CALL + 6 * HOUR + 5 * MINUTE


@pytest.mark.parametrize("swapped", [False, True])
def test_smoke_that_is_over_does_not_stand_in_whatever_order_it_comes(swapped: bool) -> None:
    begins, ends = arrival(CALL, "smoke-1", Metric.SMOKE), arrival(CALL + 20, "smoke-1", Metric.SMOKE, 0.0)
    entries = [
        Arrival(CALL + 40 + n, one.reading) for n, one in enumerate([ends, begins] if swapped else [begins, ends])
    ]

    assert [state for _, state, _ in _alarms(*entries)] == [AlertState.RAISED, AlertState.CLEARED]


def test_an_alarm_of_a_device_that_stands_nowhere_is_told() -> None:
    log = [*whole_log(HOME, START, START + 2 * DAY), arrival(CALL, "new-1", Metric.SMOKE)]
    smoke = next(c for c in raised(HOME, by_arrival(log)) if c.kind is Kind.SMOKE)
    assert smoke.summary == "Smoke in an unknown room at 10:00 (new-1)."


def _blind(watch: HomeWatch) -> set[tuple[Kind, str]]:
    return {(one.kind, one.subject) for one in watch.findings or [] if isinstance(one, Blind)}


def test_an_alarm_that_cannot_be_heard_is_said_to_be_blind() -> None:
    watch = HomeWatch.begin(HOME)
    for entry in whole_log(HOME, START, START + DAY, silent=["smoke-1"]):
        watch.feed(entry)
    assert (Kind.SMOKE, "smoke-1") in _blind(watch)
    assert (Kind.SOS, "button-1") not in _blind(watch)
    watch.tick_past(START + 3 * DAY)
    assert {(Kind.SMOKE, "smoke-1"), (Kind.SOS, "button-1"), (Kind.INACTIVITY, "")} <= _blind(watch)


def test_before_the_first_tick_nothing_is_said() -> None:
    watch = HomeWatch.begin(HOME)
    watch.feed(HomeSet(START + 1, HOME))
    assert watch.findings is None
    watch.tick_past(START + HOUR)
    assert (Kind.INACTIVITY, "") in _blind(watch)


def test_an_absence_that_was_taken_back_is_watched_through() -> None:
    away = Absence(START + 10 * DAY + 8 * HOUR, START + 13 * DAY)
    home, back = small_home(absences=(away,)), small_home()
    log = _still(whole_log(home, START, START + 12 * DAY), (START + 10 * DAY + 9 * HOUR, START + 12 * DAY))

    assert raised(home, log) == []
    told = raised(home, by_arrival([*log, HomeSet(START + 9 * DAY, back)]))
    assert [alert.kind for alert in told] == [Kind.INACTIVITY]


def test_a_fall_over_midnight_in_an_outage_is_told_afterwards() -> None:
    home, start, back = small_home(), START + 14 * DAY, START + 15 * DAY + 18 * HOUR
    lie = (START + 14 * DAY + 9 * HOUR, START + 15 * DAY + 6 * HOUR)
    log = [
        Arrival(back + (one.reading.at - start) / 100, one.reading) if start <= one.reading.at < back else one
        for one in _still(whole_log(home, START, back + DAY), lie)
    ]

    late = [alert for alert in raised(home, by_arrival(log)) if not alert.urgency.interrupts]

    assert [alert.kind for alert in late] == [Kind.INACTIVITY]
    assert "from Mon 19 Jan 08:45 to 07:00" in late[0].summary


def test_readings_from_the_future_in_any_order_are_one_fault() -> None:
    wrong = [arrival(CALL + 9000 + n * 100, "motion-hall", Metric.MOTION, received=CALL + n) for n in range(3)]
    swapped = [Arrival(CALL + n, wrong[2 - n].reading) for n in range(3)]
    log = whole_log(HOME, START, START + 2 * DAY)

    assert changes(HOME, by_arrival([*log, *wrong])) == changes(HOME, by_arrival([*log, *swapped]))


def test_a_resident_who_went_away_is_one_cause_and_one_alert() -> None:
    home, gone = small_home(), START + 14 * DAY + 10 * HOUR

    told = raised(home, _still(whole_log(home, START, gone + 6 * DAY), (gone, gone + 6 * DAY)))

    assert [alert.kind for alert in told] == [Kind.INACTIVITY]


def test_a_help_button_that_only_names_its_action_calls_for_help_and_a_light_switch_does_not() -> None:
    home = small_home()
    presses = [("remote", "on"), ("remote", "emergency_cleared"), ("pendant", "emergency"), ("pendant", "sos_double")]
    log = [
        arrival(CALL + number * HOUR, device, Metric.BUTTON, action) for number, (device, action) in enumerate(presses)
    ]

    told = [
        (change.kind, change.subject, change.at)
        for change in raised(home, by_arrival([*whole_log(home, START, START + 2 * DAY), *log]))
    ]

    assert told == [(Kind.SOS, "pendant", CALL + n * HOUR + 1) for n in (2, 3)]
