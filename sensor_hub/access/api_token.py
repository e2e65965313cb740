"""API tokens: what one looks like (`shub_`, 190 random bits, a checksum), and what it may do.

The prefix lets scanners of source code find a token that was published, the checksum tells a mistyped or invented one
without a look into the database. Such a token has too much randomness for guessing, so a plain hash of it is kept.
"""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib
from dataclasses import dataclass

from sensor_hub.access.account import Account
from sensor_hub.access.action import Action
from sensor_hub.access.principal import Principal, principal
from sensor_hub.access.role import ROLES, Role
from sensor_hub.model.moment import DAY

PREFIX = "shub_"
ALPHABET = string.digits + string.ascii_letters
RANDOM_LETTERS, CHECK_LETTERS = 32, 6
LASTS_DAYS, LASTS_AT_MOST_DAYS = 90, 366
"""A token without an end is one that nobody remembers."""
LONGEST_LABEL = 60
PEOPLE_ONLY = (frozenset(Action) - ROLES[Role.INTEGRATION]) | {Action.OWN_ACCOUNT}
"""What no token may do, also not somebody's own: what people answer for in their own name, and to make other tokens,
which would outlast one that leaked."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """As it is kept: of its secret there is only a hash, elsewhere. Moments are real ones."""

    id: str
    label: str
    """What it is for, as people call it."""
    scopes: frozenset[Action]
    made_by: str
    """The name of who made it."""
    made_at: float
    ends_at: float
    account: str | None = None
    """Whose it is; None: of a program with the role `integration`."""
    tenant: str | None = None
    """Of a program; somebody's own has the tenant of its owner."""
    homes: frozenset[str] | None = None
    """None: all that its owner, or its tenant, has."""
    used_at: float | None = None
    revoked_at: float | None = None

    def is_good(self, at: float) -> bool:
        return self.revoked_at is None and self.made_at <= at < self.ends_at

    def principal(self, owner: Account | None) -> Principal | None:
        """What it may do now: never more than its owner now may. None: it has an owner who is gone or disabled."""
        who, scopes = f"token:{self.id}", self.scopes - PEOPLE_ONLY
        if self.account is None:
            return principal(who, self.label, Role.INTEGRATION, tenant=self.tenant, homes=self.homes, scopes=scopes)
        if owner is None or owner.is_disabled:
            return None
        sees = owner.principal().homes
        homes = sees if self.homes is None else self.homes if sees is None else sees & self.homes
        name = f"{owner.name} ({self.label})"
        return principal(who, name, owner.role, tenant=owner.tenant, homes=homes, scopes=scopes)


def make_token() -> str:
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LETTERS))
    return PREFIX + body + _check(body)


def is_token(text: str) -> bool:
    """Whether `text` can be a token that some hub made."""
    body, check = text[len(PREFIX) : -CHECK_LETTERS], text[-CHECK_LETTERS:]
    is_spelled = text.startswith(PREFIX) and len(body) == RANDOM_LETTERS and set(body) <= set(ALPHABET)
    return is_spelled and secrets.compare_digest(check.encode(), _check(body).encode())


def secret_hash(secret: str) -> str:
    """Of a random secret (a token, a session's id, a link's key): what is kept of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def ends_at(at: float, days: float) -> float:
    """When a token that is made at `at` ends; ValueError where it would last too long, or has ended."""
    if not 0 < days <= LASTS_AT_MOST_DAYS:
        raise ValueError(f"a token lasts at most {LASTS_AT_MOST_DAYS} days")
    return at + days * DAY


def _check(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), []
    for _ in range(CHECK_LETTERS):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(reversed(letters))
