"""The chart's numbers: what is not seen is never a zero, and a day of 25 hours has 25."""

from __future__ import annotations

import pytest

from sensor_hub.model.home import Device, Home
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.web.chart import Chart, read_chart, silent_spans, window_of
from sensor_hub.web.chart_table import coverage_table, movement_table, temperature_table
from tests.web.builders import MemoryHub, history, make_alert, moment

HOME = Home(
    "elm-14",
    "Europe/London",
    devices=(
        Device("k", Room.KITCHEN, frozenset({Metric.MOTION}), 3600),
        Device("t", Room.LIVING, frozenset({Metric.TEMPERATURE}), 3600),
    ),
)
NOON = moment("2026-01-05T12:00:00Z")


def chart_of(*readings: Reading, now: float = NOON, days: int = 1) -> Chart:
    return read_chart(MemoryHub(log={HOME.id: list(readings)}), HOME, window_of(days, now), now=now)


def motion(at: float, value: float = 1) -> Reading:
    return Reading(at, "k", Metric.MOTION, value)


def warm(at: float, value: float) -> Reading:
    return Reading(at, "t", Metric.TEMPERATURE, value)


def test_a_window_ends_with_the_bin_of_now() -> None:
    window = window_of(1, NOON + 60)
    assert (window.end, window.end - window.start, window.width) == (NOON + 900, 24 * HOUR, 900)
    assert window_of(1, NOON).end == NOON, "a bin that has not begun says nothing"


def test_no_movement_is_zero_only_while_the_sensor_was_heard() -> None:
    chart = chart_of(motion(NOON - 5 * HOUR), motion(NOON - 4.5 * HOUR, 0))
    by_bin = dict(zip(chart.at, chart.movement[0].counts, strict=True))
    assert by_bin[NOON - 5 * HOUR - 900] is None
    assert by_bin[NOON - 5 * HOUR] == 1
    assert by_bin[NOON - 4 * HOUR] == 0
    assert by_bin[NOON - 3.5 * HOUR] is None


def test_what_was_heard_just_before_the_window_vouches_for_its_start() -> None:
    start = window_of(1, NOON).start
    chart = chart_of(motion(start - 30 * MINUTE, 0))
    assert chart.coverage[0].heard == [(start, start + 30 * MINUTE)]


def test_nothing_is_said_to_be_heard_after_now() -> None:
    chart = chart_of(motion(NOON - 60))
    assert chart.coverage[0].heard == [(NOON - 900, NOON)]
    assert chart.known_until == NOON


def test_temperature_is_held_between_reports_and_not_over_a_gap() -> None:
    chart = chart_of(warm(NOON - 6 * HOUR, 19.0), warm(NOON - 5 * HOUR, 18.0), warm(NOON - HOUR, 17.0))
    by_bin = dict(zip(chart.at, chart.temperature[0].celsius, strict=True))
    assert by_bin[NOON - 5.25 * HOUR] == 19.0
    assert by_bin[NOON - 5 * HOUR] == 18.0
    assert by_bin[NOON - 3 * HOUR] is None
    assert by_bin[NOON - 15 * MINUTE] is None


def test_silent_spans_are_what_is_left() -> None:
    chart = chart_of(motion(NOON - 5 * HOUR, 0))
    spans = list(silent_spans(chart.coverage[0], chart.start, NOON))
    assert spans == [(chart.start, NOON - 5 * HOUR), (NOON - 4 * HOUR, NOON)]
    texts = coverage_table(chart, HOME, NOON).rows[0].texts
    assert texts == ["from 12:00 yesterday to 07:00 today; from 08:00 today to now"]


def test_the_tables_say_what_was_not_seen() -> None:
    chart = chart_of(motion(NOON - 3 * HOUR + 60), motion(NOON - 3 * HOUR + 120), warm(NOON - 3 * HOUR, 18.0))
    rows = {row.label: row.texts for row in movement_table(chart, HOME, 1).rows}
    assert rows["Mon 5 Jan 09:00"] == ["2"]
    assert rows["Mon 5 Jan 07:00"] == ["not seen"]
    rows = {row.label: row.texts for row in temperature_table(chart, HOME, 1).rows}
    assert (rows["Mon 5 Jan 09:00"], rows["Mon 5 Jan 11:00"]) == (["18.0 °C"], ["not measured"])


def test_the_hour_that_comes_twice_stands_twice() -> None:
    now = moment("2026-10-25T12:00:00Z")
    labels = [row.label for row in movement_table(chart_of(now=now), HOME, 1).rows]
    assert "Sun 25 Oct 01:00 BST" in labels
    assert "Sun 25 Oct 01:00 GMT" in labels
    assert sum(label.startswith("Sun 25 Oct") for label in labels) == 13


def test_the_hour_that_is_left_out_is_not_there() -> None:
    now = moment("2026-03-29T12:00:00Z")
    labels = [row.label for row in movement_table(chart_of(now=now), HOME, 1).rows]
    assert not any(label.startswith("Sun 29 Mar 01:00") for label in labels)
    assert "Sun 29 Mar 02:00 BST" in labels


def test_outdoors_is_marked_since_it_would_squeeze_the_rooms() -> None:
    home = Home("elm-14", "Europe/London", devices=(Device("o", Room.OUTDOOR, frozenset({Metric.TEMPERATURE})),))
    chart = read_chart(MemoryHub(), home, window_of(1, NOON), now=NOON)
    assert [line.is_outdoors for line in chart.temperature] == [True]


def test_of_very_many_alerts_the_last_are_told_and_that_there_were_more(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = MemoryHub()
    for number in range(5):
        row = make_alert(f"a{number}", HOME.id, Kind.COLD, Urgency.SOON, NOON - number * HOUR, "It is cold.")
        hub.histories[row.id] = history(row)
    late = make_alert("b", HOME.id, Kind.COLD, Urgency.SOON, NOON + HOUR, "It is cold.")
    hub.histories["b"] = history(late)
    chart = read_chart(hub, HOME, window_of(1, NOON + 60), now=NOON)
    assert [mark.at for mark in chart.alerts] == [NOON - number * HOUR for number in (4, 3, 2, 1, 0)]
    assert not chart.has_more_alerts
    monkeypatch.setattr("sensor_hub.web.chart.MOST_MARKS", 2)
    chart = read_chart(hub, HOME, window_of(1, NOON + 60), now=NOON)
    assert ([mark.at for mark in chart.alerts], chart.has_more_alerts) == ([NOON - HOUR, NOON], True)
