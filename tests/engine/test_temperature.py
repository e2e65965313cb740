"""Cold homes by the clock: bands, durations, and what must not be told."""

from sensor_hub.model.alert import AlertState
from sensor_hub.model.entry import Arrival
from sensor_hub.model.finding import Deviation
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.reading import Reading
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import changes, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
FROM = START + 6 * DAY + 14 * HOUR


def _log(falls: float, *, days: float = 2.0, to: float = 20.0) -> list[Arrival]:
    """Ordinary days; from `FROM` on every room cools by `falls` degrees an hour down to `to`."""
    log = []
    for one in whole_log(small_home(), START, FROM + days * DAY):
        reading = one.reading
        if reading.metric is Metric.TEMPERATURE and reading.at >= FROM and isinstance(reading.value, float):
            value = max(to, reading.value - falls * (reading.at - FROM) / HOUR)
            log.append(Arrival(one.received, Reading(reading.at, reading.device, reading.metric, value)))
        else:
            log.append(one)
    return log


def test_a_fall_below_18_that_is_a_change_is_told_after_three_hours_and_rises_with_the_cold() -> None:
    told = [c for c in changes(small_home(), _log(1.0, to=11.0)) if c.kind is Kind.COLD]

    assert [(c.state, c.urgency) for c in told] == [
        (AlertState.RAISED, Urgency.SOON),
        (AlertState.UPDATED, Urgency.URGENT),
    ]
    assert 5 * HOUR <= told[0].at - FROM <= 7 * HOUR
    assert "below 18 °C since" in told[0].summary
    assert "Usually 2" in told[0].summary
    assert told[1].id == told[0].id


def test_cool_mornings_in_a_row_are_told_once_and_then_wait_for_the_review() -> None:
    """From `FROM`'s day on it is 3.5 °C colder from 3 to 9 o'clock, which is a change for each of these mornings."""
    log = []
    for one in whole_log(small_home(), START, START + 18 * DAY):
        reading, hour = one.reading, (one.reading.at - START) % DAY / HOUR
        if reading.metric is Metric.TEMPERATURE and isinstance(reading.value, float) and reading.at >= FROM:
            value = reading.value - (3.5 if 3 <= hour < 9 else 0.0)
            log.append(Arrival(one.received, Reading(reading.at, reading.device, reading.metric, value)))
        else:
            log.append(one)

    told = [alert for alert in raised(small_home(), log) if alert.kind is Kind.COLD]

    assert [alert.urgency for alert in told[:7]] == [Urgency.SOON] + [Urgency.NOTICE] * 6
    assert sum(alert.urgency is Urgency.SOON for alert in told) <= 2
    assert told[1].at - told[0].at <= DAY + 2 * HOUR


def test_a_home_that_is_always_at_17_waits_for_the_review() -> None:
    log = []
    for one in whole_log(small_home(), START, START + 10 * DAY):
        reading = one.reading
        if reading.metric is Metric.TEMPERATURE and isinstance(reading.value, float):
            log.append(Arrival(one.received, Reading(reading.at, reading.device, reading.metric, reading.value - 3.5)))
        else:
            log.append(one)

    alerts = raised(small_home(), log)

    assert [(alert.kind, alert.urgency) for alert in alerts] == [(Kind.COLD, Urgency.NOTICE)]


def test_a_broken_thermometer_is_no_cold_home() -> None:
    for wrong in (0.0, -127.0, 85.0):
        log = []
        for one in whole_log(small_home(), START, FROM + DAY):
            reading = one.reading
            broken = reading.device == "climate-living" and reading.metric is Metric.TEMPERATURE and reading.at >= FROM
            value = wrong if broken else reading.value
            log.append(Arrival(one.received, Reading(reading.at, reading.device, reading.metric, value)))

        alerts = raised(small_home(), log)

        assert [(alert.kind, alert.subject) for alert in alerts] == [(Kind.SENSOR_FAULT, "climate-living")]
        assert 1.8 * HOUR <= alerts[0].at - FROM <= 2.5 * HOUR


def test_an_airing_of_an_hour_is_nothing() -> None:
    log = []
    for one in whole_log(small_home(), START, FROM + DAY):
        reading = one.reading
        if (
            reading.metric is Metric.TEMPERATURE
            and FROM <= reading.at < FROM + HOUR
            and isinstance(reading.value, float)
        ):
            log.append(Arrival(one.received, Reading(reading.at, reading.device, reading.metric, reading.value - 6)))
        else:
            log.append(one)
    assert raised(small_home(), log) == []


def test_a_room_that_warms_again_is_not_called_colder_than_it_is() -> None:
    """The episode lasts until it is half a degree warmer for an hour: what is said of it meanwhile is true."""
    watch = HomeWatch.begin(small_home())
    for one in _log(1.0, days=1.0, to=11.0):
        reading = one.reading
        if reading.at >= FROM + 20 * HOUR and reading.metric is Metric.TEMPERATURE:
            reading = Reading(reading.at, reading.device, reading.metric, 12.2)
        watch.feed(Arrival(one.received, reading))
    (cold,) = [each for each in watch.findings if isinstance(each, Deviation) and each.kind is Kind.COLD]
    assert cold.summary.startswith("12.2 °C in ")
    assert ". Below 12 °C since " in cold.summary
    assert "; an hour at 12.5 °C or more ends this." in cold.summary
