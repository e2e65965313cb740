"""Absences and visits: what somebody types of them, and how they are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sensor_hub.model.moment import DAY, MINUTE, iso
from sensor_hub.model.stay import OPEN, Stay, ToldStay
from sensor_hub.web.home_time import parse_home_time, typed_words
from sensor_hub.web.overview import both_words
from sensor_hub.web.ports import HomeRow
from sensor_hub.web.wording import moment_words

EARLIEST_START, LATEST_END = 60 * DAY, 366 * DAY
"""Before and after now: what is further off was mistyped, and what is over for so long changes nothing any more."""
LONGEST_VISIT = 31 * DAY
"""A longer one is no visit: with somebody who lives there nothing is learned of the resident alone."""


class TypedError(ValueError):
    """What is wrong with the `field` (`start` or `end`), for the one who typed it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field


@dataclass(frozen=True, slots=True)
class HomeClock:
    """Where and when somebody types."""

    zone: ZoneInfo
    now: float


def read_name(text: str, clock: HomeClock) -> float:
    """The beginning of a stay that is told already: it is named by it."""
    return _typed("start", text, clock)


def read_start(text: str, clock: HomeClock) -> float:
    """When a stay begins that is told now."""
    start = _typed("start", text, clock)
    if start < clock.now - EARLIEST_START:
        raise TypedError("start", f"the beginning is more than {EARLIEST_START / DAY:.0f} days ago: look at the date")
    if start > clock.now + LATEST_END:
        raise TypedError("start", "the beginning is more than a year ahead: look at the date")
    return start


def read_end(text: str, stay: Stay, start: float, clock: HomeClock) -> float:
    """When a stay that begins at `start` ends; an absence without an end is `OPEN`."""
    if not text.strip():
        if stay is Stay.ABSENCE:
            return OPEN
        raise TypedError("end", "a visit needs an end: it can be ended before")
    end = _typed("end", text, clock)
    if end <= start:
        raise TypedError("end", "the end must be after the beginning")
    if end > clock.now + LATEST_END:
        raise TypedError("end", "the end is more than a year ahead: look at the date")
    if stay is Stay.VISIT and end - start > LONGEST_VISIT:
        days = f"{LONGEST_VISIT / DAY:.0f} days"
        raise TypedError("end", f"a visit lasts {days} at most: who stays for longer counts among the home's residents")
    return end


def _typed(field: str, text: str, clock: HomeClock) -> float:
    try:
        return parse_home_time(text, clock.zone, clock.now // MINUTE * MINUTE)
    except ValueError as error:
        raise TypedError(field, str(error)) from error


def standing(row: HomeRow, stay: Stay, now: float) -> list[ToldStay]:
    """Those that are not over, by their beginning."""
    return sorted((one for one in row.stays.of(stay).values() if one.end > now), key=lambda one: one.start)


def clash_words(row: HomeRow, stay: Stay, span: tuple[float, float], now: float, *, is_new: bool) -> str:
    """Which other one stands in the way of one in this time."""
    told = (one for one in row.stays.of(stay).values() if is_new or one.start != span[0])
    others = (one for one in told if one.overlaps(*span))
    for one in sorted(others, key=lambda one: one.start):
        words, by = span_of(one, now, row.home.zone), told_by(one)
        return f"there is one already, {words}, told by {by}: say of that one when it ends, or end it"
    return "somebody has just told another: reload the page"


def span_of(told: ToldStay, now: float, zone: ZoneInfo) -> str:
    """`from 09:00 today until 17:00 on Fri 27 Nov`."""
    end = "until somebody says otherwise" if told.end == OPEN else f"until {moment_words(told.end, now, zone)}"
    return f"{'from' if told.start > now else 'since'} {moment_words(told.start, now, zone)} {end}"


def told_by(told: ToldStay) -> str:
    return "the home’s file" if told.is_described else told.by or "somebody"


@dataclass(frozen=True, slots=True)
class StayLine:
    """An absence or a visit, as the home's page shows it."""

    stay: Stay
    start: str
    """Names it in forms: ISO 8601."""
    field: str
    """The id of the field for another end."""
    words: str
    by: str
    """`told by Jo, 09:00 today (2 h ago)`."""
    is_current: bool
    version: int
    end: str
    """As the field for another end holds it; empty where it is open."""


def stay_lines(row: HomeRow, now: float) -> Sequence[StayLine]:
    """What is told of now and of later."""
    return list(_lines(row, now))


def _lines(row: HomeRow, now: float) -> Iterator[StayLine]:
    zone = row.home.zone
    for stay in Stay:
        for told in standing(row, stay, now):
            yield StayLine(
                stay=stay,
                start=iso(told.start),
                field=f"{stay}-{told.start:.0f}",
                words=span_of(told, now, zone),
                by=f"told by {told_by(told)}, {both_words(told.told_at, now, zone)}",
                is_current=told.start <= now,
                version=told.version,
                end="" if told.end == OPEN else typed_words(told.end, zone),
            )
