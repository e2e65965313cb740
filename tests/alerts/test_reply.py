from __future__ import annotations

import pytest

from sensor_hub.alerts.reply import Meaning, digits, read


@pytest.mark.parametrize(
    ("text", "meaning", "reference"),
    [
        ("1", Meaning.TAKE, ""),
        (" 1.\n", Meaning.TAKE, ""),
        ("'1'", Meaning.TAKE, ""),
        ("2", Meaning.PASS_ON, ""),
        ("1 534ab7d0df", Meaning.TAKE, "534ab7d0df"),
        ("2 (ref 534AB7D0DF)", Meaning.PASS_ON, "534ab7d0df"),
        ("1 moment please", Meaning.NOTHING, ""),
        ("12", Meaning.NOTHING, ""),
        ("3", Meaning.NOTHING, ""),
        ("yes", Meaning.NOTHING, ""),
        ("", Meaning.NOTHING, ""),
        ("1 2", Meaning.NOTHING, ""),
        ("1 534ab7d0d", Meaning.NOTHING, ""),
    ],
)
def test_only_a_bare_digit_with_or_without_a_reference_means_anything(
    text: str, meaning: Meaning, reference: str
) -> None:
    assert read(text) == (meaning, reference)


def test_numbers_are_compared_however_a_service_writes_them() -> None:
    assert {digits(each) for each in ("+447700900123", "00447700900123", "447700900123", "+44 (7700) 900-123")} == {
        "447700900123"
    }
