"""Contacts: which of their channels are known to reach them, with buttons that send a test or a code.

The page behind the link of a code shows no more than the contact's own id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.alerts.own_notice import CONFIRM
from sensor_hub.web.answer_page import CANNOT_BE_USED
from sensor_hub.web.bounded_reads import looked_through
from sensor_hub.web.bounds import Bounds
from sensor_hub.web.desk import Desk, bounds_of, desk_of, session_of
from sensor_hub.web.door_ports import Unusable
from sensor_hub.web.forms import checked
from sensor_hub.web.ledger_row import LedgerRow
from sensor_hub.web.needs import needs
from sensor_hub.web.session import CrowdedError, Throttle

contact_pages = APIRouter(include_in_schema=False)
AtDesk = Annotated[Desk, Depends(desk_of)]
Code = Annotated[str, Form(max_length=40)]
VERIFYING = [needs(Action.VERIFY_CONTACTS), Depends(checked)]
NO_CHANNEL = "There is no such contact or channel."


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One way to a contact, and what is known of it."""

    number: int
    label: str
    broken_since: float | None = None
    why: str = ""
    verified_at: float | None = None
    verified_by: str = ""
    test: Sequence[LedgerRow] = ()
    """What became of the last test or code that was sent by it, oldest first."""


@dataclass(frozen=True, slots=True)
class ContactRow:
    id: str
    name: str
    channels: Sequence[ChannelRow]
    home: str = ""
    """Of a resident: theirs."""

    @property
    def is_confirmed(self) -> bool:
        return any(channel.verified_at is not None for channel in self.channels)


@dataclass(frozen=True, slots=True)
class Confirming:
    """What the link in a code's notice is about."""

    contact: str
    label: str
    key: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """A text message that came in, and what became of it. `contact` is empty where its number is nobody's."""

    at: float
    number: str
    contact: str
    text: str
    became: str


class HubContacts(Protocol):
    def replies(self) -> Sequence[ReplyLine]:
        """The last text messages that came in, newest first."""

    def rows(self) -> Sequence[ContactRow]:
        """All contacts, in the order of the settings."""

    def rows_after(self, after: str, *, limit: int) -> Sequence[ContactRow]:
        """The first `limit` whose ids follow this one (empty: of all), by id."""

    def test(self, contact: str, number: int, *, by: str) -> str | None:
        """Sends a test by this channel: its reference. None: there is no such channel."""

    def send_code(self, contact: str, number: int) -> str | None:
        """Sends a code by this channel: the notice's reference."""

    def confirm(self, contact: str, code: str, *, by: str) -> str | None:
        """The label of the channel by which this code was sent, which is confirmed by that; else None."""

    def find_link(self, text: str) -> Confirming | Unusable:
        """Which channel the link with this signature is about."""

    def confirm_link(self, confirming: Confirming) -> None: ...


class BoundedContacts:
    """See `HubContacts`: those whom somebody with these bounds sees. What comes by a link needs none."""

    def __init__(self, contacts: HubContacts, bounds: Bounds) -> None:
        self._contacts = contacts
        self._bounds = bounds

    def replies(self) -> Sequence[ReplyLine]:
        shown = {row.id for row in self.rows()} | ({""} if self._bounds.hold_settings else set())
        return [reply for reply in self._contacts.replies() if reply.contact in shown]

    def rows(self) -> Sequence[ContactRow]:
        return [row for row in self._contacts.rows() if self._shows(row)]

    def rows_after(self, after: str, *, limit: int) -> Sequence[ContactRow]:
        def ask(limit: int, after: str) -> Sequence[ContactRow]:
            return self._contacts.rows_after(after, limit=limit)

        return looked_through(
            ask, after, limit, show=lambda rows: list(filter(self._shows, rows)), place=lambda row: row.id
        )

    def test(self, contact: str, number: int, *, by: str) -> str | None:
        return self._contacts.test(contact, number, by=by) if self._has(contact) else None

    def send_code(self, contact: str, number: int) -> str | None:
        return self._contacts.send_code(contact, number) if self._has(contact) else None

    def confirm(self, contact: str, code: str, *, by: str) -> str | None:
        return self._contacts.confirm(contact, code, by=by) if self._has(contact) else None

    def find_link(self, text: str) -> Confirming | Unusable:
        return self._contacts.find_link(text)

    def confirm_link(self, confirming: Confirming) -> None:
        self._contacts.confirm_link(confirming)

    def _has(self, contact: str) -> bool:
        return any(row.id == contact for row in self.rows())

    def _shows(self, row: ContactRow) -> bool:
        return self._bounds.hold(row.home) if row.home else self._bounds.hold_contact(row.id)


@dataclass(frozen=True, slots=True)
class ContactDoor:
    """Who opens the link of a code never waits behind those who make links up, who are answered ever more slowly."""

    contacts: HubContacts
    throttle: Throttle


def door_of(request: Request) -> ContactDoor:
    door: ContactDoor = request.app.state.contact_door
    return door


def theirs(request: Request) -> HubContacts:
    """The contacts whom the person who asks sees."""
    contacts, bounds = door_of(request).contacts, bounds_of(request)
    return contacts if bounds.are_none else BoundedContacts(contacts, bounds)


async def found(request: Request, text: str) -> Confirming:
    """What the link is about; one answer to all that cannot be used."""
    door = door_of(request)
    link = await run_sync(door.contacts.find_link, text)
    if link is Unusable.FORGED:
        try:
            async with door.throttle.turn(request.client.host if request.client else "") as visitor:
                visitor.failures += 1
        except CrowdedError as error:
            raise HTTPException(429, "Too many attempts. Wait a minute and try again.") from error
    if isinstance(link, Unusable):
        raise HTTPException(404, CANNOT_BE_USED)
    return link


Theirs = Annotated[HubContacts, Depends(theirs)]
ByLink = Annotated[Confirming, Depends(found)]


@contact_pages.get("/contacts", dependencies=[needs(Action.SEE_CONTACTS)])
def all_contacts(request: Request, desk: AtDesk, contacts: Theirs, told: str = "") -> Response:
    return _page(request, desk, contacts, told=told)


@contact_pages.post("/contacts/{contact}/test", dependencies=[needs(Action.TEST_CONTACTS), Depends(checked)])
def test(request: Request, contacts: Theirs, contact: str, channel: Annotated[int, Form()]) -> Response:
    return _sent(contacts.test(contact, channel, by=session_of(request).name), "tested")


@contact_pages.post("/contacts/{contact}/code", dependencies=VERIFYING)
def send_code(contacts: Theirs, contact: str, channel: Annotated[int, Form()]) -> Response:
    return _sent(contacts.send_code(contact, channel), "code")


@contact_pages.post("/contacts/{contact}/confirm", dependencies=VERIFYING)
def confirm(request: Request, desk: AtDesk, contacts: Theirs, contact: str, code: Code = "") -> Response:
    if contacts.confirm(contact, code, by=session_of(request).name) is None:
        wrong = {f"code-{contact}": "This is not the code that was sent last, or it is too old. Send another one."}
        return _page(request, desk, contacts, errors=wrong)
    return RedirectResponse("/contacts?told=confirmed", status_code=303)


@contact_pages.get(f"{CONFIRM}{{text}}")
def look(request: Request, desk: AtDesk, link: ByLink) -> Response:
    return desk.page(request, "confirm.html", link=link, is_done=link.is_done)


@contact_pages.post(f"{CONFIRM}{{text}}")
def say_yes(request: Request, desk: AtDesk, link: ByLink) -> Response:
    door_of(request).contacts.confirm_link(link)
    return desk.page(request, "confirm.html", link=link, is_done=True)


def _sent(reference: str | None, told: str) -> Response:
    if reference is None:
        raise HTTPException(404, NO_CHANNEL)
    return RedirectResponse(f"/contacts?told={told}", status_code=303)


def _page(
    request: Request, desk: Desk, contacts: HubContacts, *, told: str = "", errors: dict[str, str] | None = None
) -> Response:
    rows = contacts.rows()
    last = {
        (row.id, channel.number): [(each.words, each.detail, each.is_bad) for each in channel.test[-1:]]
        for row in rows
        for channel in row.channels
    }
    return desk.page(
        request,
        "contacts.html",
        status=422 if errors else 200,
        contacts=rows,
        replies=contacts.replies(),
        last=last,
        told=told,
        errors=errors or {},
    )
