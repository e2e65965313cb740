"""Passwords and codes that somebody tries: slow to compare, and not for ever."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sensor_hub.access.api_token import secret_hash
from sensor_hub.access.lockout import ACCOUNT_RULE, ADDRESS_RULE
from sensor_hub.dispatch.loopback import LOOPBACK
from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.web.account_ports import Locked


class Passwords:
    """Hashes and compares; as slow for an account that does not exist as for one that does."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys: str | None = None

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def fits(self, kept: str | None, given: str) -> bool:
        if kept is None and self._nobodys is None:
            self._nobodys = self._hasher.hash(secrets.token_urlsafe(16))
        try:
            return self._hasher.verify(kept or self._nobodys or "", given) and kept is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_old(self, kept: str) -> bool:
        return self._hasher.check_needs_rehash(kept)


class Tries:
    """Attempts at one secret from one address. They are counted before they are judged, so that many at once gain
    nothing."""

    def __init__(self, stores: AccessStores, secret: str, address: str) -> None:
        self.failures = stores.failures
        self.secret = secret_hash(secret)
        self.address = secret_hash(f"address {address}")
        # Behind a proxy on this machine everybody has its address: a lock would shut out all of them.
        self.is_shared = address in LOOPBACK or not address

    def begin(self, at: float) -> Locked | None:
        """Where nobody may try now."""
        rules = (
            [(ACCOUNT_RULE, self.secret)]
            if self.is_shared
            else [(ACCOUNT_RULE, self.secret), (ADDRESS_RULE, self.address)]
        )
        for rule, who in rules:
            attempts = self.failures.of(who)
            if rule.is_locked(attempts, at):
                return Locked(rule.locked_until(attempts))
        self.failures.add(self.secret, at)
        return None

    def failed(self, at: float) -> None:
        if not self.is_shared:
            self.failures.add(self.address, at)

    def succeeded(self) -> None:
        self.failures.forget(self.secret)
