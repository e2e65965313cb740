"""What must hold of any home and any fault, on whole logs."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor_hub.engine.civil import bin_of
from sensor_hub.engine.counts import STRANGE, STRANGE_WEIGHT, learn_window, unusual
from sensor_hub.engine.hazard import FADING, PRIOR_WEIGHT, SMOOTHING, hazard_table, learn_day
from sensor_hub.engine.state import CountState
from sensor_hub.model.alert import AlertState
from sensor_hub.model.entry import Arrival
from sensor_hub.model.kind import KINDS, Audience, Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, by_arrival, changes, heartbeats, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
HOME = small_home()
WEEK = 7 * DAY
LEARNED = START + 15 * DAY + 10 * HOUR
ROOMS = [device.id for device in HOME.devices if Metric.MOTION in device.metrics]


@cache
def _learned() -> bytes:
    """The watch of the home after fifteen ordinary days, at ten in the morning."""
    watch = HomeWatch.begin(HOME)
    for entry in whole_log(HOME, START, LEARNED):
        watch.feed(entry)
    return watch.snapshot()


@pytest.mark.parametrize("device", [device.id for device in HOME.devices])
def test_losing_a_sensor_never_makes_an_alert_about_the_resident(device: str) -> None:
    dies = START + 12 * DAY + 9.5 * HOUR
    log = [
        one for one in whole_log(HOME, START, START + 16 * DAY) if one.reading.device != device or one.reading.at < dies
    ]

    told = [alert for alert in raised(HOME, log) if alert.urgency.interrupts]

    assert all(KINDS[alert.kind].audience is Audience.TECHNICAL for alert in told)


def test_a_log_a_week_later_gives_the_same_alerts_a_week_later() -> None:
    fall = START + 12 * DAY + 10 * HOUR
    log = [
        one
        for one in whole_log(HOME, START, fall + 12 * HOUR)
        if one.reading.metric is not Metric.MOTION or one.reading.at < fall
    ]
    later = [Arrival(one.received + WEEK, replace(one.reading, at=one.reading.at + WEEK)) for one in log]

    told, told_later = changes(HOME, log), changes(HOME, later)

    assert told
    assert [(c.kind, c.urgency, c.state, c.at + WEEK, c.since + WEEK) for c in told] == [
        (c.kind, c.urgency, c.state, c.at, c.since) for c in told_later
    ]


def test_fahrenheit_and_impossible_humidity_are_faults_and_no_climate() -> None:
    wrong_from = START + 3 * DAY
    log = []
    for one in whole_log(HOME, START, START + 5 * DAY):
        reading = one.reading
        if reading.metric is Metric.TEMPERATURE and reading.at >= wrong_from and isinstance(reading.value, float):
            reading = replace(reading, value=reading.value * 9 / 5 + 32)
        log.append(Arrival(one.received, reading))

    assert {alert.kind for alert in raised(HOME, log)} == {Kind.SENSOR_FAULT}


def test_a_backlog_of_days_is_at_most_one_line_for_the_review() -> None:
    start, back = START + 14 * DAY, START + 17 * DAY + 12 * HOUR
    still = [(start + day * DAY + 9 * HOUR, start + day * DAY + 17 * HOUR) for day in range(3)]
    log = [
        Arrival(back + (one.reading.at - start) / 100, one.reading) if start <= one.reading.at < back else one
        for one in whole_log(HOME, START, back + 2 * DAY)
        if one.reading.metric is not Metric.MOTION or not any(a <= one.reading.at < b for a, b in still)
    ]

    alerts = raised(HOME, by_arrival(log))

    assert [alert.kind for alert in alerts if alert.urgency.interrupts] == [Kind.GATEWAY_SILENT]
    assert len([alert for alert in alerts if not alert.urgency.interrupts]) == 1


@settings(max_examples=25)
@given(st.lists(st.tuples(st.floats(0.0, 6.5 * HOUR), st.sampled_from(ROOMS)), min_size=1, max_size=5))
def test_movement_inside_never_makes_the_present_silence_more_surprising(moves: list[tuple[float, str]]) -> None:
    still = [*heartbeats(HOME, LEARNED, LEARNED + 7 * HOUR)]
    surprises = []
    for count in range(len(moves) + 1):
        watch = HomeWatch.restore(_learned())
        more = [arrival(LEARNED + after, room, Metric.MOTION) for after, room in moves[:count]]
        for entry in by_arrival([*still, *more]):
            watch.feed(entry)
        view = watch.engine.view
        last = bin_of(watch.engine.state.inside_at or 0.0)
        surprises.append(watch.engine.inactivity.surprise(view, last + 1, view.frontier)[0])

    assert surprises[0] > 5.0
    assert all(after <= before for before, after in pairwise(surprises))


@settings(max_examples=12)
@given(st.sampled_from([device.id for device in HOME.devices]), st.floats(0.0, 24 * HOUR), st.floats(HOUR, 24 * HOUR))
def test_a_sensor_lost_at_any_hour_makes_no_alert_about_the_resident(device: str, at: float, span: float) -> None:
    watch, lost = HomeWatch.restore(_learned()), (LEARNED + at, LEARNED + at + span)
    told = []
    for one in whole_log(HOME, LEARNED, LEARNED + 2 * DAY):
        if one.reading.device != device or not lost[0] <= one.reading.at < lost[1]:
            told += watch.feed(one)

    paged = [change.kind for change in told if change.state is AlertState.RAISED and change.urgency.interrupts]
    assert all(KINDS[kind].audience is Audience.TECHNICAL for kind in paged)


@settings(max_examples=25)
@given(st.lists(st.booleans(), min_size=96, max_size=96))
def test_one_day_moves_what_is_learned_of_silences_by_no_more_than_its_share(active: list[bool]) -> None:
    """Of the hazard h of each quarter: (the day's weight + what fading gives back to the prior) / (all weight)."""
    engine = HomeWatch.restore(_learned()).engine
    view, first = engine.view, bin_of(LEARNED + DAY - 10 * HOUR)
    for place, is_active in enumerate(active):
        engine.timeline.note((first + place) * 900.0, view.watchers[0].bit, is_active=is_active)
    before = [-math.expm1(-one) for one in hazard_table(view.state.hazard)]
    learn_day(view, first, first + 95, [1.0] * 96)
    after = [-math.expm1(-one) for one in hazard_table(view.state.hazard)]

    weight, at_risk = SMOOTHING * math.sqrt(2 * math.pi), view.state.hazard.at_risk
    kernel = [math.exp(-0.5 * (step / SMOOTHING) ** 2) for step in range(-9, 10)]
    for slot in range(96):
        seen = sum(share * at_risk[(slot + step - 9) % 96] for step, share in enumerate(kernel))
        bound = (weight + (1 - FADING) * PRIOR_WEIGHT) / (seen + PRIOR_WEIGHT)
        assert abs(after[slot] - before[slot]) <= bound + 1e-9


@settings(max_examples=50)
@given(st.lists(st.integers(6, 12), min_size=10, max_size=40), st.integers(0, 200))
def test_one_day_moves_a_count_by_no_more_than_its_share(usual: list[int], odd: int) -> None:
    """An odd one by a quarter of that."""
    counts = CountState()
    for count in usual:
        learn_window(counts, count, unusual(counts, count, 9.0))
    mean, z = counts.total / counts.n, unusual(counts, odd, 9.0)
    learn_window(counts, odd, z)

    share = (STRANGE_WEIGHT if abs(z) > STRANGE else 1.0) / counts.n
    assert abs(counts.total / counts.n - mean) <= share * abs(odd - mean) + 1e-9
