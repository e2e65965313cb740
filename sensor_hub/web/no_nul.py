"""A NUL, which no text of a person holds and PostgreSQL keeps in none: refused before it gets anywhere."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

SPELLINGS = (b"\0", b"\\u0000", b"%00")
"""Bare, in JSON, and in an address or a form."""
LONGEST = max(map(len, SPELLINGS))
REFUSED = "What was sent holds a NUL, which is no letter."


def has_nul(scope: Scope) -> bool:
    """In the request's address."""
    return "\0" in scope["path"] or b"%00" in scope.get("query_string", b"")


def without_nul(receive: Receive) -> Receive:
    """HTTPException where the body holds one, when it is read."""
    before = b""

    async def checked() -> Message:
        nonlocal before
        message = await receive()
        body = before + message.get("body", b"")
        if any(spelling in body for spelling in SPELLINGS):
            raise HTTPException(422, REFUSED)
        # One may be cut in two.
        before = body[1 - LONGEST :]
        return message

    return checked
