"""A POST of the API with an `Idempotency-Key` is done once, and its repeat answered alike.

As draft-ietf-httpapi-idempotency-key-header-07 has it: 422 where another body came with the key, 409 while the first is
being done. A key counts for who asks, what of, and for a day. The request is noted before it is done, its answer before
it is sent: one that was cut short between is never done a second time.
"""

from __future__ import annotations

from http import HTTPStatus

from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sensor_hub.web.gate import is_open
from sensor_hub.web.problems import problem
from sensor_hub.web.repeat_ports import Repeats
from sensor_hub.web.turn import HEADER, Turn

FOLDER = "/api/v1/"


class OnceOnly:
    """Stands within the gate. What is asked with a key gets its `Turn` in `request.state.turn`."""

    def __init__(self, app: ASGIApp, *, repeats: Repeats) -> None:
        self._app = app
        self._repeats = repeats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        keys = Headers(scope=scope).getlist(HEADER) if _takes_keys(scope) else []
        if not keys:
            await self._app(scope, receive, send)
            return
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            return
        except HTTPException as refused:
            # Outside of what answers these.
            status = HTTPStatus(refused.status_code)
            await problem(status, status.phrase, refused.detail)(scope, receive, send)
            return
        turn = Turn(self._repeats, keys, body)
        scope.setdefault("state", {})["turn"] = turn
        is_read = False

        async def receive_again() -> Message:
            nonlocal is_read
            if is_read:
                return await receive()
            is_read = True
            return {"type": "http.request", "body": body, "more_body": False}

        try:
            await self._app(scope, receive_again, _Held(turn, send).send)
        except Exception:
            if turn.is_begun:
                turn.repeats.unknown(turn.mark)
            raise


class _Held:
    """Holds an answer back until it is kept."""

    def __init__(self, turn: Turn, send: Send) -> None:
        self._turn, self._send = turn, send
        self._messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self._messages.append(message)
        if message["type"] == "http.response.start" or message.get("more_body", False):
            return
        if self._turn.is_begun:
            start, *parts = self._messages
            body = b"".join(part.get("body", b"") for part in parts)
            await run_sync(self._turn.end, start["status"], Headers(raw=start["headers"]), body)
        for each in self._messages:
            await self._send(each)
        self._messages.clear()


def _takes_keys(scope: Scope) -> bool:
    """Doors with a secret of their own do not: what these take is harmless to repeat, or a code that works once."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return False
    path: str = scope["path"]
    return path.startswith(FOLDER) and not is_open(path)
