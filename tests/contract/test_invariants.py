"""What must hold of any home and any fault, on whole logs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.model.entry import Arrival
from sensor_hub.model.kind import KINDS, Audience, Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from tests.homes import by_arrival, changes, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
HOME = small_home()
WEEK = 7 * DAY


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
