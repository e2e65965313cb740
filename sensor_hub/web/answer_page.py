"""Where the link in a notice leads: a page by which its reader, without a login, takes the alert and says what it was.

It shows no more than a minimal notice does. Looking changes nothing, since mail scanners follow links: only its buttons
do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.actor import CONTACT, Actor
from sensor_hub.access.chronology import View
from sensor_hub.alerts.link import PATH
from sensor_hub.alerts.notice import URGENCY_SENTENCE
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import KINDS
from sensor_hub.web.desk import desk_of, hub_desk_of
from sensor_hub.web.door_ports import HubLinks, Linked, LinkState, Unusable
from sensor_hub.web.session import CrowdedError, Throttle
from sensor_hub.web.witness import Seen

CANNOT_BE_USED = (
    "This link cannot be used: it may be too old, incomplete, or used already. Sign in to see what is open."
)


NOBODY_HAS_TO_COME = "The resident says that all is well: nobody has to come."

answer_pages = APIRouter(prefix=PATH.rstrip("/"), include_in_schema=False)


@dataclass(frozen=True, slots=True)
class LinkDoor:
    """A link that this hub signed never waits behind forged ones, which are answered ever more slowly."""

    links: HubLinks
    throttle: Throttle

    async def find(self, text: str, address: str) -> Linked | Unusable:
        """What the link is about; may raise CrowdedError."""
        link = await run_sync(self.links.find, text)
        if link is Unusable.FORGED:
            async with self.throttle.turn(address) as visitor:
                visitor.failures += 1
        return link


async def found(request: Request, text: str) -> Linked:
    """The link that is asked for; one answer to all that cannot be used, whatever is the matter with them."""
    door: LinkDoor = request.app.state.link_door
    try:
        link = await door.find(text, request.client.host if request.client else "")
    except CrowdedError as error:
        raise HTTPException(429, "Too many attempts. Wait a minute and try again.") from error
    if isinstance(link, Unusable):
        raise HTTPException(404, CANNOT_BE_USED)
    return link


ByLink = Annotated[Linked, Depends(found)]


@answer_pages.get("/{text}")
def look(request: Request, link: ByLink) -> Response:
    request.state.seen = Seen(View.ALERT, alert=link.alert, by=Actor(link.by, CONTACT))
    return _page(request, link)


@answer_pages.post("/{text}/take")
def take(request: Request, text: str, link: ByLink) -> Response:
    if link.state is LinkState.OPEN:
        hub_desk_of(request).acts.acknowledge(link.alert, by=link.by)
    return RedirectResponse(f"{PATH}{text}", status_code=303)


@answer_pages.post("/{text}/outcome")
def tell(request: Request, text: str, link: ByLink, outcome: Annotated[Outcome, Form()]) -> Response:
    if link.state is not LinkState.MINE:
        return RedirectResponse(f"{PATH}{text}", status_code=303)
    hub_desk_of(request).acts.close(link.alert, by=link.by, outcome=outcome)
    return _page(request, link, is_done=True)


@answer_pages.post("/{text}/fine")
def fine(request: Request, text: str, link: ByLink) -> Response:
    """The resident answers: the chain is over. That teaches the hub nothing about its limits: nobody has looked."""
    if link.state is not LinkState.ASKED:
        return RedirectResponse(f"{PATH}{text}", status_code=303)
    hub_desk_of(request).acts.close(link.alert, by=link.by, outcome=Outcome.UNKNOWN, note=NOBODY_HAS_TO_COME)
    return _page(request, link, is_done=True)


@answer_pages.post("/{text}/help")
def call(request: Request, text: str, link: ByLink) -> Response:
    """The resident wants somebody: those who follow are told at once."""
    if link.state is not LinkState.ASKED:
        return RedirectResponse(f"{PATH}{text}", status_code=303)
    hub_desk_of(request).acts.pass_on(link.alert, by=link.by)
    return _page(request, link, is_coming=True)


def _page(request: Request, link: Linked, *, is_done: bool = False, is_coming: bool = False) -> Response:
    """The notice's category and urgency: neither whose home it is nor what happened there."""
    category = KINDS[link.kind].category
    return desk_of(request).page(
        request,
        "answer.html",
        category=category[:1].upper() + category[1:],
        urgency=URGENCY_SENTENCE[link.urgency],
        link=link,
        here=f"{PATH}{request.path_params['text']}",
        is_done=is_done,
        is_coming=is_coming,
    )
