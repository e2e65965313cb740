"""What changes, as it does: `GET /api/v1/events`, server-sent events."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, HTTPException, Query, Request
from starlette.responses import Response

from sensor_hub.access.action import Action
from sensor_hub.model.change import HIDDEN, Change, What
from sensor_hub.model.kind import Urgency
from sensor_hub.model.moment import parse_moment
from sensor_hub.web.bounds import Bounds, Tenancy
from sensor_hub.web.credentials import Credentials
from sensor_hub.web.desk import bounds_of, desk_of, hub_desk_of, principal_of
from sensor_hub.web.event_ports import HubChanges, Place
from sensor_hub.web.event_stream import EventAnswer, EventStream
from sensor_hub.web.event_text import END, LOST, TIME, cursor, event_lines, read_cursor
from sensor_hub.web.needs import needs
from sensor_hub.web.session_cookie import SessionCookie

MOST_EACH, MOST = 10, 500
"""Streams that are open at once, of one account or token and of all."""
THREADS = 2
"""That read the store for those who listen, beside those of other calls."""
COME_AGAIN = {"Retry-After": "10"}
TYPES = [what.value for what in What if what not in HIDDEN]
AT = parse_moment("2026-11-24T16:09:07.080Z")
EXAMPLE = Change(41, 7, AT, What.ALERT_RAISED, "elm-14", "elm-14-silent", "device_silent", Urgency.SOON)
EVENT = {
    "title": "Event",
    "description": "Each event of the stream, as its lines say it.",
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"type": "string", "enum": [*TYPES, TIME, LOST, END]},
        "data": {"type": "string", "contentMediaType": "application/json"},
        "id": {"type": "string", "description": "Where to go on behind it"},
        "retry": {"type": "integer", "minimum": 0, "description": "Milliseconds before coming again"},
    },
}
"""As OpenAPI 3.2 describes such streams (4.14.4), and readers of 3.1 take them."""
ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": EVENT, "example": event_lines(EXAMPLE)}}}
}
After = Annotated[str, Query(max_length=200, description="The id behind which to go on")]
LastId = Annotated[str, Header(alias="Last-Event-ID", max_length=200, description="The same, as browsers send it")]

event_api = APIRouter(prefix="/api/v1")


@dataclass(slots=True)
class EventDoor:
    changes: HubChanges
    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(THREADS))
    _open: Counter[str] = field(default_factory=Counter)

    def enter(self, who: str) -> None:
        """HTTPException 429 where too many are in. Of one event loop."""
        if self._open[who] >= MOST_EACH or self._open.total() >= MOST:
            raise HTTPException(429, "Too many streams are open.", COME_AGAIN)
        self._open[who] += 1

    def leave(self, who: str) -> None:
        self._open[who] -= 1
        if not self._open[who]:
            del self._open[who]


@event_api.get(
    "/events", dependencies=[needs(Action.SEE_EVENTS)], response_class=EventAnswer, status_code=200, responses=ANSWER
)
async def hear_events(request: Request, after: After = "", last_event_id: LastId = "") -> Response:
    """What changes, as it does, of what the asker may see: what, its id, and where to read it.

    Each event's id is a cursor: sent back as `after` or `Last-Event-ID` it goes on behind it and misses nothing for
    seven days, also over a restart of the hub; where something is missing all the same, `lost` says to read the lists
    again. Without one it begins now. `hub.time` comes every ten seconds, with whether the hub watches; where it does
    not, nothing is known. Ends after an hour, when the token or session does, or where it is read too slowly; `end`
    says why. 429 where ten streams of the same asker are open.
    """
    door: EventDoor = request.app.state.event_door
    sent = last_event_id or after
    wanted = read_cursor(sent) if sent else None
    who = principal_of(request).id
    door.enter(who)
    try:
        place, is_lost = await to_thread.run_sync(_begin, door.changes, wanted, limiter=door.threads)
        stream = await _stream(request, door, place, is_lost=is_lost)
    except BaseException:
        door.leave(who)
        raise
    return EventAnswer(stream.texts(), lambda: door.leave(who))


def newest_cursor(request: Request) -> str:
    """Behind all that a page can show that is read from now on; empty where nobody can listen."""
    door: EventDoor | None = request.app.state.event_door
    may = principal_of(request).may(Action.SEE_EVENTS)
    return cursor(door.changes.newest()) if door is not None and may else ""


def _begin(changes: HubChanges, wanted: Place | None) -> tuple[Place, bool]:
    """From where on, and whether what was before is lost."""
    newest = changes.newest()
    if wanted is None:
        return newest, False
    return (wanted, False) if changes.is_kept(wanted) else (newest, True)


async def _stream(request: Request, door: EventDoor, place: Place, *, is_lost: bool) -> EventStream:
    credentials: Credentials = request.app.state.credentials
    cookies: SessionCookie = request.app.state.sign_in_desk.cookie
    header = request.headers.get("authorization", "")
    cookie = "" if header else cookies.of(request)
    first = bounds_of(request)

    async def bounds(who: Bounds) -> Bounds:
        """Of what changes slowly all is read at once, and in no event loop."""
        return await to_thread.run_sync(_looked_up, who, door.changes.tenancy, limiter=door.threads)

    async def look_again() -> Bounds | None:
        session = await credentials.still(cookie, header)
        who = None if session is None else session.principal
        if who is None or who.id != first.who.id or not who.may(Action.SEE_EVENTS):
            return None
        return await bounds(Bounds(who, first.tenancy, first.tell, first.agreed))

    desk = hub_desk_of(request)
    return EventStream(
        door.changes,
        place,
        await bounds(first),
        look_again,
        now=desk.now,
        is_ready=desk_of(request).reads.ready,
        threads=door.threads,
        is_lost=is_lost,
    )


def _looked_up(bounds: Bounds, tenancy: Tenancy) -> Bounds:
    """With whose homes are as the changes say, and with what those who are bound to some have consent for."""
    now = Bounds(bounds.who, tenancy, bounds.tell, bounds.agreed)
    for home in bounds.who.homes or ():
        now.hold(home)
    return now
