"""Who is signed in: one password for all, a signed cookie, and a pause after wrong passwords."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anyio.to_thread import run_sync
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, URLSafeTimedSerializer

from sensor_hub.access.principal import Principal, first_start
from sensor_hub.access.role import Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

COOKIE = "sensor_hub_session"
SESSION_SECONDS = 12 * 3600
"""A long shift, in real time also when the hub's time is simulated."""
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Session:
    """Who is asking, and the secret that their forms must carry: none, for a program."""

    principal: Principal | None
    """None on the pages that need nobody."""
    token: str = ""

    @property
    def name(self) -> str:
        return "" if self.principal is None else self.principal.name

    @property
    def is_named(self) -> bool:
        """Whether their name is that of an account, so that nobody has to type one."""
        return self.principal is not None and not self.principal.speaks_for_others

    @property
    def is_program(self) -> bool:
        """Pages are for people."""
        return self.principal is not None and self.principal.role is Role.INTEGRATION


class Sessions:
    """Turns a session into a cookie's value and back. A new password ends all sessions."""

    def __init__(self, secret: str, password_hash: str) -> None:
        self._signer = URLSafeTimedSerializer(secret + password_hash, salt="session")

    def begin(self, name: str) -> str:
        """The cookie's value of a new session."""
        return self._signer.dumps([name, secrets.token_urlsafe(16)])

    def read(self, cookie: str) -> Session | None:
        """The session that the cookie proves; None when it is forged, too old or none."""
        try:
            name, token = self._signer.loads(cookie, max_age=SESSION_SECONDS)
        except (BadSignature, ValueError, TypeError):
            return None
        return Session(first_start(str(name)), str(token))


class CrowdedError(Exception):
    """Too many attempts wait for an answer already."""


@dataclass(slots=True)
class Visitor:
    failures: int = 0
    waiting: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Throttle:
    """Attempts from one address are answered one after the other, later after each failure."""

    MOST_VISITORS = 1000
    MOST_WAITING = 8
    LONGEST_PAUSE = 4.0

    def __init__(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._pause = pause
        self._visitors: OrderedDict[str, Visitor] = OrderedDict()

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[Visitor]:
        """Waits for this address's turn; raises CrowdedError when too many wait. The caller counts `failures`."""
        visitor = self._visitor(address)
        if visitor.waiting >= self.MOST_WAITING:
            raise CrowdedError
        visitor.waiting += 1
        try:
            async with visitor.turn:
                if visitor.failures:
                    await self._pause(min(0.25 * 2 ** min(visitor.failures - 1, 10), self.LONGEST_PAUSE))
                yield visitor
        finally:
            visitor.waiting -= 1

    def _visitor(self, address: str) -> Visitor:
        visitor = self._visitors.setdefault(address, Visitor())
        self._visitors.move_to_end(address)
        if len(self._visitors) > self.MOST_VISITORS:
            self._visitors.popitem(last=False)
        return visitor


class Password:
    """The one password, known by its argon2 hash."""

    def __init__(self, password_hash: str, throttle: Throttle) -> None:
        self._hash = password_hash
        self._throttle = throttle

    async def is_right(self, given: str, address: str) -> bool:
        """Whether `given` is the password; takes longer after failures from `address`; may raise CrowdedError."""
        async with self._throttle.turn(address) as visitor:
            right = await run_sync(self._verify, given)
            visitor.failures = 0 if right else visitor.failures + 1
            return right

    def _verify(self, given: str) -> bool:
        try:
            return PasswordHasher().verify(self._hash, given)
        except (VerificationError, InvalidHashError):
            return False
