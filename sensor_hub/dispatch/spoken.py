"""A notice as it is read out on the telephone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sensor_hub.alerts.notice import NO_LINK, SIMULATED, SIMULATED_LINE, Notice
from sensor_hub.dispatch.letter import REFERENCE, Facts, Heading, Letter, Paragraph, read_letter

_CODE = re.compile(r"\b\d{5,}\b")


def speech_of(notice: Notice) -> str:
    """Everything twice, for the first words are seldom heard; no addresses, and the reference letter by letter.

    Of several alerts the worst.
    """
    said = " ".join(_sentences(read_letter(notice)))
    return f"{said} I say it again. {said}"


def _sentences(letter: Letter) -> Iterator[str]:
    if letter.is_simulated:
        yield SIMULATED_LINE
    what = letter.what.removeprefix(SIMULATED).replace("URGENT", "Urgent")
    yield f"Sensor hub. {_ended(what)}"
    for block in letter.first:
        if isinstance(block, (Paragraph, Heading)) and block.text != NO_LINK:
            yield _CODE.sub(lambda code: ", ".join(code[0]), block.text.replace("\n", " "))
        elif isinstance(block, Facts):
            yield from (_ended(f"{label}: {value}") for label, value in _told(block))
    if letter.is_to_take:
        yield f"{NO_LINK} The reference is {', '.join(letter.reference.upper())}."


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _told(facts: Facts) -> Iterator[tuple[str, str]]:
    return (row for row in facts.rows if row[0] not in {REFERENCE, "Found"})
