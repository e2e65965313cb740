"""An answer that somebody has already is not sent again: `ETag` and `If-None-Match` (RFC 9110, 13.1.2)."""

from __future__ import annotations

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOLDER, JSON = "/api/v1/", "application/json"
MARK_LETTERS = 32


class Unchanged:
    """Gives what is read from the API as JSON an ETag over what is shown, where it has none, and answers 304 where it
    is the one that the asker has. That it was seen is noted all the same: this stands within the witness."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(FOLDER):
            send = _Marked(Headers(scope=scope).get("if-none-match", ""), send).send
        await self._app(scope, receive, send)


class _Marked:
    """Holds an answer back until all of it is known."""

    def __init__(self, theirs: str, send: Send) -> None:
        self._theirs, self._send = theirs, send
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_shown(message):
            self._start = message
            return
        if self._start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        self._parts.append(message.get("body", b""))
        if message.get("more_body", False):
            return
        body, headers = b"".join(self._parts), MutableHeaders(scope=self._start)
        headers.setdefault("etag", f'"{hashlib.sha256(body).hexdigest()[:MARK_LETTERS]}"')
        if is_among(headers["etag"], self._theirs):
            self._start["status"], body = 304, b""
            for name in ("content-length", "content-type"):
                del headers[name]
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


def is_among(etag: str, theirs: str) -> bool:
    """Whether `If-None-Match` names it; `W/` makes no difference here."""
    named = {each.strip().removeprefix("W/") for each in theirs.split(",")}
    return etag in named or "*" in named


def _is_shown(start: Message) -> bool:
    return start["status"] == 200 and Headers(raw=start["headers"]).get("content-type", "").startswith(JSON)
