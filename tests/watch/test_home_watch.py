"""The time of a home: ticks, the frontier, and repeats of what was done."""

from sensor_hub.model.alert import AlertState, alert_id, alert_line
from sensor_hub.model.entry import HomeSet
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.watch.home_watch import GRID, LAG, HomeWatch
from tests.homes import arrival, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")


def test_ticks_fall_on_whole_five_minutes_and_the_frontier_is_two_minutes_behind() -> None:
    watch = HomeWatch.begin(small_home())
    watch.feed(HomeSet(START + 17, small_home()))
    assert watch.state.ticked == START
    watch.tick_past(START + 2 * GRID + 1)
    assert watch.state.ticked == START + 2 * GRID
    assert watch.engine.state.frontier == START + 2 * GRID - LAG


def test_readings_wait_until_the_frontier_has_passed_them() -> None:
    watch = HomeWatch.begin(small_home())
    watch.feed(HomeSet(START, small_home()))
    watch.feed(arrival(START + 170, "motion-hall", Metric.MOTION))
    watch.feed(arrival(START + 190, "motion-hall", Metric.MOTION))
    watch.tick_past(START + GRID)
    assert [reading.at for reading in watch.state.waiting] == [START + 190]
    assert watch.engine.state.inside_at == START + 170


def test_an_alerts_id_comes_from_what_it_is_about() -> None:
    home = small_home()
    log = whole_log(home, START, START + DAY)
    log = [one for one in log if one.reading.at < START + 12 * HOUR or one.reading.device != "motion-hall"]
    alert = raised(home, log)[0]
    assert alert.id == alert_id(home.id, Kind.DEVICE_SILENT, "motion-hall", alert.since)
    assert alert.state is AlertState.RAISED
    assert alert_line(alert).startswith(f'{{"id": "{alert.id}", "home": "test-home", "kind": "device_silent"')


def test_a_home_that_is_described_anew_keeps_what_was_learned() -> None:
    home = small_home()
    watch = HomeWatch.begin(home)
    for entry in whole_log(home, START, START + 5 * DAY):
        watch.feed(entry)
    learned = watch.engine.state.hazard.days
    watch.feed(HomeSet(START + 5 * DAY, small_home(residents=2)))
    assert learned == 4 or learned == 5
    assert watch.engine.state.hazard.days == learned
    assert watch.home.residents == 2
