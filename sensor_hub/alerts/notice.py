"""The text of a notice: one alert, one contact, one sentence to act on. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.link import PATH, UNSIGNED
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.kind import KINDS, Urgency
from sensor_hub.model.moment import local

URGENCY_WORD = {Urgency.URGENT: "URGENT", Urgency.SOON: "Today", Urgency.NOTICE: "For review"}
URGENCY_SENTENCE = {
    Urgency.URGENT: "Somebody must act now.",
    Urgency.SOON: "Somebody must act today.",
    Urgency.NOTICE: "It can wait for the weekly review.",
}
SIMULATED = "SIMULATED - "
SIMULATED_LINE = "This is a simulation. No real home is concerned."


@dataclass(frozen=True, slots=True)
class Notice:
    """The text for one person. Its reference is the same however often it is made."""

    reference: str
    alert: str
    contact: str
    urgency: Urgency
    title: str
    body: str


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
    subject = f"{KINDS[change.kind].title}, {change.home}" if is_full else _capital(KINDS[change.kind].category)
    title = f"{URGENCY_WORD[change.urgency]}: {subject} (ref {ref})"
    link = None if letterhead.url is None else f"{letterhead.url}{PATH}{UNSIGNED}"
    lines = [*_full(change, zone, link), "", f"Reference {ref}"] if is_full else _minimal(link)
    if turn.why:
        lines = [lines[0], turn.why, *lines[1:]] if is_full else [turn.why, *lines]
    if letterhead.is_simulated:
        title = SIMULATED + title
        lines = [SIMULATED_LINE, "", *lines]
    return Notice(ref, change.id, contact.id, change.urgency, title, "\n".join(lines) + "\n")


def _minimal(link: str | None) -> list[str]:
    """So short that with its title, which says how soon, what sort and the reference, it fits one text message."""
    details = "Log in for details."
    return [details] if link is None else [f"{details} To take it:", link]


def _full(change: AlertChange, zone: ZoneInfo, link: str | None) -> list[str]:
    info = KINDS[change.kind]
    answer = [] if link is None else ["", "To say that you take it:", link]
    return [
        f"Home {change.home}: {info.title.lower()}. {URGENCY_SENTENCE[change.urgency]}",
        "",
        change.summary,
        "",
        *_times(change, zone),
        f"What to do: {info.check}",
        *answer,
    ]


def _times(change: AlertChange, zone: ZoneInfo) -> Sequence[str]:
    return (f"Since {_told(change.since, zone)}", f"Found {_told(change.at, zone)} (the home's time)")


def _told(at: float, zone: ZoneInfo) -> str:
    moment = local(at, zone)
    return f"{moment:%H:%M on %A} {moment.day} {moment:%B %Y}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
