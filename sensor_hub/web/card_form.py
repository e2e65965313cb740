"""A response card as its form sends it, parsed at the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from sensor_hub.model.card import Relative, ResponseCard, Risk

LONGEST = {
    "telephone": 60,
    "key_safe_code": 40,
    "key_safe_place": 200,
    "risk_words": 300,
    "gp_name": 120,
    "gp_telephone": 60,
    "language": 120,
    "hearing": 200,
    "notes": 1000,
}
LONGEST_OF_RELATIVE = {"name": 120, "relation": 60, "telephone": 60, "note": 200}
MOST_RELATIVES = 6
FEWEST_DIGITS = 3
"""Of a telephone number: 112 is one."""
TITLES = {
    "telephone": "Resident’s telephone",
    "key_safe_code": "Key safe code",
    "key_safe_place": "Where the key safe is",
    "relatives": "Whom to call",
    "risks": "Risks on entry",
    "risk_words": "More about risks",
    "gp_name": "GP",
    "gp_telephone": "GP’s telephone",
    "language": "Language",
    "hearing": "Hearing, sight, speech",
    "notes": "Notes",
}
RISK_WORDS = {
    Risk.DOG: "Dog",
    Risk.OXYGEN: "Oxygen in use: no flames, no smoking",
    Risk.HOARDING: "Hoarding: narrow or blocked ways",
    Risk.VIOLENCE: "Violence: do not go in alone",
    Risk.SMOKING: "Smokes indoors",
    Risk.INFECTION: "Infection: gloves and mask",
    Risk.STAIRS: "Steep stairs or bad floor",
}


@dataclass(frozen=True, slots=True)
class CardTyped:
    card: ResponseCard
    version: int
    is_checked: bool
    errors: dict[str, str] = field(default_factory=dict)


async def _typed(request: Request) -> CardTyped:
    sent = await request.form()
    values = {name: value.strip() for name, value in sent.multi_items() if isinstance(value, str) and name != "risks"}
    version = values.get("version", "")
    if not (version.isascii() and version.isdecimal() and len(version) < 16):
        raise HTTPException(422, "This form names no version. Go back, reload the page and try again.")
    risks = frozenset(Risk(each) for each in sent.getlist("risks") if each in set(Risk))
    texts = {name: values.get(name, "").replace("\r\n", "\n") for name in LONGEST}
    card = ResponseCard(**texts, relatives=_relatives(values), risks=risks)
    return CardTyped(card, int(version), values.get("is_checked") == "yes", card_errors(card))


Typed = Annotated[CardTyped, Depends(_typed)]


def _relatives(values: Mapping[str, str]) -> tuple[Relative, ...]:
    """Those of whom anything was said, by the number beside each."""
    found = []
    for row in range(MOST_RELATIVES):
        told = {each.name: values.get(f"relative-{row}-{each.name}", "") for each in fields(Relative)}
        if any(told.values()):
            number = values.get(f"relative-{row}-order", "")
            found.append((int(number) if number.isascii() and number.isdecimal() else row + 1, row, Relative(**told)))
    return tuple(relative for _, _, relative in sorted(found, key=lambda each: each[:2]))


def card_errors(card: ResponseCard) -> dict[str, str]:
    """What is wrong with it, by the field's id; empty when it can be kept."""
    errors = {}
    for name, most in LONGEST.items():
        if len(getattr(card, name)) > most:
            errors[name] = f"{TITLES[name]}: {most} characters at most"
    for name in ("telephone", "gp_telephone"):
        if _is_no_number(getattr(card, name)):
            errors[name] = f"{TITLES[name]}: enter a number, like 01632 960001"
    for row, relative in enumerate(card.relatives):
        errors |= _relative_errors(row, relative)
    if len(card.relatives) > MOST_RELATIVES:
        errors["relatives"] = f"{TITLES['relatives']}: {MOST_RELATIVES} people at most"
    return errors


def _relative_errors(row: int, relative: Relative) -> dict[str, str]:
    who, key = f"Person {row + 1} to call", f"relative-{row}"
    errors = {}
    for name, most in LONGEST_OF_RELATIVE.items():
        if len(getattr(relative, name)) > most:
            errors[f"{key}-{name}"] = f"{who}: {most} characters at most"
    if not relative.name:
        errors[f"{key}-name"] = f"{who}: enter a name"
    if not relative.telephone or _is_no_number(relative.telephone):
        errors[f"{key}-telephone"] = f"{who}: enter a number, like 01632 960001"
    return errors


def _is_no_number(text: str) -> bool:
    return bool(text) and sum(letter.isdecimal() for letter in text) < FEWEST_DIGITS
