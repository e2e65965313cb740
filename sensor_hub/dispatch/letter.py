"""The parts of a notice's text, from which its other forms are made: see `alerts.notice`. Pure.

The text is the one source: whatever carries it, a notice says the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sensor_hub.alerts.notice import NO_LINK, SIMULATED_LINE, TAKE, Notice
from sensor_hub.model.kind import Urgency

REFERENCE = "Reference"
AGAIN = "again, "
_TITLE = re.compile(r"(?P<what>.*?) \((?P<mark>(?:again, )?ref \S+)\)$")
_LINK = re.compile(r"https?://\S+$")
_FACT = re.compile(r"(?P<label>[A-Z][a-z]+(?: [a-z]+){0,3}): (?P<value>\S.*)$")
_NUMBERED = re.compile(r"\d+\. \S")
_RULE = re.compile(r"-{3,}$")
_ITEM = "- "


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    """One line for each line of the text."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that begins with a number and a point, or one that is underlined."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """A block of nothing but `Label: value`."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An address, and what happens when it is opened."""

    words: str
    link: str


@dataclass(frozen=True, slots=True)
class Items:
    """Lines that begin with a dash."""

    texts: tuple[str, ...]


Block = Paragraph | Heading | Facts | Answer | Items


@dataclass(frozen=True, slots=True)
class Letter:
    title: str
    what: str
    """The title without its reference."""
    reference: str
    urgency: Urgency
    blocks: tuple[Block, ...]
    is_simulated: bool
    is_again: bool
    """It may have been sent before."""

    @property
    def text(self) -> str:
        """All that is said in words, without the links and the reference."""
        return "\n\n".join(filter(None, map(_said, self.blocks)))

    @property
    def answer(self) -> Answer | None:
        """By which it is answered; of several alerts, that of the worst."""
        return next((block for block in self.blocks if isinstance(block, Answer)), None)

    @property
    def link(self) -> str | None:
        return None if self.answer is None else self.answer.link

    @property
    def is_to_take(self) -> bool:
        """Whether its reader takes an alert, by a link or by logging in; else it asks or tells something else."""
        by_link = self.answer is not None and self.answer.words == TAKE.rstrip(":")
        return by_link or Paragraph(NO_LINK) in self.blocks

    def fact(self, label: str) -> str | None:
        """The first that has this label."""
        rows = (row for block in self.blocks if isinstance(block, Facts) for row in block.rows)
        return next((value for each, value in rows if each == label), None)

    @property
    def first(self) -> tuple[Block, ...]:
        """Of several alerts, which have numbers, the parts of the worst; else all."""
        numbered = [
            place
            for place, block in enumerate(self.blocks)
            if isinstance(block, Heading) and _NUMBERED.match(block.text)
        ]
        if not numbered:
            return self.blocks
        return self.blocks[numbered[0] + 1 : numbered[1] if len(numbered) > 1 else None]

    def paragraphs(self) -> Iterator[str]:
        """What is said in sentences, of several alerts about the worst."""
        return (block.text for block in self.first if isinstance(block, Paragraph))


def read_letter(notice: Notice) -> Letter:
    """The parts of the notice's title and text."""
    title = _TITLE.match(notice.title)
    blocks = tuple(block for lines in _blocks(notice.body) for block in _parts(lines))
    return Letter(
        title=notice.title,
        what=notice.title if title is None else title["what"],
        reference=notice.reference,
        urgency=notice.urgency,
        blocks=tuple(block for block in blocks if block != Paragraph(SIMULATED_LINE)),
        is_simulated=Paragraph(SIMULATED_LINE) in blocks,
        is_again=title is not None and title["mark"].startswith(AGAIN),
    )


def _said(block: Block) -> str:
    match block:
        case Heading(text) | Paragraph(text):
            return text
        case Facts(rows):
            return "\n".join(f"{label}: {value}" for label, value in rows if label != REFERENCE)
        case Items(texts):
            return "\n".join(f"{_ITEM}{text}" for text in texts)
        case Answer():
            return ""


def _blocks(body: str) -> Iterator[list[str]]:
    for text in re.split(r"\n\s*\n", body.strip()):
        lines = [line.rstrip() for line in text.splitlines()]
        if any(lines):
            yield lines


def _parts(lines: list[str]) -> Iterator[Block]:
    heading, lines = _heading(lines)
    if heading is not None:
        yield heading
    if not lines:
        return
    facts = [_FACT.match(line) for line in lines]
    if all(facts) and (len(lines) > 1 or lines[0].startswith(f"{REFERENCE}: ")):
        yield Facts(tuple((fact["label"], fact["value"]) for fact in facts if fact is not None))
    elif all(line.startswith(_ITEM) for line in lines):
        yield Items(tuple(line.removeprefix(_ITEM) for line in lines))
    else:
        yield from _paragraphs(lines)


def _heading(lines: list[str]) -> tuple[Heading | None, list[str]]:
    if len(lines) > 1 and _RULE.match(lines[1]):
        return Heading(lines[0]), lines[2:]
    if _NUMBERED.match(lines[0]):
        return Heading(lines[0]), lines[1:]
    return None, lines


def _paragraphs(lines: list[str]) -> Iterator[Block]:
    """Lines of words, and addresses with the line above each."""
    words: list[str] = []
    for line in lines:
        if _LINK.match(line):
            said = words.pop().rstrip(":") if words else line
            if words:
                yield Paragraph("\n".join(words))
            yield Answer(said, line)
            words = []
        else:
            words.append(line)
    if words:
        yield Paragraph("\n".join(words))
