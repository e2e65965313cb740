"""Long passwords are taken whatever they are made of; the first that others guess are not."""

from __future__ import annotations

import pytest

from sensor_hub.access.password_rule import LONGEST, SHORTEST, Fault, judge_password


@pytest.mark.parametrize(
    "text",
    [
        "kettle orbit mango",
        "correct pony cardigan",
        "ALLCAPSKETTLES",
        "пароль чайник луна",
        "        teapots    9",
        "mayfair-october",
    ],
)
def test_what_is_long_and_nobody_guesses_is_taken(text: str) -> None:
    assert judge_password(text, "jo", "Jo Brown", "jo@example.org") is None


@pytest.mark.parametrize("text", ["", "short", "x" * (SHORTEST - 1), "Tr0ub4dor&3"])
def test_what_is_short_is_not(text: str) -> None:
    assert judge_password(text) is Fault.SHORT


def test_what_is_longer_than_the_hub_hashes_is_not() -> None:
    assert judge_password("kettle orbit " * 40) is Fault.LONG
    assert judge_password(("kettle orbit " * 40)[:LONGEST]) is None


@pytest.mark.parametrize(
    "text",
    [
        "password1234",
        "Password2026!",
        "P@ssw0rd!!!!",
        "passwordpassword",
        "aaaaaaaaaaaa",
        "abababababab",
        "123456789012",
        "qwertyuiop12",
        "abcdefghijkl",
        "Summer2026!!",
        "letmein12345",
        "Administrator1",
        "sensor-hub-2026",
        "ＰＡＳＳＷＯＲＤ1234",
    ],
)
def test_what_is_guessed_first_is_not(text: str) -> None:
    assert judge_password(text) is Fault.COMMON


@pytest.mark.parametrize("text", ["josephine2026", "Josephine.Brown", "josephine josephine", "jb@example.org.uk"])
def test_ones_own_name_is_not(text: str) -> None:
    assert judge_password(text, "josephine", "Josephine Brown", "jb@example.org.uk") is Fault.NAME
