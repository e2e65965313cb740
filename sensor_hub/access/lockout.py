"""After how many failures nobody may try for a while, for one account or from one address.

The NCSC advises 5 to 10 attempts. A lock ends by itself and stays short: an account that an attacker could shut for
good would keep out the person who is needed. One address may serve a whole office, so it stands more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sensor_hub.model.moment import HOUR, MINUTE

FIRST_LOCK, LONGEST_LOCK = MINUTE, 15 * MINUTE
FORGOTTEN_AFTER = 12 * HOUR
"""Without another failure."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failures in a row, and when the last one was; real time."""

    failures: int = 0
    last_at: float = 0.0


@dataclass(frozen=True, slots=True)
class LockRule:
    """So many failures are free; each one from there on locks, twice as long as the one before."""

    free: int

    def locked_until(self, attempts: Attempts) -> float:
        """The moment from which somebody may try again; 0 where no lock stands."""
        over = attempts.failures - self.free
        if over < 0:
            return 0.0
        return attempts.last_at + min(FIRST_LOCK * (1 << min(over, 10)), LONGEST_LOCK)

    def is_locked(self, attempts: Attempts, at: float) -> bool:
        # A failure of the future: the clock was set back, and the lock must not last until it has caught up.
        return attempts.last_at <= at < self.locked_until(attempts)


ACCOUNT_RULE, ADDRESS_RULE = LockRule(5), LockRule(30)


def after_failure(attempts: Attempts, at: float) -> Attempts:
    if not attempts.last_at <= at < attempts.last_at + FORGOTTEN_AFTER:
        return Attempts(1, at)
    return replace(attempts, failures=attempts.failures + 1, last_at=at)
