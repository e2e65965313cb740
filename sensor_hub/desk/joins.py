"""Lets gateways in with a code: see `web.door_ports.HubJoins`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sensor_hub.access.actor import GATEWAY, Actor
from sensor_hub.access.chronology import Act
from sensor_hub.act_notes import note_act
from sensor_hub.config.broker_settings import GatewayAccess
from sensor_hub.ingest.logins import Login, make_login
from sensor_hub.joining.code import JoinCode, Spelling, Verdict, make_code, read_code
from sensor_hub.model.problem import InputError
from sensor_hub.storage.join_codes import JoinedGateway, SqlJoinCodes
from sensor_hub.web.door_ports import JoinGrant, JoinRefusal

log = logging.getLogger(__name__)

MOST_AT_ONCE = 2
"""Checks of a code: each takes 64 MiB for a moment."""
REFUSAL = {
    Verdict.USED: JoinRefusal.USED,
    Verdict.EXPIRED: JoinRefusal.EXPIRED,
    Verdict.LOCKED: JoinRefusal.LOCKED,
}


class Door(Protocol):
    """Where the broker looks who may come in. InputError where it cannot be changed; nothing has changed then."""

    def admit(self, login: Login) -> None: ...

    def dismiss(self, user: str) -> None: ...


class StoredJoins:
    """Checks codes against the stored ones; may be asked from many threads at once."""

    def __init__(
        self,
        codes: SqlJoinCodes,
        door: Door,
        access: GatewayAccess,
        *,
        tenant_of: Callable[[str], str],
        wall: Callable[[], float],
    ) -> None:
        self.codes = codes
        self.door = door
        self.access = access
        self.tenant_of = tenant_of
        """Whose a home is."""
        self.wall = wall
        """Real time, also where the hub's is simulated."""
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)

    def join(self, code: str, *, version: str) -> JoinGrant | JoinRefusal:
        spelling = read_code(code)
        if spelling is None:
            return JoinRefusal.WRONG
        if not self._room.acquire(blocking=False):
            return JoinRefusal.BUSY
        try:
            kept = self._recognise(spelling)
        finally:
            self._room.release()
        if kept is None:
            return JoinRefusal.WRONG
        verdict = kept.judge(self.wall())
        if verdict is not Verdict.GOOD:
            log.warning("a gateway asked to join home %s with a code that %s", kept.home, verdict.value)
            return REFUSAL[verdict]
        return self._let_in(kept, version)

    def _recognise(self, spelling: Spelling) -> JoinCode | None:
        """The code that this is; None takes as long where there is no such mark as where the secret is wrong."""
        kept = self.codes.begin_try(spelling.mark)
        is_right = _is_right(spelling.secret, NOBODYS if kept is None else kept.secret_hash)
        return kept if is_right else None

    def _let_in(self, code: JoinCode, version: str) -> JoinGrant | JoinRefusal:
        at, tenant, access = self.wall(), self.tenant_of(code.home), self.access
        login = make_login(tenant, code.home)
        # First spent, then used: of two gateways with one code only one may come in.
        if not self.codes.spend(code.mark, at):
            return JoinRefusal.USED
        try:
            ca = read_ca(access)
            # In one transaction: whoever puts the gateway out meanwhile puts out this one, or the one before.
            with self.codes.database.transaction():
                self.door.admit(login)
                self.codes.note_joined(JoinedGateway(code.home, login.user, at, version))
                box = Actor(login.user, GATEWAY, tenant)
                note_act(self.codes.database, Act.GATEWAY_JOINED, at, actor=box, home=code.home, detail=version)
        except InputError as error:
            self.codes.give_back(code.mark)
            log.error("home %s: its gateway cannot be let in: %s", code.home, error)
            return JoinRefusal.CLOSED
        log.info("home %s: its gateway has joined", code.home)
        return JoinGrant(tenant, code.home, access.host, access.port, access.has_tls, login.user, login.password, ca)


def admitting(codes: SqlJoinCodes, door: Callable[[], Door], home: str) -> Callable[[Login], None]:
    """Lets the gateway that is in now in with another password, once it is known that it keeps it.

    InputError as of the door, and where it was shut out since, or another one has joined: that one's password stays.
    """
    before = codes.joined_at(home)

    def admit(login: Login) -> None:
        with codes.database.transaction():
            if codes.joined_at(home) != before:
                what = "the gateway was shut out, or another one joined, before it said that it keeps the new password"
                raise InputError(what, where=f"home {home}", expected="the gateway that was asked")
            door().admit(login)

    return admit


def open_code(codes: SqlJoinCodes, home: str, at: float) -> Spelling:
    """Makes and keeps a new code for the home; its old one is void."""
    while True:
        spelling = make_code()
        if codes.keep(JoinCode(home, spelling.mark, PasswordHasher().hash(spelling.secret), at)):
            return spelling


def read_ca(access: GatewayAccess) -> str | None:
    """The certificate that gateways need; InputError where it cannot be read."""
    if access.ca is None or not access.has_tls:
        return None
    try:
        return access.ca.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({error})", where=str(access.ca), expected="a certificate (PEM)") from error


def _is_right(secret: str, secret_hash: str) -> bool:
    try:
        return PasswordHasher().verify(secret_hash, secret)
    except (VerificationError, InvalidHashError):
        return False


NOBODYS = (
    "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5J3Mgc2FsdCE$" + "A" * 43  # of no secret that can be found
)
