"""What was measured, in the API: reading by reading, and hour by hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile, islice
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import Field

from sensor_hub.access.action import Action
from sensor_hub.history.port import HourRow, Of
from sensor_hub.model.metric import METRICS, Metric
from sensor_hub.model.moment import DAY, LATEST, iso
from sensor_hub.model.reading import Reading, Value, is_device_id
from sensor_hub.web.api import AtDesk, home_row
from sensor_hub.web.desk import Desk
from sensor_hub.web.needs import needs
from sensor_hub.web.paging import Cursor, End, Page, Start, page_of, place_of

USUAL_DAYS = 30
"""So long every hub keeps single readings."""
MOST_DAYS = 400
"""Of hours in one answer."""
FEW, MANY, MOST_AT_ONCE = 500, 2000, 8
"""Hours that were found at once, by which it is asked for more or fewer days; so many at most."""
DEVICE = Query(max_length=128, description="only of this device")

readings_api = APIRouter(prefix="/api/v1/homes/{home}")
Since = Annotated[
    float | None, Query(alias="from", ge=0, le=LATEST, description="epoch seconds; the last 30 days without it")
]
Key = tuple[float, str, str]


@dataclass(frozen=True, slots=True)
class ReadingOut:
    at: Annotated[str, Field(examples=["2026-11-24T14:09:07.080Z"])]
    device: str
    metric: Metric
    value: Annotated[Value, Field(examples=[1.0])]
    """A number in `unit`; for `button`, the action's name."""
    unit: str


@dataclass(frozen=True, slots=True)
class HourOut:
    at: Annotated[str, Field(examples=["2026-11-24T14:00:00Z"])]
    """When the hour begins."""
    device: str
    metric: Metric
    count: Annotated[int, Field(examples=[4])]
    lowest: Annotated[float | None, Field(examples=[0.0])]
    """Null, as mean and highest, for `button`."""
    mean: Annotated[float | None, Field(examples=[0.5])]
    highest: Annotated[float | None, Field(examples=[1.0])]
    unit: str


def _of(desk: AtDesk, home: str, device: Annotated[str | None, DEVICE] = None, metric: Metric | None = None) -> Of:
    home_row(desk, home)
    if device is not None and not is_device_id(device):
        raise HTTPException(422, "device: letters, digits and _ . : -, a letter or digit first")
    return Of(home, device, None if metric is None else frozenset({metric}))


Wanted = Annotated[Of, Depends(_of)]


@readings_api.get("/readings", dependencies=[needs(Action.EXPORT_READINGS)])
def list_readings(
    desk: AtDesk,
    of: Wanted,
    start: Since = None,
    end: End = LATEST,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    cursor: Cursor = "",
) -> Page[ReadingOut]:
    """Readings by (at, device, metric). 503 where it cannot be told now what was measured."""
    after = _after(cursor) if cursor else None
    begin = desk.now() - USUAL_DAYS * DAY if start is None else start
    since = begin if after is None else max(begin, after[0])
    found = desk.reads.measured(of, since, end)
    readings = list(islice(dropwhile(lambda each: after is not None and _key(each) <= after, found), limit + 1))
    return page_of(readings, limit, show=_reading, place=_key)


@readings_api.get("/hours", dependencies=[needs(Action.SEE_CHARTS)])
def list_hours(
    desk: AtDesk,
    of: Wanted,
    start: Start,
    end: End,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    cursor: Cursor = "",
) -> Page[HourOut]:
    """Of each hour, in at most 400 days, by (at, device, metric): how many readings, lowest, mean, highest.

    503 where it cannot be told now.
    """
    if end - start > MOST_DAYS * DAY:
        raise HTTPException(422, f"from, until: at most {MOST_DAYS} days")
    after = _after(cursor) if cursor else None
    found = _hours(desk, of, start if after is None else max(start, after[0]), end)
    hours = list(islice(dropwhile(lambda each: after is not None and _key(each) <= after, found), limit + 1))
    return page_of(hours, limit, show=_hour, place=_key)


def _hours(desk: Desk, of: Of, start: float, end: float) -> Iterator[HourRow]:
    """Asked some days at a time, more where there is little: a year at once is more than a page needs."""
    days = 1
    while start < end:
        behind = min(start + days * DAY, end)
        rows = desk.reads.hours(of, start, behind)
        yield from rows
        start = behind
        if len(rows) < FEW:
            days = min(2 * days, MOST_AT_ONCE)
        elif len(rows) > MANY:
            days = max(1, days // 2)


def _hour(hour: HourRow) -> HourOut:
    unit = METRICS[hour.metric].unit
    return HourOut(iso(hour.at), hour.device, hour.metric, hour.count, hour.lowest, hour.mean, hour.highest, unit)


def _reading(reading: Reading) -> ReadingOut:
    value = reading.value if isinstance(reading.value, str) else float(reading.value)
    return ReadingOut(iso(reading.at), reading.device, reading.metric, value, METRICS[reading.metric].unit)


def _key(measured: Reading | HourRow) -> Key:
    return float(measured.at), measured.device, measured.metric.value


def _after(cursor: str) -> Key:
    return place_of(cursor, float, str, str)
