"""Notes who saw a resident's data. What cannot be noted is not shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sensor_hub.access.action import Action
from sensor_hub.access.actor import NOBODY, Actor, asked_by
from sensor_hub.access.chronology import View
from sensor_hub.access.principal import Principal
from sensor_hub.web.problems import told

VIEWS: Mapping[Action, View] = MappingProxyType(
    {
        Action.SEE_ALERTS: View.ALERTS,
        Action.SEE_HOMES: View.HOMES,
        Action.SEE_CHARTS: View.CHART,
        Action.EXPORT_READINGS: View.READINGS,
        Action.SEE_STAYS: View.STAYS,
        Action.SEE_SILENCES: View.SILENCES,
        Action.SEE_LEDGER: View.LEDGER,
        Action.SEE_REVIEW: View.REVIEW,
        Action.SEE_PEOPLE: View.PEOPLE,
        Action.SEE_CARD: View.CARD,
        Action.SEE_CONSENTS: View.CONSENTS,
        Action.EXPORT_PERSON: View.PERSON,
        Action.SEE_CHRONOLOGY: View.CHRONOLOGY,
        Action.SEE_EVENTS: View.EVENTS,
        Action.EXPORT_CHRONOLOGY: View.CHRONOLOGY,
    }
)
"""What is seen where a route that needs this action was answered."""
OF_ONE = {View.ALERTS: View.ALERT, View.HOMES: View.HOME}
"""What is seen of one alert or home."""
SHOWN = frozenset({200, 206, 304})
"""Answers with which something is shown: by 304 the browser shows what it has kept."""
UNWRITTEN = (
    "The hub could not write down that you saw this, and so does not show it. It is tried again when you ask again."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was asked for; empty texts where it is about more than one."""

    view: View
    home: str = ""
    alert: str = ""
    by: Actor | None = None
    """Where it is not the one who is signed in."""


class UnwrittenError(Exception):
    """That somebody saw something could not be written down."""


class Views(Protocol):
    def note(self, actor: Actor, seen: Seen) -> None:
        """Writes it down, unless that was done within the last minutes; UnwrittenError. Called from many threads."""


def will_see(request: Request, action: Action) -> None:
    """What is to be noted once this request is answered. A later call takes the place of an earlier one."""
    view = VIEWS.get(action)
    if view is not None:
        home, alert = (str(request.path_params.get(name, "")) for name in ("home", "alert"))
        view = OF_ONE.get(view, view) if home or alert else view
        request.state.seen = Seen(view, home, alert)


class Witness:
    """Stands within the gate: within, `asking` is the one who asks."""

    def __init__(self, app: ASGIApp, *, views: Views) -> None:
        self._app = app
        self._views = views

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        actor = _actor(scope)
        watched = _Watched(self._views, actor, scope, receive, send)
        with asked_by(actor):
            await self._app(scope, receive, watched.send if scope["method"] in {"GET", "HEAD"} else send)


class _Watched:
    """An answer on its way."""

    def __init__(self, views: Views, actor: Actor, scope: Scope, receive: Receive, send: Send) -> None:
        self._views, self._actor, self._scope = views, actor, scope
        self._receive, self._send = receive, send
        self._is_refused = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in SHOWN:
            seen: Seen | None = self._scope.get("state", {}).get("seen")
            if seen is not None and not await self._is_noted(seen):
                self._is_refused = True
                await self._refuse()
        if not self._is_refused:
            await self._send(message)

    async def _is_noted(self, seen: Seen) -> bool:
        try:
            await run_sync(self._views.note, seen.by or self._actor, seen)
        except UnwrittenError:
            return False
        return True

    async def _refuse(self) -> None:
        answer = told(Request(self._scope), 503, UNWRITTEN, {"Retry-After": "5"})
        await answer(self._scope, self._receive, self._send)


def _actor(scope: Scope) -> Actor:
    who: Principal | None = scope.get("state", {}).get("principal")
    return NOBODY if who is None else actor_of(who)


def actor_of(who: Principal) -> Actor:
    return Actor(who.id, who.role.value, who.tenant)
