"""What an API token looks like: `shub_`, 190 random bits, and a checksum.

The prefix lets scanners of source code find a token that was published, the checksum tells a mistyped or invented one
without a look into the database. Such a token has too much randomness for guessing, so a plain hash of it is kept.
"""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib

from sensor_hub.model.moment import DAY

PREFIX = "shub_"
ALPHABET = string.digits + string.ascii_letters
RANDOM_LETTERS, CHECK_LETTERS = 32, 6
LASTS_DAYS, LASTS_AT_MOST_DAYS = 90, 366
"""A token without an end is one that nobody remembers."""


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
