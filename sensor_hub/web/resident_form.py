"""A resident's record as its form sends it, parsed at the door."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import Depends, Form

from sensor_hub.model.card import ResidentRecord

LONGEST_FIELD = {"name": 120, "preferred_name": 60, "address": 400, "telephone": 60}
EARLIEST_BIRTH = date(1890, 1, 1)


@dataclass(frozen=True, slots=True)
class ResidentTyped:
    record: ResidentRecord
    born: str
    """As it was typed."""
    version: int
    errors: dict[str, str] = field(default_factory=dict)


def resident_typed(
    name: Annotated[str, Form()] = "",
    preferred_name: Annotated[str, Form()] = "",
    address: Annotated[str, Form()] = "",
    telephone: Annotated[str, Form()] = "",
    born: Annotated[str, Form()] = "",
    version: Annotated[int, Form(ge=0)] = 0,
) -> ResidentTyped:
    errors = {}
    day = None
    if born.strip():
        try:
            day = date.fromisoformat(born.strip())
        except ValueError:
            errors["born"] = "Date of birth: enter a date, like 1938-04-09"
    address = address.strip().replace("\r\n", "\n")
    record = ResidentRecord(name.strip(), preferred_name.strip(), address, telephone.strip(), day)
    return ResidentTyped(record, born.strip(), version, {**resident_errors(record), **errors})


Typed = Annotated[ResidentTyped, Depends(resident_typed)]


def resident_errors(record: ResidentRecord) -> dict[str, str]:
    """What is wrong with it, by field; empty when it can be kept."""
    errors = {}
    if not record.name:
        errors["name"] = "Enter a name"
    for name, most in LONGEST_FIELD.items():
        if len(getattr(record, name)) > most:
            errors[name] = f"{name.replace('_', ' ').capitalize()}: {most} characters at most"
    if record.born is not None and record.born < EARLIEST_BIRTH:
        errors["born"] = "Date of birth: look at the year"
    return errors
