"""A dead sensor, a dead gateway or a hub that was away is not a resident who does not move."""

from dataclasses import replace

from sensor_hub.model.alert import AlertState
from sensor_hub.model.entry import Arrival, HubAway
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import ACTIVITY, Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, by_arrival, changes, moment, ordinary_days, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
CARE = {Kind.INACTIVITY, Kind.TOILETING_INCREASE, Kind.TOILETING_DECREASE, Kind.COLD}


def _without(log: list[Arrival], start: float, end: float, device: str = "") -> list[Arrival]:
    return [one for one in log if not (start <= one.reading.at < end and device in ("", one.reading.device))]


def test_a_dead_sensor_is_a_silent_device_and_nothing_else() -> None:
    home = small_home()
    dies, end = START + 14 * DAY + 9 * HOUR, START + 17 * DAY
    for room in ("living", "bathroom", "bedroom"):
        log = _without(whole_log(home, START, end), dies, end, f"motion-{room}")

        alerts = raised(home, log)

        assert [(alert.kind, alert.subject) for alert in alerts] == [(Kind.DEVICE_SILENT, f"motion-{room}")]
        assert 3 * HOUR <= alerts[0].at - alerts[0].since <= 3.2 * HOUR
        assert "has said nothing since" in alerts[0].summary


def test_all_movement_sensors_dead_is_told_as_not_seeing() -> None:
    home = small_home()
    dies, end = START + 14 * DAY + 9 * HOUR, START + 15 * DAY
    log = [
        one
        for one in whole_log(home, START, end)
        if one.reading.at < dies or not one.reading.device.startswith(("motion", "front"))
    ]

    alerts = raised(home, log)

    assert {alert.kind for alert in alerts} == {Kind.DEVICE_SILENT}
    assert len(alerts) == 6
    watch = HomeWatch.begin(home)
    for entry in log:
        watch.feed(entry)
    blind = {finding.kind: finding.reason for finding in watch.findings if hasattr(finding, "reason")}
    assert "not heard" in blind[Kind.INACTIVITY]
    assert "motion-bathroom not heard" in blind[Kind.TOILETING_DECREASE]


def test_an_outage_with_late_delivery_raises_one_gateway_silent_and_nothing_about_the_resident() -> None:
    home = small_home()
    for start, hours in ((START + 14 * DAY + 6 * HOUR, 30), (START + 15 * DAY + 20 * HOUR, 9)):
        back = start + hours * HOUR
        log = [
            Arrival(back + (one.reading.at - start) / 100, one.reading) if start <= one.reading.at < back else one
            for one in whole_log(home, START, back + 2 * DAY)
        ]

        told = changes(home, by_arrival(log))

        assert [(change.kind, change.state) for change in told] == [
            (Kind.GATEWAY_SILENT, AlertState.RAISED),
            (Kind.GATEWAY_SILENT, AlertState.CLEARED),
        ]
        assert HOUR <= told[0].at - start <= 1.2 * HOUR
        assert "we cannot see it" in told[0].summary


def test_what_an_outage_hid_is_told_once_as_a_notice_for_the_review() -> None:
    home = small_home()
    start, back = START + 14 * DAY, START + 15 * DAY + 12 * HOUR
    still = (START + 14 * DAY + 9 * HOUR, START + 14 * DAY + 17 * HOUR)
    log = [
        Arrival(back + (one.reading.at - start) / 100, one.reading) if start <= one.reading.at < back else one
        for one in whole_log(home, START, back + DAY)
        if one.reading.metric != "motion" or not still[0] <= one.reading.at < still[1]
    ]

    alerts = raised(home, by_arrival(log))

    assert [alert.kind for alert in alerts if alert.urgency.interrupts] == [Kind.GATEWAY_SILENT]
    late = [alert for alert in alerts if not alert.urgency.interrupts]
    assert [(alert.kind, alert.urgency) for alert in late] == [(Kind.INACTIVITY, Urgency.NOTICE)]
    assert "no movement from Mon 19 Jan 08:45 to Mon 19 Jan 17:00" in late[0].summary


def test_a_hub_that_was_away_blames_nobody() -> None:
    home = small_home()
    stops, starts = START + 14 * DAY + 8 * HOUR, START + 14 * DAY + 20 * HOUR
    log = [
        Arrival(starts + 5 + (one.reading.at - stops) / 100, one.reading) if stops <= one.reading.at < starts else one
        for one in whole_log(home, START, starts + DAY)
    ]
    away = HubAway(received=starts, start=stops, end=starts)

    assert raised(home, by_arrival([*log, away])) == []
    without_the_entry = raised(home, by_arrival(log))
    assert [alert.kind for alert in without_the_entry] == [Kind.GATEWAY_SILENT]


def test_a_gateway_that_stays_silent_after_the_hub_is_back_is_told_a_quarter_of_an_hour_later() -> None:
    home = small_home()
    stops, starts = START + 3 * DAY, START + 3 * DAY + 3 * HOUR
    log = whole_log(home, START, stops)
    watch = HomeWatch.begin(home)
    for entry in [*log, HubAway(received=starts, start=stops, end=starts)]:
        assert watch.feed(entry) == []

    told = watch.tick_past(starts + HOUR)

    assert [(change.kind, change.at - starts) for change in told] == [(Kind.GATEWAY_SILENT, 20 * MINUTE)]


def test_a_home_of_sensors_that_speak_only_of_events_is_watched_and_not_called_silent_every_night() -> None:
    """No gateway that says `online`, no heartbeats: by their `report_every` they may be silent for a day."""
    whole = small_home()
    devices = [replace(d, report_every=86400.0) for d in whole.devices if d.id.startswith("motion")]
    home, fall = replace(whole, devices=tuple(devices)), START + 20 * DAY + 10 * HOUR
    days = [one for one in ordinary_days(home, START, fall + 9 * HOUR) if one.reading.at < fall]

    alerts = raised(home, [*days, arrival(fall + 9 * HOUR, "stranger", Metric.MOTION)])

    assert [alert.kind for alert in alerts] == [Kind.INACTIVITY]
    assert alerts[0].at - fall <= 6 * HOUR


def test_a_gateway_whose_radio_fails_is_one_alert_and_not_one_for_each_sensor() -> None:
    home = small_home()
    fails, back, end = START + 14 * DAY + 9 * HOUR, START + 15 * DAY, START + 16 * DAY
    log = [
        one
        for one in whole_log(home, START, end)
        if one.reading.device == "gateway" or not fails <= one.reading.at < back
    ]

    told = changes(home, log)

    assert [(change.kind, change.state) for change in told] == [
        (Kind.GATEWAY_SILENT, AlertState.RAISED),
        (Kind.GATEWAY_SILENT, AlertState.CLEARED),
    ]
    assert "none of its sensors since 08:" in told[0].summary
    assert 1.4 * HOUR <= told[0].at - fails <= 1.7 * HOUR


def _still_then_dark(still: float, dark: float, back: float) -> list[Arrival]:
    """Nobody moves from `still` on, nothing at all is heard from `dark` on, and life is as usual again at `back`."""
    home = small_home()
    return [
        one
        for one in whole_log(home, START, back + DAY)
        if not (still <= one.reading.at < back and one.reading.metric in ACTIVITY) and not dark <= one.reading.at < back
    ]


def test_whoever_was_already_still_when_sight_was_lost_stays_a_care_matter() -> None:
    still = START + 14 * DAY + 20 * HOUR
    log = _still_then_dark(still, still + 2.75 * HOUR, still + 14 * HOUR)

    told = [change for change in changes(small_home(), log) if change.kind is Kind.INACTIVITY]

    assert [(change.state, change.urgency) for change in told] == [
        (AlertState.RAISED, Urgency.SOON),
        (AlertState.CLEARED, Urgency.SOON),
    ]
    assert 3 * HOUR <= told[0].at - still <= 6 * HOUR
    assert "and then sight of the home was lost" in told[0].summary
    assert told[1].at >= still + 14 * HOUR


def test_whoever_was_up_shortly_before_sight_was_lost_is_not_called_still() -> None:
    still = START + 14 * DAY + 20 * HOUR
    log = _still_then_dark(still, still + HOUR, still + 14 * HOUR)

    assert [alert.kind for alert in raised(small_home(), log)] == [Kind.GATEWAY_SILENT]


def test_sensors_that_come_and_go_do_not_tell_a_stillness_twice() -> None:
    still, back = START + 14 * DAY + 10 * HOUR, START + 14 * DAY + 17 * HOUR
    log = _still_then_dark(still, back, back)
    for hours in (3, 5):
        start = still + hours * HOUR + 20 * MINUTE
        for room in ("living", "kitchen", "hall", "bathroom"):
            log = _without(log, start, start + 1.9 * HOUR, f"motion-{room}")

    told = [change for change in changes(small_home(), log) if change.kind is Kind.INACTIVITY]

    assert [change.state for change in told] == [AlertState.RAISED, AlertState.CLEARED]
    assert told[1].at >= back
