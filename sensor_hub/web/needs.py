"""What each route needs: the one place where roles are enforced.

A site with a route that declares nothing does not start. What somebody may not see answers as what does not exist; what
they see and may not do answers 403.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI, HTTPException, Request, params
from fastapi.routing import RouteContext, iter_route_contexts

from sensor_hub.access.action import SEEN_AS, Action
from sensor_hub.access.principal import Principal
from sensor_hub.web.desk import bounds_of, desk_of, principal_of
from sensor_hub.web.gate import is_open
from sensor_hub.web.refusals import Why
from sensor_hub.web.turn import turn_of
from sensor_hub.web.witness import will_see

MAY_NOT = "Your role lets you see this, and does not let you do it."
NO_ALERT, NO_HOME = "There is no such alert.", "There is no such home."


def _lacks_alert(request: Request, alert: str) -> str:
    return NO_ALERT if desk_of(request).reads.alert(alert) is None else ""


def _lacks_home(request: Request, home: str) -> str:
    return NO_HOME if desk_of(request).reads.home(home) is None else ""


LACKING: Mapping[str, Callable[[Request, str], str]] = MappingProxyType({"alert": _lacks_alert, "home": _lacks_home})
"""What is said where the thing that a path names is not in sight, by the parameter's name; nothing where it is."""


class Needs:
    """Lets only those pass who may do this."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, request: Request) -> None:
        who = principal_of(request)
        if not who.may(self.action):
            raise await run_sync(self._refusal, request, who)
        will_see(request, self.action)
        turn = turn_of(request)
        if turn is not None:
            await turn.begin(request, who, lambda: _lacking(request))

    def _refusal(self, request: Request, who: Principal) -> HTTPException:
        bounds_of(request).tell(Why.MAY_NOT)
        seen_as = SEEN_AS.get(self.action)
        if seen_as is None or not who.may(seen_as):
            return HTTPException(404)
        lacking = _lacking(request)
        return HTTPException(404, lacking) if lacking else HTTPException(403, MAY_NOT)


def _lacking(request: Request) -> str:
    """What is said where a thing that the path names is not in sight; nothing where all are."""
    found = (LACKING[name](request, value) for name, value in request.path_params.items() if name in LACKING)
    return next(filter(None, found), "")


def needs(action: Action) -> params.Depends:
    """For a route's `dependencies`, before all others."""
    dependency: params.Depends = Depends(Needs(action))
    return dependency


def declared(route: RouteContext) -> Action | None:
    """The action that a route needs; None where it declares none."""
    dependant = getattr(route, "dependant", None)
    found = [each.call for each in dependant.dependencies] if dependant is not None else []
    return next((call.action for call in found if isinstance(call, Needs)), None)


def undeclared(site: FastAPI) -> Iterator[str]:
    """The paths that neither declare an action nor are open to everybody."""
    for route in iter_route_contexts(site.routes):
        if declared(route) is None and not is_open(route.path or ""):
            yield route.path or ""
