"""A response card in words, as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sensor_hub.model.card import Relative, ResidentRecord, is_old
from sensor_hub.model.moment import local
from sensor_hub.web.card_form import RISK_WORDS, TITLES
from sensor_hub.web.people_ports import CardRow, CardState, ChangeRow
from sensor_hub.web.wording import moment_words

MOST_CHANGES = 10
RESIDENT_TITLES = {
    "name": "Name",
    "preferred_name": "Called",
    "address": "Address",
    "telephone": "Telephone",
    "born": "Date of birth",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a card can be relied on."""

    words: str
    is_old: bool
    """Somebody has to look at it."""


@dataclass(frozen=True, slots=True)
class CardView:
    row: CardRow
    is_kept: bool
    checked: Checked
    people: Sequence[ResidentRecord]
    risks: Sequence[str]
    """Each in words; what was written freely comes last."""
    relatives: Sequence[Relative]
    facts: Sequence[tuple[str, str]]
    """Other fields that are filled: title and text."""
    changes: Sequence[str]
    """`09:40 today, Jo: key safe code, GP`; newest first."""


def card_view(row: CardRow, now: float, zone: ZoneInfo) -> CardView:
    card = row.card
    risks = [words for risk, words in RISK_WORDS.items() if risk in card.risks]
    told = [(TITLES[name], getattr(card, name)) for name in ("language", "hearing")]
    gp = " · ".join(each for each in (card.gp_name, card.gp_telephone) if each)
    facts = [*told, ("GP", gp), (TITLES["notes"], card.notes)]
    return CardView(
        row=row,
        is_kept=row.version > 0,
        checked=checked_words(CardState(row.version > 0, row.checked_at), now, zone, by=row.checked_by),
        people=[each.record for each in row.residents],
        risks=[*risks, *([card.risk_words] if card.risk_words else [])],
        relatives=card.relatives,
        facts=[(title, text) for title, text in facts if text],
        changes=[change_words(each, now, zone) for each in row.changes[:MOST_CHANGES]],
    )


def checked_words(state: CardState, now: float, zone: ZoneInfo, *, by: str = "") -> Checked:
    """Whether the card can be relied on: nobody looked at an old one for half a year."""
    if not state.is_kept:
        return Checked("None is kept for this home.", is_old=True)
    if state.checked_at is None:
        return Checked("Nobody has said yet that all of it is right.", is_old=True)
    day = f"Last checked {local(state.checked_at, zone):%-d %b %Y}{f' by {by}' if by else ''}"
    old = is_old(state.checked_at, now)
    return Checked(f"{day}: more than six months ago." if old else f"{day}.", old)


def change_words(change: ChangeRow, now: float, zone: ZoneInfo) -> str:
    """Who changed which fields; what stood there is not kept."""
    titles = {**RESIDENT_TITLES, **TITLES}
    what = ", ".join(titles.get(name, name).lower().replace("gp", "GP") for name in change.fields)
    return f"{moment_words(change.at, now, zone)}, {change.who}: {what or 'looked through, and all of it was right'}"
