"""Versions of what several people may change, as the API tells and asks for them (RFC 9110, 8.8.3 and 13.1.1)."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any

from fastapi import Depends, Header, HTTPException

TAG = re.compile(r'(?:W/)?"(\d{1,15})(?:-[0-9a-f]+)?(?:[-;](?:gzip|br|zstd|deflate))?"')
"""Also as a proxy that compresses has made it (nginx weakens it, others put the coding behind): the version in it is
the hub's own, and the same in whichever coding."""
MARK_LETTERS = 16


def etag(version: int, shown: object = None) -> str:
    """`shown`: what is told of it, where that changes also without a change by people; of equal things alike."""
    if shown is None:
        return f'"{version}"'
    return f'"{version}-{hashlib.sha256(repr(shown).encode()).hexdigest()[:MARK_LETTERS]}"'


def matched(if_match: Annotated[str, Header(description="`ETag` of what the change is made to")] = "") -> int:
    """The version that a change is made to. HTTPException: 428 where none is said, 412 where it is no version."""
    if not if_match:
        raise HTTPException(428, "Say in If-Match which version you change: the ETag that came with it.")
    found = TAG.fullmatch(if_match.strip())
    if found is None:
        raise HTTPException(412, STALE)
    return int(found[1])


Version = Annotated[int, Depends(matched)]
CHANGES: dict[int | str, dict[str, Any]] = {412: {}, 428: {}}
"""What a call that takes a version may answer besides."""
STALE = "Somebody changed it since: read it again, then change what you find."
