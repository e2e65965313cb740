"""The second step of signing in: a code of a telephone's app (TOTP, RFC 6238), or a recovery code."""

from __future__ import annotations

import secrets

import pyotp

from sensor_hub.access.api_token import secret_hash

ISSUER = "Sensor hub"
SECRET_LETTERS, SECRET_ALPHABET = 32, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
STEP_SECONDS = 30
DRIFT_STEPS = 1
"""How many steps a telephone's clock may be off, either way (RFC 6238, 5.2)."""
RECOVERY_CODES = 10
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
"""Without what is mistaken for another: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V."""
GROUPS, GROUP_LETTERS = 4, 4


def make_secret() -> str:
    """160 bits in base 32, as apps take it (RFC 4226, 4)."""
    return pyotp.random_base32(SECRET_LETTERS)


def is_secret(text: str) -> bool:
    """Whether `make_secret` can have made it: it comes back from a form."""
    return len(text) == SECRET_LETTERS and set(text) <= set(SECRET_ALPHABET)


def enrolment_address(secret: str, login: str) -> str:
    """The `otpauth:` address that an app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def matching_step(secret: str, code: str, at: float, *, after: int) -> int | None:
    """The step whose code this is, near the moment `at` (real time); None where it is none.

    `after`: the last step that was used. A code is good once, also for somebody who looked over a shoulder.
    """
    digits = "".join(letter for letter in code if letter not in " -")
    now = int(at // STEP_SECONDS)
    totp = pyotp.TOTP(secret)
    for step in range(max(after + 1, now - DRIFT_STEPS), now + DRIFT_STEPS + 1):
        if secrets.compare_digest(totp.at(step * STEP_SECONDS).encode(), digits.encode()):
            return step
    return None


def make_recovery_codes() -> list[str]:
    """Ten codes of 72 bits, each good once, for who has lost the telephone."""
    return [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LETTERS)) for _ in range(GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code; small letters, spaces and hyphens are forgiven."""
    return secret_hash("".join(letter for letter in code.upper() if letter not in " -\t\r\n"))
