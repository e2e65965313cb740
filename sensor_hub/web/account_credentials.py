"""Who is asking, by accounts and tokens; by the hub's own password as long as there is no account."""

from __future__ import annotations

from functools import partial

from anyio.to_thread import run_sync

from sensor_hub.access.api_token import secret_hash
from sensor_hub.access.principal import commanding
from sensor_hub.web.account_ports import SignIns
from sensor_hub.web.credentials import Challenge, SharedPassword, basic
from sensor_hub.web.session import LONGEST_NAME, Session

TOKEN_WANTED = Challenge("Send an API token as `Authorization: Bearer shub_...`, or sign in at /login.", "Bearer")


class AccountCredentials:
    """See `Credentials`. Whatever is wrong with what somebody sends, the answer is the same."""

    def __init__(self, sign_ins: SignIns, shared: SharedPassword) -> None:
        self._sign_ins = sign_ins
        self._shared = shared
        self._is_first = True

    @property
    def challenge(self) -> Challenge:
        return self._shared.challenge if self._is_first else TOKEN_WANTED

    async def of_cookie(self, cookie: str) -> Session | None:
        if await self._is_first_start():
            return await self._shared.of_cookie(cookie)
        seat = await run_sync(self._sign_ins.seat, cookie)
        return None if seat is None else Session(seat.account.principal(), form_token(cookie))

    async def of_header(self, header: str, address: str) -> Session | None:
        is_first = await self._is_first_start()
        scheme, _, secret = header.partition(" ")
        if scheme.lower() == "bearer":
            who = await run_sync(self._sign_ins.token, secret.strip())
            return None if who is None else Session(who)
        name, password = basic(header)
        if password and self._sign_ins.is_command_key(password):
            return Session(commanding(name[:LONGEST_NAME]))
        return await self._shared.of_header(header, address) if is_first else None

    async def still(self, cookie: str, header: str) -> Session | None:
        is_first = await self._is_first_start()
        scheme, _, secret = header.partition(" ")
        if is_first and (cookie or scheme.lower() == "basic"):
            return await self._shared.still(cookie, header)
        if cookie:
            seat = await run_sync(partial(self._sign_ins.seat, cookie, is_use=False))
            return None if seat is None else Session(seat.account.principal(), form_token(cookie))
        if scheme.lower() == "bearer":
            who = await run_sync(partial(self._sign_ins.token, secret.strip(), is_use=False))
            return None if who is None else Session(who)
        name, password = basic(header)
        is_command = bool(password) and self._sign_ins.is_command_key(password)
        return Session(commanding(name[:LONGEST_NAME])) if is_command else None

    async def _is_first_start(self) -> bool:
        if self._is_first:
            self._is_first = await run_sync(self._sign_ins.is_first_start)
        return self._is_first


def form_token(cookie: str) -> str:
    """What the forms of a session carry: who sees it does not know the cookie."""
    return secret_hash(f"form {cookie}")[:32]
