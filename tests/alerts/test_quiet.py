from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.hold import awake
from sensor_hub.alerts.quiet import Quiet
from sensor_hub.model.kind import Urgency
from sensor_hub.model.moment import HOUR
from tests.alerts.plans import hours
from tests.homes import LONDON, moment

NIGHT = Quiet(hours("22:00", "07:00"), LONDON)
NOON = Quiet(hours("12:00", "14:00"), LONDON)


@pytest.mark.parametrize(
    ("at", "release"),
    [
        ("2026-01-05 21:59", None),
        ("2026-01-05 22:00", "2026-01-06 07:00"),
        ("2026-01-06 03:00", "2026-01-06 07:00"),
        ("2026-01-06 06:59", "2026-01-06 07:00"),
        ("2026-01-06 07:00", None),
        # The clock goes on at one, and back at two.
        ("2026-03-29 00:30", "2026-03-29 07:00"),
        ("2026-10-25 00:30", "2026-10-25 07:00"),
    ],
)
def test_a_night_ends_in_the_morning_by_the_clock(at: str, release: str | None) -> None:
    assert NIGHT.release(moment(at)) == (None if release is None else moment(release))


@pytest.mark.parametrize(("day", "length"), [("2026-03-28", 8), ("2026-10-24", 10), ("2026-01-05", 9)])
def test_the_nights_of_the_clock_changes_are_an_hour_shorter_and_longer(day: str, length: int) -> None:
    begun = moment(f"{day} 22:00")
    assert NIGHT.release(begun) == begun + length * HOUR


def test_quiet_hours_within_one_day() -> None:
    assert NOON.release(moment("2026-01-05 13:00")) == moment("2026-01-05 14:00")
    assert NOON.release(moment("2026-01-05 11:59")) is None


def test_they_are_by_the_clock_of_the_person() -> None:
    abroad = Quiet(hours("22:00", "07:00"), ZoneInfo("America/New_York"))
    assert abroad.release(moment("2026-01-05 23:00")) is None
    assert abroad.release(moment("2026-01-06 05:00")) == moment("2026-01-06 12:00")


people = st.lists(
    st.builds(
        lambda number, quiet: Contact(f"c{number}", "console://", quiet=quiet),
        st.integers(0, 99),
        st.sampled_from([None, NIGHT, NOON]),
    ),
    unique_by=lambda contact: contact.id,
)
moments = st.floats(moment("2026-01-01 00:00"), moment("2027-01-01 00:00"))


@given(people, moments, st.sampled_from(list(Urgency)))
def test_everybody_is_told_now_or_later_and_of_the_urgent_now(contacts: list[Contact], at: float, how: Urgency) -> None:
    now, later = awake(contacts, how, at)
    assert {each.id for each in now} | {each.contact.id for each in later} == {each.id for each in contacts}
    assert len(now) + len(later) == len(contacts)
    assert all(at < each.until <= at + 10 * HOUR for each in later)
    if how is Urgency.URGENT:
        assert not later
