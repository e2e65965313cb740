"""The text of a notice: what, where, how soon; since when, what to do and how to take it; then the rest. Pure.

Other forms of it (a text message, a mail with headings, a card) are made from this text when it is sent, by
`dispatch.letter`: of blocks between empty lines, lines of `Label: value`, and an address alone below its words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.link import PATH, UNSIGNED
from sensor_hub.model.alert import AlertChange, whose
from sensor_hub.model.kind import KINDS, Urgency
from sensor_hub.model.moment import local

URGENCY_WORD = {Urgency.URGENT: "URGENT", Urgency.SOON: "Today", Urgency.NOTICE: "For review"}
URGENCY_SENTENCE = {
    Urgency.URGENT: "Somebody must act now.",
    Urgency.SOON: "Somebody must act today.",
    Urgency.NOTICE: "It can wait for the weekly review.",
}
TAKE = "To take it, so that nobody else is called:"
NO_LINK = "To take it, log in to the hub."
SIMULATED = "SIMULATED - "
SIMULATED_LINE = "This is a simulation. No real home is concerned."


class Purpose(StrEnum):
    """What a notice is for."""

    ALERT = "alert"
    TEST = "test"
    """Somebody wants to see whether it arrives."""
    CODE = "code"
    """Who answers it shows that the channel is theirs."""
    TROUBLE = "trouble"
    """A channel of somebody takes nothing any more."""
    ROUND = "round"
    """It lists several alerts, at a time that was set."""

    @property
    def is_sent_once(self) -> bool:
        """Whether it concerns one channel, and whoever asked for it looks what became of it."""
        return self in {Purpose.TEST, Purpose.CODE}


@dataclass(frozen=True, slots=True)
class Notice:
    """The text for one person. Its reference is the same however often it is made."""

    reference: str
    alert: str
    contact: str
    urgency: Urgency
    title: str
    body: str
    purpose: Purpose = Purpose.ALERT
    """Only those of an alert have one in `alert`."""
    channel: str = ""
    """The key of the one channel by which it goes; empty: by whichever takes it."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all notices of a hub share: the address of its pages, and whether its homes are simulated."""

    url: str | None
    """None: it is not known how their readers reach the pages, so no link is put in."""
    is_simulated: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Which telling of an alert a notice belongs to: that of its change `number`, so many moves later, and why."""

    number: int
    moves: int = 0
    why: str = ""


def reference(alert: str, turn: Turn, contact: str) -> str:
    """Short enough to be read out on the telephone."""
    key = f"{alert}\n{turn.number}\n{contact}" + (f"\n{turn.moves}" if turn.moves else "")
    return hashlib.blake2b(key.encode(), digest_size=5).hexdigest()


def write(change: AlertChange, contact: Contact, zone: ZoneInfo, letterhead: Letterhead, turn: Turn) -> Notice:
    """The notice of `change` for `contact`; times in it are those of the home's own clock (`zone`)."""
    ref = reference(change.id, turn, contact.id)
    is_full = contact.detail is Detail.FULL
    subject = (
        f"{KINDS[change.kind].title}, {whose(change.home).removeprefix('home ')}"
        if is_full
        else _capital(KINDS[change.kind].category)
    )
    title = f"{URGENCY_WORD[change.urgency]}: {subject} (ref {ref})"
    opening, about, found = _full(change, zone) if is_full else _minimal(change)
    if turn.why:
        opening = f"{opening}\n{turn.why}"
    answer = NO_LINK if letterhead.url is None else f"{TAKE}\n{letterhead.url}{PATH}{UNSIGNED}"
    blocks = [opening, *about, answer, "\n".join([*found, f"Reference: {ref}"])]
    if letterhead.is_simulated:
        title = SIMULATED + title
        blocks = [SIMULATED_LINE, *blocks]
    return Notice(ref, change.id, contact.id, change.urgency, title, "\n\n".join(blocks) + "\n")


def _minimal(change: AlertChange) -> tuple[str, Sequence[str], Sequence[str]]:
    """The opening, the blocks about what happened, and what stands before the reference."""
    return f"{URGENCY_SENTENCE[change.urgency]} The details are behind the login.", [], []


def _full(change: AlertChange, zone: ZoneInfo) -> tuple[str, Sequence[str], Sequence[str]]:
    """The same, with all that is known."""
    info = KINDS[change.kind]
    what = f"{info.title[:1].lower()}{info.title[1:]}"
    opening = f"{_capital(whose(change.home))}: {what}. {URGENCY_SENTENCE[change.urgency]}"
    facts = f"Since: {_told(change.since, zone)}\nWhat to do: {info.check}"
    return opening, [change.summary, facts], [f"Found: {_told(change.at, zone)} (times are those of the home)"]


def _told(at: float, zone: ZoneInfo) -> str:
    moment = local(at, zone)
    return f"{moment:%H:%M on %A} {moment.day} {moment:%B %Y}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
