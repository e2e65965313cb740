"""Where services tell what became of a message, and hand on replies: a token of their own lets them in."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field

from sensor_hub.alerts.receipt import Reached, Receipt
from sensor_hub.alerts.reply import Reply
from sensor_hub.web.session import CrowdedError, Throttle

RECEIPTS, REPLIES = "/api/v1/receipts", "/api/v1/replies"
FOLDERS = (RECEIPTS, REPLIES)
PROBLEM = {"description": "A problem (RFC 9457)", "content": {"application/problem+json": {}}}
Word = Annotated[str, Field(max_length=200)]

Text = Annotated[str, Field(max_length=2000)]

NOTIFY_REACHED = {
    "delivered": Reached.ARRIVED,
    "permanent-failure": Reached.FAILED,
    "temporary-failure": Reached.FAILED,
    "technical-failure": Reached.FAILED,
}
"""GOV.UK Notify's last words on a message: https://docs.notifications.service.gov.uk/rest-api.html#delivery-receipts"""
KANNEL_REACHED = {1: Reached.ARRIVED, 2: Reached.FAILED, 16: Reached.FAILED}
"""Kannel's %d: 1 delivered, 2 not delivered, 16 refused by the SMSC; 4 and 8 are on the way (user guide, 6.7)."""


class HubReceipts(Protocol):
    def take(self, receipt: Receipt) -> None:
        """Keeps it, and does what follows from it."""


class HubReplies(Protocol):
    def take(self, reply: Reply) -> None:
        """Keeps it, and does what it says."""


class NotifyReceipt(BaseModel):
    """As GOV.UK Notify sends it; what else stands in it is not used."""

    id: Word
    status: Word


class PlainReceipt(BaseModel):
    """For a service of any other sort. `id`: as the service gave it when it took the message."""

    id: Word
    status: Literal["delivered", "failed", "under way"]
    permanent: Annotated[bool, Field(strict=True)] = False
    """There is nobody at that address."""
    detail: Word = ""


class NotifyReply(BaseModel):
    """A text message as GOV.UK Notify hands it on."""

    id: Word
    source_number: Word
    message: Text


class PlainReply(BaseModel):
    """A text message that any other service hands on."""

    id: Word
    number: Annotated[str, Field(max_length=40, alias="from")]
    text: Text


class Token:
    """Lets a service in: by `Authorization: Bearer`, or by `token` in the address where it can send no header."""

    def __init__(self, token: str, throttle: Throttle) -> None:
        self._token = token.encode()
        self._throttle = throttle

    async def __call__(self, request: Request, token: Annotated[str, Query(max_length=200)] = "") -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        said = given.strip() if scheme.lower() == "bearer" else token
        if secrets.compare_digest(said.encode(), self._token):
            return
        try:
            async with self._throttle.turn(request.client.host if request.client else "") as visitor:
                visitor.failures += 1
        except CrowdedError as error:
            raise HTTPException(429, "Too many attempts. Wait a minute and try again.") from error
        raise HTTPException(401, "Send the token of [callbacks].", {"WWW-Authenticate": "Bearer"})


def callback_routes(receipts: HubReceipts, replies: HubReplies, token: str, throttle: Throttle) -> APIRouter:
    """The doors for services. A repeat is harmless: services repeat what was not answered in time."""
    routes = APIRouter(dependencies=[Depends(Token(token, throttle))], responses={401: PROBLEM})
    _add_receipts(routes, receipts)
    _add_replies(routes, replies)
    return routes


def _add_receipts(routes: APIRouter, receipts: HubReceipts) -> None:
    """Where services tell what became of messages."""

    @routes.post(f"{RECEIPTS}/notify", status_code=204)
    def from_notify(said: NotifyReceipt) -> Response:
        """What became of a message that GOV.UK Notify took."""
        reached = NOTIFY_REACHED.get(said.status, Reached.UNDER_WAY)
        is_permanent = said.status == "permanent-failure"
        receipts.take(Receipt("notify", said.id, reached, said.status, is_permanent))
        return Response(status_code=204)

    @routes.get(f"{RECEIPTS}/kannel", status_code=204)
    def from_kannel(
        id: Annotated[str, Query(max_length=200)],  # noqa: A002 - it is called so in the address
        type: Annotated[int, Query()],  # noqa: A002
        answer: Annotated[str, Query(max_length=500)] = "",
    ) -> Response:
        """What became of a text message that Kannel took: its `dlr-url`, with `type=%d` and `answer=%A`."""
        reached = KANNEL_REACHED.get(type, Reached.UNDER_WAY)
        receipts.take(Receipt("kannel", id, reached, " ".join(f"type {type} {answer}".split())[:200]))
        return Response(status_code=204)

    @routes.post(RECEIPTS, status_code=204)
    def from_any(said: PlainReceipt) -> Response:
        """What became of a message that any other service took."""
        reached = {"delivered": Reached.ARRIVED, "failed": Reached.FAILED}.get(said.status, Reached.UNDER_WAY)
        receipts.take(Receipt("plain", said.id, reached, said.detail or said.status, said.permanent))
        return Response(status_code=204)


def _add_replies(routes: APIRouter, replies: HubReplies) -> None:
    """Where services hand on text messages. They are answered with nothing."""

    @routes.post(f"{REPLIES}/notify", status_code=204)
    def from_notify(said: NotifyReply) -> Response:
        """A text message that GOV.UK Notify received."""
        replies.take(Reply("notify", said.id, said.source_number, said.message))
        return Response(status_code=204)

    @routes.get(f"{REPLIES}/kannel", status_code=204)
    def from_kannel(
        id: Annotated[str, Query(max_length=200)],  # noqa: A002 - it is called so in the address
        number: Annotated[str, Query(max_length=40, alias="from")],
        text: Annotated[str, Query(max_length=2000)] = "",
    ) -> Response:
        """A text message that Kannel received: its `get-url`, with `id=%I`, `from=%p` and `text=%a`."""
        replies.take(Reply("kannel", id, number, text))
        return Response(status_code=204)

    @routes.post(REPLIES, status_code=204)
    def from_any(said: PlainReply) -> Response:
        """A text message that any other service received."""
        replies.take(Reply("plain", said.id, said.number, said.text))
        return Response(status_code=204)
