"""Pages of the API's lists: where one ended, as an opaque word."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Annotated

from fastapi import HTTPException, Query

from sensor_hub.model.moment import LATEST

Cursor = Annotated[str, Query(max_length=600, description="`following` of the page before")]
Start = Annotated[float, Query(alias="from", ge=0, le=LATEST, description="epoch seconds")]
End = Annotated[float, Query(alias="until", ge=0, le=LATEST, description="epoch seconds, not included")]


def cursor_of(*place: str | float | int) -> str:
    """The cursor behind this place in an order that does not change."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


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
