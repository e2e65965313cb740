"""Heat, damp, nights, batteries and alarms: what is told, when, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.model.alert import AlertState
from sensor_hub.model.entry import Arrival
from sensor_hub.model.finding import Unfitted
from sensor_hub.model.home import Device, Home
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, by_arrival, changes, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
FROM = START + 6 * DAY + 10 * HOUR


def _warmer(by: float, until: float) -> list[Arrival]:
    log = []
    for one in whole_log(small_home(), START, until):
        reading = one.reading
        if reading.metric is Metric.TEMPERATURE and reading.at >= FROM and isinstance(reading.value, float):
            log.append(
                Arrival(
                    one.received,
                    replace(reading, value=reading.value + by * min((reading.at - FROM) / (3 * HOUR), 1.0)),
                )
            )
        else:
            log.append(one)
    return log


def test_a_hot_home_is_told_and_more_urgent_when_hotter() -> None:
    warm = raised(small_home(), _warmer(6.0, FROM + DAY))
    assert [(alert.kind, alert.urgency) for alert in warm] == [(Kind.OVERHEATING, Urgency.SOON)]
    assert "above 26 °C since" in warm[0].summary
    hot = [c for c in changes(small_home(), _warmer(14.0, FROM + DAY)) if c.kind is Kind.OVERHEATING]
    assert hot[-1].urgency is Urgency.URGENT
    assert hot[-1].at - FROM <= 6 * HOUR


def _with_hygrometer() -> Home:
    both = frozenset({Metric.TEMPERATURE, Metric.HUMIDITY})
    home = small_home()
    outdoors = Device("outside", Room.OUTDOOR, frozenset({Metric.TEMPERATURE}))
    return replace(home, devices=(*home.devices, Device("wall", Room.BEDROOM, both), outdoors))


@pytest.mark.parametrize(("humidity", "told"), [(45.0, False), (80.0, True)])
def test_damp_is_judged_on_the_wall_over_days(humidity: float, told: bool) -> None:
    home = _with_hygrometer()
    log = list(whole_log(home, START, START + 4 * DAY))
    for n in range(4 * 144):
        at = START + n * 10 * MINUTE + 3
        log += [
            arrival(at, "wall", Metric.HUMIDITY, humidity + n % 5 / 10),
            arrival(at, "outside", Metric.TEMPERATURE, 5.0),
        ]

    alerts = raised(home, by_arrival(log))

    assert [(alert.kind, alert.subject, alert.urgency) for alert in alerts] == (
        [(Kind.DAMP, "wall", Urgency.NOTICE)] if told else []
    )


def test_two_nights_up_and_about_are_told_and_one_is_not() -> None:
    home = small_home()
    log = list(whole_log(home, START, START + 20 * DAY))

    def night(day: int) -> list[Arrival]:
        at = START + day * DAY + 1.2 * HOUR
        return [
            arrival(at + n * 5 * MINUTE, f"motion-{('kitchen', 'living')[n % 2]}", Metric.MOTION) for n in range(24)
        ]

    assert raised(home, by_arrival([*log, *night(16)])) == []
    alerts = raised(home, by_arrival([*log, *night(16), *night(17)]))
    assert [(alert.kind, alert.urgency) for alert in alerts] == [(Kind.NIGHT_ACTIVITY, Urgency.SOON)]
    assert "between 23:00 and 05:00, last 3 nights: 0, 135 and 135 min; usually" in alerts[0].summary


def test_a_battery_that_stays_low_is_told_once_and_one_that_jumps_is_not() -> None:
    home = small_home()
    log = [one for one in whole_log(home, START, START + 5 * DAY) if one.reading.metric is not Metric.BATTERY]
    hours = [START + n * HOUR + 40 for n in range(5 * 24)]
    others = [device.id for device in home.devices[:8] if device.id != "motion-hall"]
    beats = [arrival(at, device, Metric.BATTERY, 90.0) for at in hours for device in others]
    low = [arrival(at, "motion-hall", Metric.BATTERY, 12.0 if at > START + DAY else 90.0) for at in hours]
    jumping = [arrival(at, "motion-hall", Metric.BATTERY, (12.0, 100.0)[n % 2]) for n, at in enumerate(hours)]

    told = raised(home, by_arrival([*log, *beats, *low]))

    assert [(alert.kind, alert.subject, alert.urgency) for alert in told] == [
        (Kind.BATTERY_LOW, "motion-hall", Urgency.NOTICE)
    ]
    assert "12 % battery left" in told[0].summary
    assert raised(home, by_arrival([*log, *beats, *jumping])) == []


def _with_alarms() -> Home:
    home = small_home()
    smoke = Device("smoke-1", Room.KITCHEN, frozenset({Metric.SMOKE, Metric.BATTERY}))
    button = Device("button-1", Room.BEDROOM, frozenset({Metric.SOS, Metric.BATTERY}))
    return replace(home, devices=(*home.devices, smoke, button))


def test_an_alarm_is_told_the_moment_it_arrives_and_once() -> None:
    home, at = _with_alarms(), START + DAY + 10 * HOUR + 7
    alarm = [arrival(at + n * 20, "smoke-1", Metric.SMOKE, 1.0) for n in range(3)]
    over = arrival(at + 900, "smoke-1", Metric.SMOKE, 0.0)

    log = by_arrival([*whole_log(home, START, START + 2 * DAY), *alarm, over])
    told = [c for c in changes(home, log) if c.kind is Kind.SMOKE]

    assert [(c.state, c.urgency) for c in told] == [
        (AlertState.RAISED, Urgency.URGENT),
        (AlertState.CLEARED, Urgency.URGENT),
    ]
    assert told[0].at == at + 1
    assert told[0].summary == "Smoke in the kitchen at 10:00 (smoke-1)."


def test_a_call_for_help_that_an_outage_held_back_is_still_told() -> None:
    home, at = _with_alarms(), START + DAY + 10 * HOUR
    late = arrival(at, "button-1", Metric.SOS, 1.0, received=at + 5 * HOUR)

    told = [c for c in raised(home, by_arrival([*whole_log(home, START, START + 2 * DAY), late])) if c.kind is Kind.SOS]

    assert [c.at for c in told] == [at + 5 * HOUR]
    assert "5 h before it reached us" in told[0].summary


def test_what_the_home_has_no_sensor_for_is_said() -> None:
    watch = HomeWatch.begin(small_home())
    watch.feed(Arrival(START, Reading(START, "gateway", Metric.ONLINE, 1.0)))
    watch.tick_past(START + HOUR)
    unfitted = {finding.kind: finding.reason for finding in watch.findings if isinstance(finding, Unfitted)}
    assert unfitted == {
        Kind.HEATING_OFF: "no thermometer outdoors, so nothing says whether heating is needed",
        Kind.VISIT_MISSED: "no care visit is expected here",
        Kind.DAMP: "no hygrometer with a thermometer indoors",
        Kind.SMOKE: "no device reports smoke",
        Kind.WATER_LEAK: "no device reports water leak",
        Kind.SOS: "no device reports sos",
    }
