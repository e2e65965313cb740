"""Times are typed by the clock of the home."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from sensor_hub.model.moment import iso
from sensor_hub.web.home_time import parse_home_time, typed_words
from tests.web.builders import NOW

LONDON, LISBON = ZoneInfo("Europe/London"), ZoneInfo("Europe/Lisbon")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-07-01 09:00", "2026-07-01T08:00:00Z"),
        (" 2026-01-05T09:00 ", "2026-01-05T09:00:00Z"),
        ("2026-07-01T09:00:30", "2026-07-01T08:00:30Z"),
        ("2026-07-01T09:00:00Z", "2026-07-01T09:00:00Z"),
        ("2026-07-01T09:00+02:00", "2026-07-01T07:00:00Z"),
        ("2026-10-25 01:30", "2026-10-25T00:30:00Z"),
        ("now", iso(NOW)),
    ],
)
def test_what_is_typed(text: str, at: str) -> None:
    assert iso(parse_home_time(text, LONDON, NOW)) == at


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "enter a date and a time like"),
        ("tomorrow", "enter a date and a time like"),
        ("2026-07-01", "enter a date and a time like"),
        ("05/01/2026 09:00", "enter a date and a time like"),
        ("2026-02-30 09:00", "no such date or time"),
        ("1026-02-03 09:00", "no such date or time"),
        ("2026-03-29 01:30", "the clocks go forward over that time"),
    ],
)
def test_what_cannot_be(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_home_time(text, LONDON, NOW)


def test_a_field_holds_what_was_typed() -> None:
    assert typed_words(parse_home_time("2026-07-01T09:00", LISBON, NOW), LISBON) == "2026-07-01T09:00"
