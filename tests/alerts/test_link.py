from __future__ import annotations

import re

import pytest

from sensor_hub.alerts.link import Link, read_link, sign

LINK = Link("a2f09433e2", 1767605000)
SIGNED = sign(LINK, "key")


def test_a_link_is_read_by_the_key_that_signed_it_and_no_other() -> None:
    assert read_link(SIGNED, "key") == LINK
    assert read_link(SIGNED, "other") is None


def test_it_survives_mail_programs() -> None:
    assert re.fullmatch(r"[0-9a-f.]{20,60}", SIGNED)
    assert not SIGNED.endswith(".")


@pytest.mark.parametrize("place", range(len(SIGNED)))
def test_no_letter_of_it_can_be_changed(place: int) -> None:
    other = "0" if SIGNED[place] != "0" else "1"
    assert read_link(SIGNED[:place] + other + SIGNED[place + 1 :], "key") is None


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a2f09433e2", SIGNED[:-1], SIGNED + "0", SIGNED + ".", "é.é.é", " " + SIGNED]
)
def test_what_is_no_link_is_none(text: str) -> None:
    assert read_link(text, "key") is None


def test_a_later_end_cannot_be_written_into_it() -> None:
    reference, _, mac = SIGNED.split(".")
    assert read_link(f"{reference}.{LINK.expires + 9:x}.{mac}", "key") is None
