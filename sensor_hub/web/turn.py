"""A request of the API with an `Idempotency-Key`, on its way: whether it is to be done, and what is kept of it."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from anyio.to_thread import run_sync
from fastapi import HTTPException, Request
from starlette.datastructures import Headers
from starlette.responses import Response

from sensor_hub.access.kept_answer import KeptAnswer
from sensor_hub.access.principal import Principal
from sensor_hub.web.repeat_ports import Before, Repeats

log = logging.getLogger(__name__)

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
SPELLED = re.compile(r"[\x21-\x7e]{1,255}")
UNSPELLED = f"{HEADER}: once, 1 to 255 visible ASCII characters, as a random UUID"
CHANGED = "This was done. What you may see has changed since, so that its answer is not given again."
SENT_AGAIN = frozenset({"content-type", "etag", "location", "retry-after"})
"""Headers that belong to the answer; the gate gives all others anew."""
MOST_KEPT = 256 * 1024
"""Bytes of an answer that is kept."""
HOME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
IN_LOCATION = re.compile(r"/homes/([^/]+)")


class ReplayedError(Exception):
    """Nothing is to be done: it was, and this is what was answered."""

    def __init__(self, answer: KeptAnswer) -> None:
        super().__init__(answer.status)
        self.answer = answer

    def response(self) -> Response:
        headers = {**self.answer.headers, REPLAYED: "true"}
        return Response(self.answer.body, self.answer.status, headers)


@dataclass
class Turn:
    """A request with a key, on its way."""

    repeats: Repeats
    keys: list[str]
    body: bytes
    is_begun: bool = False
    is_unsure: bool = False
    """What the hub took is perhaps still done, whatever it answers."""
    mark: str = field(default="", init=False)
    home: str = field(default="", init=False)
    rights: str = field(default="", init=False)

    async def begin(self, request: Request, who: Principal, lacking: Callable[[], str]) -> None:
        """Called once it is known that they may. ReplayedError, or HTTPException, where there is nothing to do.

        `lacking`: what is said where the thing asked about is not in their sight; nothing where it is.
        """
        if self.is_begun:
            return
        if len(self.keys) != 1 or not SPELLED.fullmatch(self.keys[0]):
            raise HTTPException(422, UNSPELLED)
        (key,) = self.keys
        asked = [who.id, request.method, request.url.path, request.url.query, key]
        self.mark = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        self.rights = _rights(who)
        self.home = str(request.path_params.get("home", ""))
        fingerprint = hmac.digest(key.encode(), self.body, "sha256").hex()
        before = await run_sync(self.repeats.begin, self.mark, fingerprint, self.home)
        if before is not Before.NONE:
            # It was theirs to see when it was done.
            words = await run_sync(lacking)
            raise HTTPException(404, words) if words else self._repeated(before)
        self.is_begun = True

    def _repeated(self, before: Before | KeptAnswer) -> Exception:
        if isinstance(before, KeptAnswer):
            return ReplayedError(before) if before.rights == self.rights else HTTPException(409, CHANGED)
        if before is Before.OTHER:
            return HTTPException(422, before.value)
        return HTTPException(409, before.value, {"Retry-After": "1"} if before is Before.DOING else None)

    def end(self, status: int, headers: Headers, body: bytes) -> None:
        """What was answered. What cannot be written down now is not known later: it is not done again."""
        try:
            if status < 400 or status == 409:
                self.repeats.done(self.mark, self._kept(status, headers, body))
            elif self.is_unsure or (status >= 500 and status != 503):
                self.repeats.unknown(self.mark)
            else:
                self.repeats.undone(self.mark)
        except Exception:
            log.exception("an answer could not be kept for repeats: these are told to look")

    def _kept(self, status: int, headers: Headers, body: bytes) -> KeptAnswer | None:
        if len(body) > MOST_KEPT:
            return None
        sent = {name: value for name, value in headers.items() if name in SENT_AGAIN}
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return None
        return KeptAnswer(status, sent, text, self.rights, self.home or _home(sent, text))


def turn_of(request: Request) -> Turn | None:
    """None: the request carries no key."""
    turn: Turn | None = getattr(request.state, "turn", None)
    return turn


def _rights(who: Principal) -> str:
    homes = None if who.homes is None else sorted(who.homes)
    told: list[Any] = [who.role, who.tenant, homes, sorted(who.actions)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _home(headers: dict[str, str], body: str) -> str:
    """The home that an answer is about, where its path does not say: by what was made, or by its own words."""
    made = IN_LOCATION.search(headers.get("location", ""))
    if made is not None:
        return made[1]
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    found = (told.get(name) for name in ("home", "homes")) if isinstance(told, dict) else ()
    return next((each for each in found if isinstance(each, str) and HOME.fullmatch(each)), "")
