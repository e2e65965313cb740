"""Contacts in the API: whom the hub tells, whether that works, and confirming that it reaches them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field

from sensor_hub.access.action import Action
from sensor_hub.model.moment import iso
from sensor_hub.web.contact_page import NO_CHANNEL, ChannelRow, ContactRow, Theirs
from sensor_hub.web.desk import session_of
from sensor_hub.web.needs import needs
from sensor_hub.web.paging import USUAL, Cursor, Limit, Page, page_of, place_of

contact_api = APIRouter(prefix="/api/v1/contacts")
MOST_CHANNELS = 1000


class ChannelIn(BaseModel):
    """`channel`: its number."""

    channel: Annotated[int, Field(strict=True, ge=1, le=MOST_CHANNELS, examples=[1])]


class CodeIn(BaseModel):
    code: Annotated[str, Field(max_length=20, examples=["123456"])]


@dataclass(frozen=True, slots=True)
class ChannelOut:
    number: Annotated[int, Field(examples=[1])]
    label: Annotated[str, Field(examples=["1 (mailto)"])]
    broken_since: Annotated[str | None, Field(examples=[None])]
    why: Annotated[str, Field(examples=[""])]
    verified_at: str | None
    verified_by: str


@dataclass(frozen=True, slots=True)
class ContactOut:
    id: Annotated[str, Field(examples=["ann"])]
    name: Annotated[str, Field(examples=["Ann Lee"])]
    home: Annotated[str, Field(examples=[""])]
    """Of a resident: theirs."""
    channels: list[ChannelOut]


@dataclass(frozen=True, slots=True)
class SentOut:
    """`reference`: of the notice, by which the ledger tells what becomes of it."""

    reference: str


@contact_api.get("", dependencies=[needs(Action.SEE_CONTACTS)])
def list_contacts(contacts: Theirs, limit: Limit = USUAL, cursor: Cursor = "") -> Page[ContactOut]:
    """Contacts by id, without their addresses."""
    (after,) = place_of(cursor, str) if cursor else ("",)
    rows = contacts.rows_after(after, limit=limit + 1)
    return page_of(rows, limit, show=_contact, place=lambda row: (row.id,))


@contact_api.post("/{contact}/test", dependencies=[needs(Action.TEST_CONTACTS)], status_code=202)
def test_contact(request: Request, contacts: Theirs, contact: str, asked: ChannelIn) -> SentOut:
    """Sends a test by this channel."""
    return _sent(contacts.test(contact, asked.channel, by=session_of(request).name))


@contact_api.post("/{contact}/code", dependencies=[needs(Action.VERIFY_CONTACTS)], status_code=202)
def send_code(contacts: Theirs, contact: str, asked: ChannelIn) -> SentOut:
    """Sends a code by this channel."""
    return _sent(contacts.send_code(contact, asked.channel))


@contact_api.post("/{contact}/confirm", dependencies=[needs(Action.VERIFY_CONTACTS)])
def confirm_contact(request: Request, contacts: Theirs, contact: str, told: CodeIn) -> ContactOut:
    """The code came: the channel by which it was sent is confirmed."""
    row = next((each for each in contacts.rows() if each.id == contact), None)
    if row is None:
        raise HTTPException(404, NO_CHANNEL)
    if contacts.confirm(contact, told.code, by=session_of(request).name) is None:
        raise HTTPException(422, "code: not the one that was sent last, or too old")
    return next((_contact(each) for each in contacts.rows() if each.id == contact), _contact(row))


def _sent(reference: str | None) -> SentOut:
    if reference is None:
        raise HTTPException(404, NO_CHANNEL)
    return SentOut(reference)


def _contact(row: ContactRow) -> ContactOut:
    return ContactOut(row.id, row.name, row.home, [_channel(each) for each in row.channels])


def _channel(row: ChannelRow) -> ChannelOut:
    return ChannelOut(
        number=row.number,
        label=row.label,
        broken_since=None if row.broken_since is None else iso(row.broken_since),
        why=row.why,
        verified_at=None if row.verified_at is None else iso(row.verified_at),
        verified_by=row.verified_by,
    )
