"""Who is on call: one answer at each moment, on the days of clock changes too."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor_hub.alerts.rota import Cover, Handover, Rota, Shift, Span, Stint
from sensor_hub.alerts.wall_clock import EVERY_DAY, HOLIDAY, Holidays, Hours, moment_of
from sensor_hub.model.moment import DAY, HOUR, MINUTE, WEEK

LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
SPRING = {LONDON: date(2026, 3, 29), NEW_YORK: date(2026, 3, 8)}
AUTUMN = {LONDON: date(2026, 10, 25), NEW_YORK: date(2026, 11, 1)}
ZONES = pytest.mark.parametrize("zone", [LONDON, NEW_YORK], ids=str)
WEEKEND = frozenset({5, 6})
Layers = tuple[tuple[Shift, ...], ...]


def clock(text: str, zone: ZoneInfo = LONDON) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def shift(who: str, start: str, end: str, days: frozenset[int] = EVERY_DAY) -> Shift:
    minutes = [int(text[:2]) * 60 + int(text[3:]) for text in (start, end)]
    return Shift((who,), Hours(*minutes, days=days))


def rota(*layers: tuple[Shift, ...], zone: ZoneInfo = LONDON, covers: tuple[Cover, ...] = ()) -> Rota:
    return Rota("rota", zone, layers, covers, Holidays("GB", "ENG"))


DAY_AND_NIGHT = (shift("day", "08:00", "20:00"), shift("night", "20:00", "08:00"))


def test_a_night_belongs_to_the_day_on_which_it_starts() -> None:
    friday_night = rota((shift("ann", "22:00", "06:00", frozenset({4})),))
    assert friday_night.on_call(clock("2026-01-09T22:00")) == "ann"
    assert friday_night.on_call(clock("2026-01-10T05:59")) == "ann"
    assert friday_night.on_call(clock("2026-01-10T06:00")) is None
    assert friday_night.on_call(clock("2026-01-10T23:00")) is None


def test_a_later_layer_goes_before_an_earlier_one_where_it_has_somebody() -> None:
    both = rota(DAY_AND_NIGHT, (shift("weekend", "08:00", "20:00", WEEKEND),))
    assert both.on_call(clock("2026-01-10T12:00")) == "weekend"
    assert both.on_call(clock("2026-01-10T21:00")) == "night"
    assert both.on_call(clock("2026-01-12T12:00")) == "day"


def test_a_cover_of_days_ago_leaves_nobody_on_call() -> None:
    start = clock("2026-01-05T00:00")
    whole_mondays = rota((shift("ann", "00:00", "00:00", frozenset({0})),), covers=(Cover("ann", start, start + HOUR),))
    assert list(whole_mondays.stints(start + 4 * DAY, start + 5 * DAY)) == []
    assert list(whole_mondays.stints(start, start + HOUR)) == [Stint(start, start + DAY, "ann")]


def test_people_take_turns_by_weeks() -> None:
    turns = rota((Shift(("ann", "bea", "cid"), Hours(9 * 60, 9 * 60), first_week=date(2026, 1, 7)),))
    assert [turns.on_call(clock("2026-01-05T12:00") + week * WEEK) for week in range(-1, 4)] == [
        *("cid", "ann", "bea", "cid", "ann")
    ]
    assert turns.next_handover(clock("2026-01-06T00:00")) == Handover(clock("2026-01-12T09:00"), "ann", "bea")


def test_a_public_holiday_is_no_day_of_the_week_for_a_layer_that_names_it() -> None:
    layers = (shift("day", "08:00", "20:00"),), (shift("feast", "08:00", "20:00", frozenset({HOLIDAY})),)
    assert rota(*layers).on_call(clock("2026-12-25T12:00")) == "feast"
    assert rota(*layers).on_call(clock("2026-12-24T12:00")) == "day"
    one = rota((shift("day", "08:00", "20:00"), shift("feast", "10:00", "12:00", frozenset({HOLIDAY}))))
    assert one.on_call(clock("2026-12-25T09:00")) is None
    assert rota(*layers).next_handover(clock("2026-12-25T09:00")) == Handover(clock("2026-12-25T20:00"), "feast", None)


def test_a_cover_is_for_one_person_or_for_whoever_it_is() -> None:
    start, end = clock("2026-01-05T12:00"), clock("2026-01-06T12:00")
    for_day = rota(DAY_AND_NIGHT, covers=(Cover("sue", start, end, "day"), Cover("tom", start, end, "sue")))
    assert for_day.on_call(start) == "tom", "who steps in for somebody who stepped in"
    assert for_day.on_call(clock("2026-01-05T23:00")) == "night"
    assert for_day.on_call(end) == "day"
    for_all = rota(covers=(Cover("sue", start, end),))
    assert list(for_all.spans(start - HOUR, end + HOUR)) == [
        Span(start - HOUR, start, None),
        Span(start, end, "sue"),
        Span(end, end + HOUR, None),
    ]


def test_the_next_handover_is_when_somebody_else_begins() -> None:
    assert rota(DAY_AND_NIGHT).next_handover(clock("2026-01-05T08:00")) == Handover(
        clock("2026-01-05T20:00"), "day", "night"
    )
    assert rota((shift("ann", "09:00", "09:00"),)).next_handover(clock("2026-01-05T08:00")) is None
    yearly = rota((shift("ann", "00:00", "00:00"),), (shift("bea", "00:00", "00:00", frozenset({HOLIDAY})),))
    assert yearly.next_handover(clock("2026-08-31T12:00")) == Handover(clock("2026-09-01T00:00"), "bea", "ann")
    assert yearly.next_handover(clock("2026-09-01T12:00")) == Handover(clock("2026-12-25T00:00"), "ann", "bea")


@ZONES
def test_on_days_of_clock_changes_hands_change_once_and_by_the_clock_on_the_wall(zone: ZoneInfo) -> None:
    """The night is an hour shorter in spring and an hour longer in autumn; handovers stay at eight."""
    for changed, hours in ((SPRING[zone], 11), (AUTUMN[zone], 13)):
        eve = changed - timedelta(days=1)
        start, end = moment_of(eve, 20 * 60, zone), moment_of(changed, 20 * 60, zone)
        night, day = rota(DAY_AND_NIGHT, zone=zone).spans(start, end)
        assert (night.who, night.end - night.start) == ("night", hours * HOUR)
        assert (day.who, day.end - day.start) == ("day", 12 * HOUR)
        assert datetime.fromtimestamp(day.start, zone).hour == 8


@ZONES
def test_a_handover_within_the_hour_that_is_skipped_or_comes_twice(zone: ZoneInfo) -> None:
    """At half past the hour of the change: in spring at the jump, in autumn at the first coming, and once."""
    jump = {LONDON: "01:30", NEW_YORK: "02:30"}[zone]
    before = {LONDON: "01:30", NEW_YORK: "01:30"}[zone]
    for changed, at in ((SPRING[zone], jump), (AUTUMN[zone], before)):
        two = rota((shift("early", "12:00", at), shift("late", at, "12:00")), zone=zone)
        noon = moment_of(changed, 12 * 60, zone)
        spans = list(two.spans(moment_of(changed - timedelta(days=1), 12 * 60, zone), noon + HOUR))
        assert [span.who for span in spans if span.start < noon] == ["early", "late"]
        turned = datetime.fromtimestamp(spans[0].end, zone)
        assert turned.fold == 0
        assert f"{turned:%H:%M}" == ("01:30" if changed == AUTUMN[zone] else f"{int(jump[:2]) + 1:02}:00")


@ZONES
def test_times_of_the_day_follow_each_other_on_any_day(zone: ZoneInfo) -> None:
    for day in (SPRING[zone], AUTUMN[zone], date(2026, 6, 1)):
        moments = [moment_of(day, minute, zone) for minute in range(1440)]
        assert moments == sorted(moments)
        assert moment_of(day + timedelta(days=1), 0, zone) - moments[-1] == MINUTE


MINUTES = st.integers(0, 95).map(lambda quarter: quarter * 15)
DAYS = st.frozensets(st.integers(0, HOLIDAY), min_size=1)
NAMES = st.sampled_from(["ann", "bea", "cid"])
SHIFTS = st.builds(Shift, st.tuples(NAMES, NAMES), st.builds(Hours, MINUTES, MINUTES, DAYS))
LAYERS = st.lists(st.lists(SHIFTS, max_size=4).map(tuple), max_size=3).map(tuple)
START = clock("2026-10-19T00:00")


def _cover(who: str, start: int, hours: int, instead_of: str | None) -> Cover:
    return Cover(who, START + start * HOUR, START + (start + hours) * HOUR, instead_of)


COVERS = st.lists(st.builds(_cover, NAMES, st.integers(0, 400), st.integers(1, 60), st.none() | NAMES), max_size=3).map(
    tuple
)
ROTAS = st.builds(
    Rota, st.just("r"), st.sampled_from([LONDON, NEW_YORK]), LAYERS, COVERS, st.sampled_from([None, Holidays("GB")])
)


@settings(max_examples=60)
@given(ROTAS, st.integers(0, 14 * 96))
def test_spans_tile_two_weeks_with_a_clock_change_and_agree_with_each_moment(any_rota: Rota, offset: int) -> None:
    start = START + offset * 15 * MINUTE
    end = start + WEEK
    spans = list(any_rota.spans(start, end))
    assert (spans[0].start, spans[-1].end) == (start, end)
    for one, following in pairwise(spans):
        assert one.end == following.start
        assert one.who != following.who
    at = iter(spans)
    span = next(at)
    for quarter in range(7 * 96):
        moment = start + quarter * 15 * MINUTE
        while moment >= span.end:
            span = next(at)
        assert any_rota.on_call(moment) == span.who
    handover = any_rota.next_handover(start)
    if len(spans) > 1:
        assert handover == Handover(spans[1].start, spans[0].who, spans[1].who)


@settings(max_examples=60)
@given(LAYERS, LAYERS, st.sampled_from([LONDON, NEW_YORK]), st.integers(0, 14 * 96))
def test_layers_answer_in_their_order(lower: Layers, upper: Layers, zone: ZoneInfo, offset: int) -> None:
    at = START + offset * 15 * MINUTE
    both, above, below = (Rota("r", zone, layers) for layers in (lower + upper, upper, lower))
    assert both.on_call(at) == (above.on_call(at) or below.on_call(at))
