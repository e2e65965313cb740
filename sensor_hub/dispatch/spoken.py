"""A notice as it is read out on the telephone. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.alerts.notice import NO_LINK, SIMULATED, SIMULATED_LINE, Notice
from sensor_hub.dispatch.letter import REFERENCE, Facts, Heading, Letter, Paragraph, read_letter


def speech_of(notice: Notice) -> str:
    """Everything twice, for the first words are seldom heard; no addresses, and the reference letter by letter.

    Of several alerts the worst.
    """
    said = " ".join(_sentences(read_letter(notice)))
    return f"{said} I say it again. {said}"


def _sentences(letter: Letter) -> Iterator[str]:
    if letter.is_simulated:
        yield SIMULATED_LINE
    yield f"Sensor hub. {letter.what.removeprefix(SIMULATED).replace('URGENT', 'Urgent')}."
    for block in letter.first:
        if isinstance(block, (Paragraph, Heading)) and block.text != NO_LINK:
            yield block.text.replace("\n", " ")
        elif isinstance(block, Facts):
            yield from (f"{label}: {value}" + "." * (value[-1] not in ".?") for label, value in _told(block))
    if letter.link is not None or letter.fact(REFERENCE) is not None:
        yield f"{NO_LINK} The reference is {', '.join(letter.reference.upper())}."


def _told(facts: Facts) -> Iterator[tuple[str, str]]:
    return (row for row in facts.rows if row[0] not in {REFERENCE, "Found"})
