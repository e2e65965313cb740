"""What somebody means who answers a notice by a text message. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

BY_TEXT = " (by text message)"
"""Stands behind the contact who answered this way."""
_SAID = re.compile(r"\W*(?P<digit>[12])(?:\W+(?:ref\W+)?(?P<reference>[0-9a-f]{10}))?\W*", re.IGNORECASE)


class Meaning(StrEnum):
    TAKE = "takes it"
    PASS_ON = "passes it on"
    NOTHING = "means nothing to the hub"


@dataclass(frozen=True, slots=True)
class Reply:
    """A text message that came in."""

    source: str
    """Which sort of service handed it on."""
    provider_id: str
    """The service's own name of it: the same once more is a repeat."""
    number: str
    """Who sent it, as the service says."""
    text: str


def read(text: str) -> tuple[Meaning, str]:
    """What it means, and the reference of the notice that it names (empty: none): `1`, `2.` or `1 534ab7d0df`.

    Anything else, such as `1 moment please`, means nothing: nobody takes an alert by mistake.
    """
    said = _SAID.fullmatch(text.strip())
    if said is None:
        return Meaning.NOTHING, ""
    meaning = Meaning.TAKE if said["digit"] == "1" else Meaning.PASS_ON
    return meaning, (said["reference"] or "").lower()


def digits(number: str) -> str:
    """A telephone number as it can be compared: services write +447700900123, 00447700900123 or 447700900123."""
    return re.sub(r"\D", "", number).removeprefix("00")
