"""When a visit is expected, by the clock on the wall."""

from __future__ import annotations

import pytest

from sensor_hub.model.moment import MINUTE
from sensor_hub.model.visit import Visit
from tests.homes import LONDON, moment

WEEKDAYS = (0, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("after", "planned"),
    [
        ("2026-01-05 08:00", "2026-01-05 08:30"),
        ("2026-01-05 08:30", "2026-01-06 08:30"),
        ("2026-01-09 12:00", "2026-01-12 08:30"),
        ("2026-03-27 12:00", "2026-03-30 08:30"),
    ],
)
def test_the_next_one_is_on_a_day_of_the_visit_at_its_time(after: str, planned: str) -> None:
    assert Visit("morning", 510, WEEKDAYS).next_after(LONDON, moment(after)) == moment(planned)


def test_somebody_may_come_within_the_tolerance() -> None:
    visit = Visit("late", 23 * 60 + 50, WEEKDAYS, 30 * MINUTE)
    expected = ("2026-01-09 23:20", "2026-01-09 23:50", "2026-01-10 00:20")
    assert all(visit.is_around(LONDON, moment(at)) for at in expected)
    assert not any(
        visit.is_around(LONDON, moment(at)) for at in ("2026-01-09 23:19", "2026-01-10 00:21", "2026-01-11 00:00")
    )
