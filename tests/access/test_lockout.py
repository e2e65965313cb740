"""Failures lock for a time that ends by itself."""

from __future__ import annotations

from sensor_hub.access.lockout import (
    ACCOUNT_RULE,
    ADDRESS_RULE,
    FORGOTTEN_AFTER,
    LONGEST_LOCK,
    Attempts,
    LockRule,
    after_failure,
)

AT = 1_800_000_000.0


def failed(times: int, at: float = AT) -> Attempts:
    attempts = Attempts()
    for _ in range(times):
        attempts = after_failure(attempts, at)
    return attempts


def test_the_first_failures_are_free() -> None:
    assert not ACCOUNT_RULE.is_locked(failed(ACCOUNT_RULE.free - 1), AT)
    assert not ADDRESS_RULE.is_locked(failed(ADDRESS_RULE.free - 1), AT)


def test_then_each_failure_locks_longer_up_to_a_limit() -> None:
    rule = LockRule(5)
    locks = [rule.locked_until(failed(5 + more)) - AT for more in range(6)]
    assert locks == [60, 120, 240, 480, 900, LONGEST_LOCK]
    assert rule.locked_until(failed(5000)) - AT == LONGEST_LOCK


def test_a_lock_ends_by_itself() -> None:
    rule = LockRule(5)
    assert rule.is_locked(failed(5), AT + 59.999)
    assert not rule.is_locked(failed(5), AT + 60)


def test_failures_are_forgotten() -> None:
    assert after_failure(failed(7), AT + FORGOTTEN_AFTER) == Attempts(1, AT + FORGOTTEN_AFTER)
    assert after_failure(failed(7), AT + FORGOTTEN_AFTER - 1).failures == 8


def test_a_clock_that_is_set_back_locks_nobody_out_for_longer() -> None:
    assert not LockRule(5).is_locked(failed(9, AT + 86_400), AT)
    assert after_failure(failed(9, AT + 86_400), AT) == Attempts(1, AT)
