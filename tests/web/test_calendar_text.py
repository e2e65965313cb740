"""Calendars are read back as a calendar program reads them, and say what the rota says, second by second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from sensor_hub.alerts.duty import duties
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.rota import Cover, Rota, Shift
from sensor_hub.alerts.wall_clock import Hours
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.web.calendar_text import calendar_text
from sensor_hub.web.calendar_zone import zone_component
from tests.alerts.plans import PEOPLE

LONDON, NEW_YORK, SYDNEY = ZoneInfo("Europe/London"), ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")
TEAMS = {"both": ("ann", "bea")}


def clock(text: str, zone: ZoneInfo = LONDON) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def plan(*rotas: Rota) -> Plan:
    return Plan(PEOPLE, (), TEAMS, {rota.id: rota for rota in rotas})


def events(of: Plan, contact: str, start: float, end: float) -> list[Event]:
    """The calendar of a contact, written and read again."""
    calendar = Calendar.from_ical(calendar_text(contact, duties(of, contact, start, end), start))
    assert calendar.errors == []
    assert calendar.get_missing_tzids() == set()
    assert calendar.refresh_interval == timedelta(hours=1)
    return calendar.events


def nights(zone: ZoneInfo = LONDON, *covers: Cover) -> Rota:
    shifts = Shift(("ann",), Hours(20 * 60, 8 * 60)), Shift(("bea",), Hours(8 * 60, 20 * 60))
    return Rota("nights", zone, (shifts,), covers)


@pytest.mark.parametrize(
    ("zone", "eve", "hours"),
    [
        (LONDON, "2026-03-28", 11),
        (LONDON, "2026-10-24", 13),
        (NEW_YORK, "2026-03-07", 11),
        (NEW_YORK, "2026-10-31", 13),
        (SYDNEY, "2026-10-03", 11.5),
    ],
    ids=str,
)
def test_the_night_of_a_clock_change_is_as_long_as_it_is(zone: ZoneInfo, eve: str, hours: float) -> None:
    start = clock(f"{eve}T20:00", zone)
    night = events(plan(nights(zone)), "ann", start + HOUR, start + 2 * HOUR)[0]
    assert (night.start.hour, night.end.hour) == (20, 8)
    assert (night.end.astimezone(UTC) - night.start.astimezone(UTC)) == timedelta(hours=hours)


@pytest.mark.parametrize("zone", [LONDON, NEW_YORK, SYDNEY, ZoneInfo("Asia/Kolkata")], ids=str)
def test_a_zone_is_explained_as_it_is(zone: ZoneInfo) -> None:
    """By a program that knows only what the calendar says of it, each quarter of an hour of a year."""
    start, end = clock("2026-01-01T00:00", zone), clock("2027-01-01T00:00", zone)
    explained = Calendar.from_ical(_alone(zone, start, end)).timezones[0].to_tz(lookup_tzid=False)
    at = start + DAY
    while at < end - DAY:
        wall = datetime.fromtimestamp(at, zone)
        if not wall.fold:  # what iCalendar cannot say, and what calendar_text says in UTC
            assert wall.replace(tzinfo=explained).utcoffset() == wall.utcoffset(), wall
        at += 15 * MINUTE


def _alone(zone: ZoneInfo, start: float, end: float) -> bytes:
    calendar = Calendar.new()
    calendar.add_component(zone_component(zone, start, end))
    return calendar.to_ical()


def test_a_change_of_the_clock_stands_where_the_standard_wants_it() -> None:
    """As the time of day by the clock before it (RFC 5545, 3.6.5)."""
    text = _alone(LONDON, clock("2026-01-01T00:00"), clock("2027-01-01T00:00")).decode()
    assert "DTSTART:20260329T010000" in text
    assert "DTSTART:20261025T020000" in text


def test_a_duty_in_the_hour_that_comes_twice_is_said_in_utc() -> None:
    start, end = (clock(f"2026-10-25T{at}", ZoneInfo("UTC")) for at in ("01:15", "01:45"))
    found = events(plan(nights(LONDON, Cover("cid", start, end))), "cid", start, end)
    assert [(each.start, each.end) for each in found] == [
        (datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
    ]


def test_covers_are_named_and_what_others_cover_is_gone() -> None:
    start = clock("2026-01-05T20:00")
    rota = nights(LONDON, Cover("bea", start, start + 4 * HOUR, "ann"))
    hers = [each for each in events(plan(rota), "bea", start, start + 6 * HOUR) if each.start.timestamp() == start]
    assert [each["SUMMARY"] for each in hers] == ["On call: nights (cover for ann)"]
    rest = events(plan(rota), "ann", start, start + 6 * HOUR)
    assert [each.start.timestamp() for each in rest] == [start + 4 * HOUR]


def test_a_simulated_hub_says_so() -> None:
    start = clock("2026-01-05T20:00")
    of = plan(nights())
    text = calendar_text("ann", duties(of, "ann", start, start + DAY), start, is_simulated=True).decode()
    assert "NAME:SIMULATED - On call: ann" in text
    assert "SUMMARY:SIMULATED - On call: nights" in text


T0 = clock("2026-10-20T00:00")
MINUTES = st.integers(0, 95).map(lambda quarter: 15 * quarter)
NAMES = st.sampled_from(["ann", "bea", "both", "cid"])
SHIFTS = st.builds(
    lambda who, start, end, days: Shift(tuple(who), Hours(start, end, frozenset(days))),
    st.lists(NAMES, min_size=1, max_size=2),
    MINUTES,
    MINUTES,
    st.sets(st.integers(0, 6), min_size=1),
)
COVERS = st.builds(
    lambda who, start, length, instead: Cover(who, T0 + start * 900, T0 + (start + length) * 900, instead),
    NAMES,
    st.integers(0, 1400),
    st.integers(1, 600),
    st.one_of(st.none(), NAMES),
)
ROTAS = st.builds(
    lambda zone, layers, covers: Rota("rota", zone, tuple(map(tuple, layers)), tuple(covers)),
    st.sampled_from([LONDON, NEW_YORK, SYDNEY]),
    st.lists(st.lists(SHIFTS, min_size=1, max_size=3), min_size=1, max_size=2),
    st.lists(COVERS, max_size=3),
)


@settings(max_examples=60)
@given(ROTAS, st.lists(st.integers(0, 14 * 96 - 1), min_size=20, max_size=20))
def test_a_calendar_says_what_the_rota_says(rota: Rota, quarters: list[int]) -> None:
    """At any moment of two weeks in which the clocks change, and each duty is the same seen from any day."""
    of, end = plan(rota), T0 + 14 * DAY
    mine = events(of, "ann", T0, end)
    spans = [(each.start.timestamp(), each.end.timestamp()) for each in mine]
    assert all(start < stop for start, stop in spans)
    for quarter in quarters:
        at = T0 + quarter * 15 * MINUTE + 1
        said = sum(start <= at < stop for start, stop in spans)
        assert said == (rota.on_call(at) in {"ann", "both"}), datetime.fromtimestamp(at, rota.zone)
    uids = {str(each["UID"]): (each.start, each.end) for each in mine}
    assert len(uids) == len(mine)
    day = T0 + quarters[0] % 14 * DAY
    later = events(of, "ann", day, day + DAY)
    assert {str(each["UID"]): (each.start, each.end) for each in later}.items() <= uids.items()
