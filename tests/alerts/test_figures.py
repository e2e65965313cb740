"""Figures tell how it goes, and of nobody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sensor_hub.alerts.figures import FEWEST, figures, whole_weeks
from sensor_hub.alerts.review import Review, Reviewed, Unseen
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import HOUR, MINUTE, WEEK, parse_moment

MONDAY = parse_moment("2026-11-16T00:00:00Z")


def cold(number: int, home: str, answered: float | None = None) -> Reviewed:
    at = MONDAY + number * HOUR
    later = None if answered is None else at + answered
    return Reviewed(f"a{number}", home, Kind.COLD, Urgency.SOON, "Cold.", at, at, answered_at=later)


def week(alerts: list[Reviewed], unseen: list[Unseen] | None = None, away: float = 0.0) -> Review:
    return Review(MONDAY, MONDAY + WEEK, 10, alerts, unseen=unseen or [], away=away)


@pytest.mark.parametrize(
    ("homes", "told"),
    [(["a", "b", "c", "d", "e"], 5), (["a", "b", "c", "d", "d", "d"], None), (["a"] * 9, None), ([], 0)],
)
def test_a_count_is_told_that_enough_homes_stand_behind(homes: list[str], told: int | None) -> None:
    alerts = [cold(number, home) for number, home in enumerate(homes)]
    elsewhere = Review(MONDAY - WEEK, MONDAY, 10, [cold(0, "f")])
    found = figures([elsewhere, week(alerts)], 10)
    assert [count.alerts for count in found.weeks[1].counts] == [told]


def test_answers_are_told_where_enough_homes_were_answered() -> None:
    alerts = [cold(number, f"h{number}", answered=number * MINUTE) for number in range(6)]
    soon = {each.urgency: each for each in figures([week(alerts)], 10).weeks[0].answered}[Urgency.SOON]
    assert (soon.share, soon.median) == (1.0, 2.5 * MINUTE)
    alerts = [cold(number, f"h{number}", answered=60.0 if number < 4 else None) for number in range(8)]
    soon = {each.urgency: each for each in figures([week(alerts)], 10).weeks[0].answered}[Urgency.SOON]
    assert (soon.share, soon.median) == (0.5, None)


def test_what_could_be_seen_is_a_share_of_all_homes_time() -> None:
    found = figures([week([], [Unseen("a", WEEK / 2, WEEK)], away=WEEK / 100)], 10)
    assert found.weeks[0].seen == pytest.approx(1 - 0.05 - 0.01)


def test_of_few_homes_nothing_is_told() -> None:
    found = figures([week([cold(1, "a")])], FEWEST - 1)
    assert (found.homes, found.weeks) == (None, [])


def test_only_weeks_that_are_over_are_told() -> None:
    now = parse_moment("2026-11-24T15:00:00Z")
    spans = list(whole_weeks(now, 2))
    days = [tuple(datetime.fromtimestamp(at, UTC).strftime("%a %d") for at in span) for span in spans]
    assert days == [("Mon 09", "Mon 16"), ("Mon 16", "Mon 23")]
    assert list(whole_weeks(MONDAY, 1)) == [(MONDAY - WEEK, MONDAY)]
