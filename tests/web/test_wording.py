"""Moments and spans as people read them."""

from __future__ import annotations

import pytest

from sensor_hub.model.home import Device
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.room import Room
from sensor_hub.web.wording import ago_words, device_words, evidence_words, moment_words, span_words, subject_words
from tests.web.builders import NOW, make_home, moment

HOME = make_home()


@pytest.mark.parametrize(
    ("at", "now", "expected"),
    [
        ("2026-01-05T05:12:00Z", "2026-01-05T09:40:00Z", "05:12 today"),
        ("2026-01-04T22:40:00Z", "2026-01-05T09:40:00Z", "22:40 yesterday"),
        ("2026-01-06T08:00:00Z", "2026-01-05T09:40:00Z", "08:00 tomorrow"),
        ("2026-01-02T22:40:00Z", "2026-01-05T09:40:00Z", "22:40 on Fri 2 Jan"),
        ("2025-12-31T22:40:00Z", "2026-01-05T09:40:00Z", "22:40 on Wed 31 Dec 2025"),
        ("2026-06-30T23:30:00Z", "2026-07-01T09:40:00Z", "00:30 today"),
        ("2026-10-25T00:30:00Z", "2026-10-25T09:40:00Z", "01:30 BST today"),
        ("2026-10-25T01:30:00Z", "2026-10-25T09:40:00Z", "01:30 GMT today"),
    ],
)
def test_a_moment_is_told_by_the_clock_in_the_home(at: str, now: str, expected: str) -> None:
    assert moment_words(moment(at), moment(now), HOME.zone) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (59, "less than a minute"),
        (12 * MINUTE, "12 min"),
        (3 * HOUR, "3 h"),
        (3 * HOUR + 20 * MINUTE, "3 h 20 min"),
        (9.5 * HOUR, "9 h"),
        (47 * HOUR, "47 h"),
        (3.5 * DAY, "3 days"),
    ],
)
def test_a_span(seconds: float, expected: str) -> None:
    assert span_words(seconds) == expected


def test_a_moment_to_come_is_not_called_past() -> None:
    assert ago_words(NOW + HOUR, NOW) == "in 1 h"
    assert ago_words(NOW, NOW) == "just now"


def test_evidence_in_words() -> None:
    evidence = {
        "last_movement_at": NOW - HOUR,
        "usual_by": "2026-01-05T08:10:00Z",
        "now_c": 15.42,
        "still_minutes": 268,
        "gap_s": 7200.0,
        "reason": "stuck",
        "days": 28,
        "below": 16.0,
        "last_device": "0x00158d0001a20005",
    }
    assert list(evidence_words(evidence, NOW, HOME)) == [
        ("Last movement", "08:40 today"),
        ("Usual by", "08:10 today"),
        ("Now", "15.4 °C"),
        ("Still", "4 h 28 min"),
        ("Gap", "2 h"),
        ("Reason", "stuck"),
        ("Days", "28"),
        ("Below", "16 °C"),
        ("Last device", "Hall door (0x00158d0001a20005)"),
    ]


def test_devices_and_subjects_are_named_by_where_they_stand() -> None:
    climate = frozenset({Metric.HUMIDITY, Metric.TEMPERATURE})
    assert device_words(Device("x", Room.LIVING, climate)) == "Living room thermometer"
    assert subject_words("0x00158d0001a20005", HOME) == "Hall door (0x00158d0001a20005)"
    assert subject_words("gateway", HOME) == "Gateway"
    assert subject_words("bedroom", HOME) == "Bedroom"
    assert subject_words("0x99", None) == "0x99"
    assert subject_words("", HOME) == ""
