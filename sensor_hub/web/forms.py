"""What people send by the pages' forms, parsed at the door."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Form, HTTPException, Request

from sensor_hub.model.alert import Outcome
from sensor_hub.model.reading import is_device_id
from sensor_hub.model.room import Room
from sensor_hub.model.stay import Stay
from sensor_hub.web.desk import acting_name, principal_of, session_of
from sensor_hub.web.session import LONGEST_NAME

LONGEST_NOTE = 2000


def checked(request: Request, token: Annotated[str, Form()] = "") -> None:
    """Refuses a form that does not carry its session's token: another site may have made it."""
    expected = session_of(request).token
    if not expected or not secrets.compare_digest(token.encode(), expected.encode()):
        raise HTTPException(403, "This form is out of date. Go back, reload the page and try again.")


@dataclass(frozen=True, slots=True)
class Taking:
    """Somebody takes an alert; `errors` by field is empty when it can be done."""

    by: str
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closing:
    by: str
    outcome: Outcome | None
    note: str
    errors: dict[str, str] = field(default_factory=dict)


def taking(request: Request, by: Annotated[str, Form()] = "") -> Taking:
    by = _who(request, by)
    return Taking(by, _name_errors("taking-by", by))


def closing(
    request: Request,
    by: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Closing:
    by, note = _who(request, by), note.strip()
    errors = _name_errors("closing-by", by)
    found = Outcome(outcome) if outcome in set(Outcome) else None
    if found is None:
        errors["outcome"] = "Say what was found"
    if len(note) > LONGEST_NOTE:
        errors["note"] = f"A note has at most {LONGEST_NOTE} characters"
    return Closing(by, found, note, errors)


Seen = Annotated[int | None, Form(ge=0)]
"""The version of what a form is about, as its page showed it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody says in which room a device stands."""

    device: str
    room: Room | None
    errors: dict[str, str] = field(default_factory=dict)
    version: int | None = None
    """Of what was said of it before, as its page showed it."""


def standing(device: Annotated[str, Form()] = "", room: Annotated[str, Form()] = "", version: Seen = None) -> Standing:
    if not is_device_id(device):
        raise HTTPException(422, "This form names no device. Go back, reload the page and try again.")
    found = Room(room) if room in set(Room) else None
    return Standing(device, found, {} if found else {f"room-{device}": f"Choose a room for {device}"}, version)


@dataclass(frozen=True, slots=True)
class StayTyped:
    """What was typed of an absence or a visit. Times are by the clock of the home, which is not known here."""

    stay: Stay
    start: str
    end: str
    version: int | None = None
    """Of the one that was seen, where the form is about one."""


def stay_typed(
    stay: Annotated[str, Form()] = "",
    start: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
    version: Seen = None,
) -> StayTyped:
    if stay not in set(Stay):
        raise HTTPException(422, "This form is of neither an absence nor a visit. Reload the page and try again.")
    return StayTyped(Stay(stay), start.strip(), end.strip(), version)


def _who(request: Request, by: str) -> str:
    """What was typed, also nothing, where a name is asked for; else the account's."""
    return by.strip() if principal_of(request).speaks_for_others else acting_name(request, by)


def _name_errors(name: str, by: str) -> dict[str, str]:
    if not by:
        return {name: "Enter your name"}
    return {name: f"A name has at most {LONGEST_NAME} characters"} if len(by) > LONGEST_NAME else {}


def local_path(wanted: str) -> str:
    """`wanted` where it is a page of this site, else the first page: nobody is sent elsewhere after signing in."""
    is_local = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if is_local else "/"
