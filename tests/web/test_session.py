"""Wrong passwords make the next answer slower."""

from __future__ import annotations

import asyncio

import pytest

from sensor_hub.web.session import CrowdedError, Password, Throttle
from tests.web.builders import HASH, PASSWORD


def test_each_failure_of_an_address_makes_its_next_answer_slower() -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def attempts() -> bool:
        password = Password(HASH, Throttle(pause))
        for _ in range(7):
            assert not await password.is_right("guess", "10.0.0.1")
        assert await password.is_right(PASSWORD, "10.0.0.2")
        return await password.is_right(PASSWORD, "10.0.0.1") and await password.is_right(PASSWORD, "10.0.0.1")

    assert asyncio.run(attempts())
    assert pauses == [0.25, 0.5, 1, 2, 4, 4, 4]


def test_more_attempts_at_once_than_can_wait_are_turned_away() -> None:
    async def attempts() -> None:
        throttle = Throttle()
        throttle._visitor("10.0.0.1").waiting = Throttle.MOST_WAITING
        async with throttle.turn("10.0.0.1"):
            pass

    with pytest.raises(CrowdedError):
        asyncio.run(attempts())


def test_only_so_many_addresses_are_remembered() -> None:
    throttle = Throttle()
    for number in range(Throttle.MOST_VISITORS + 5):
        throttle._visitor(str(number))
    assert len(throttle._visitors) == Throttle.MOST_VISITORS


def test_a_hash_that_is_none_lets_nobody_in() -> None:
    assert not asyncio.run(Password("", Throttle()).is_right("", "10.0.0.1"))
