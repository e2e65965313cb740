"""Pages of the API's lists, and where one ended, as an opaque word."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar, overload

from fastapi import HTTPException, Query

from sensor_hub.model.moment import LATEST

Row = TypeVar("Row")
Item = TypeVar("Item")
First = TypeVar("First", str, float, int)
Second = TypeVar("Second", str, float, int)
Third = TypeVar("Third", str, float, int)
Place = tuple[str | float | int, ...]

Cursor = Annotated[str, Query(max_length=600, description="`following` of the page before")]
Start = Annotated[float, Query(alias="from", ge=0, le=LATEST, description="epoch seconds")]
End = Annotated[float, Query(alias="until", ge=0, le=LATEST, description="epoch seconds, not included")]
Limit = Annotated[int, Query(ge=1, le=200, description="items of a page")]
USUAL = 100
"""Items of a page of which nobody says how many."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a list, in an order that does not change: whoever sends back `following` until it is null has had all
    that was there from the first page on, each once. What comes meanwhile may be missing."""

    items: list[Item]
    following: str | None = None
    """The cursor of the next page; none on the last."""


def page_of(
    rows: Sequence[Row], limit: int, *, show: Callable[[Row], Item], place: Callable[[Row], Place]
) -> Page[Item]:
    """The first `limit` of these rows, of which one more was asked for to know whether others follow."""
    shown = rows[:limit]
    return Page([show(row) for row in shown], cursor_of(*place(shown[-1])) if len(rows) > limit else None)


def cursor_of(*place: str | float | int) -> str:
    """The cursor behind this place in an order that does not change."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


@overload
def place_of(cursor: str, first: type[First], /) -> tuple[First]: ...


@overload
def place_of(cursor: str, first: type[First], second: type[Second], /) -> tuple[First, Second]: ...


@overload
def place_of(
    cursor: str, first: type[First], second: type[Second], third: type[Third], /
) -> tuple[First, Second, Third]: ...


def place_of(cursor: str, *kinds: type) -> tuple[object, ...]:
    """What `cursor_of` was given, of these types. HTTPException 422 for anything else."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        if not isinstance(place, list) or not _are(place, kinds):
            raise ValueError(cursor)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise HTTPException(422, "cursor: send back `following` of the page before") from error
    return tuple(place)


def _are(place: list[object], kinds: Iterable[type]) -> bool:
    kinds = tuple(kinds)
    fit = len(place) == len(kinds) and all(type(each) is kind for each, kind in zip(place, kinds, strict=True))
    # A number that no database takes is no place; so is one that is none.
    return fit and all(abs(each) < 2**63 for each in place if isinstance(each, int | float))
