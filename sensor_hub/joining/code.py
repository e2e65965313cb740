"""The code with which a gateway joins: what it looks like, and whether it may still be used.

Its first letters are its mark: they say which code is meant and are no secret, so that wrong tries are counted
against the code they are aimed at. However fast and from wherever somebody guesses, a code stands `MOST_TRIES` of them:
5 in 23^5, about one in a million. An installer who mistypes loses this one code, never the hub's others.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from sensor_hub.model.moment import DAY

ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
"""Without what is mistaken for another: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V."""
MARK_LETTERS, SECRET_LETTERS = 3, 5
VALID_FOR = DAY
MOST_TRIES = 5


class Spelling(NamedTuple):
    """A code's two parts."""

    mark: str
    secret: str

    @property
    def text(self) -> str:
        """As people read it out: `ABCD-EFGH`."""
        whole = self.mark + self.secret
        return f"{whole[:4]}-{whole[4:]}"


class Verdict(Enum):
    GOOD = "may be used"
    USED = "was used"
    EXPIRED = "is too old"
    LOCKED = "is locked after wrong tries"


@dataclass(frozen=True, slots=True)
class JoinCode:
    """A code as it is kept: of its secret only the hash. Moments are real ones, also where the hub's are simulated."""

    home: str
    mark: str
    secret_hash: str
    made_at: float
    tries: int = 0
    """Those begun so far, before this one."""
    used_at: float | None = None

    @property
    def ends_at(self) -> float:
        return self.made_at + VALID_FOR

    def judge(self, at: float) -> Verdict:
        """What to tell somebody who knows the whole code."""
        if self.used_at is not None:
            return Verdict.USED
        if self.tries >= MOST_TRIES:
            return Verdict.LOCKED
        # Made in the future: the clock was set back, and nobody knows how long ago it was.
        if not self.made_at <= at < self.ends_at:
            return Verdict.EXPIRED
        return Verdict.GOOD


def make_code() -> Spelling:
    """A new one, of the system's best randomness."""
    letters = [secrets.choice(ALPHABET) for _ in range(MARK_LETTERS + SECRET_LETTERS)]
    return Spelling("".join(letters[:MARK_LETTERS]), "".join(letters[MARK_LETTERS:]))


def read_code(text: str) -> Spelling | None:
    """A code as somebody typed it: small letters, spaces and hyphens are forgiven. None: it cannot be one."""
    letters = "".join(letter for letter in text.upper() if letter not in " -\t\r\n")
    if len(letters) != MARK_LETTERS + SECRET_LETTERS or not set(letters) <= set(ALPHABET):
        return None
    return Spelling(letters[:MARK_LETTERS], letters[MARK_LETTERS:])
