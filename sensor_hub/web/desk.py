"""What every page works with: the hub's reads and acts, its clock and the templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from sensor_hub.access.action import Action
from sensor_hub.access.principal import NOBODY, Principal
from sensor_hub.alerts.plan import Plan
from sensor_hub.model.consent import Agreed
from sensor_hub.web.bounded_reads import BoundedActs, BoundedReads
from sensor_hub.web.bounds import Bounds, Tenancy
from sensor_hub.web.navigation import navigation
from sensor_hub.web.ports import HubActs, HubReads
from sensor_hub.web.refusals import Refusals, Refused, Why
from sensor_hub.web.session import Session

NOBODYS = Session(None)


@dataclass(frozen=True, slots=True)
class Desk:
    reads: HubReads
    acts: HubActs
    now: Callable[[], float]
    is_simulated: bool
    templates: Environment
    plan: Plan = field(default_factory=lambda: Plan((), ()))
    """Who is on call, and who people are."""

    def page(self, request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """The page for the person who asks; templates always know `session`, `now`, `is_simulated`, `is_full`,
        `path`, `navigation` and `may`, which says whether the person may do an action."""
        who = principal_of(request)
        text = self.templates.get_template(template).render(
            session=session_of(request),
            now=self.now(),
            is_simulated=self.is_simulated,
            is_full=_is_full(request),
            path=request.url.path,
            navigation=navigation(who),
            may=lambda action: who.may(Action(action)),
            **values,
        )
        return HTMLResponse(text, status)

    def bounded(self, bounds: Bounds) -> Desk:
        """The desk as somebody with these bounds has it."""
        if bounds.are_none:
            return self
        reads = BoundedReads(self.reads, bounds)
        return replace(self, reads=reads, acts=BoundedActs(self.acts, reads), plan=bounds.plan_of(self.plan))


def _is_full(request: Request) -> bool:
    """Whether there is no room on the disk: every page says so."""
    ask: Callable[[], bool] | None = getattr(request.app.state, "is_full", None)
    return ask is not None and ask()


def hub_desk_of(request: Request) -> Desk:
    """The desk of the whole hub, for doors that let in by a secret of their own."""
    desk: Desk = request.app.state.desk
    return desk


def desk_of(request: Request) -> Desk:
    """The desk of the person who asks: what they may not see is not there."""
    desk: Desk | None = getattr(request.state, "desk", None)
    if desk is None:
        desk = hub_desk_of(request).bounded(bounds_of(request))
        request.state.desk = desk
    return desk


def bounds_of(request: Request) -> Bounds:
    """How far the person who asks sees."""
    bounds: Bounds | None = getattr(request.state, "bounds", None)
    if bounds is None:
        bounds = _bounds(request)
        request.state.bounds = bounds
    return bounds


def _bounds(request: Request) -> Bounds:
    tenancy: Tenancy = request.app.state.tenancy
    refusals: Refusals = request.app.state.refusals
    who = principal_of(request)

    def tell(why: Why) -> None:
        """Once for each request."""
        if not getattr(request.state, "is_refused", False):
            request.state.is_refused = True
            route = getattr(request.scope.get("route"), "path", "") or request.url.path
            address = request.client.host if request.client else ""
            refusals.tell(Refused(who, f"{request.method} {route}", request.url.path, why, address))

    def agreed(home: str) -> Agreed | None:
        row = hub_desk_of(request).reads.home(home)
        return None if row is None else row.consent

    return Bounds(who, tenancy, tell, agreed)


def session_of(request: Request) -> Session:
    """The session that the gate found; `NOBODYS` on the pages that need none."""
    return getattr(request.state, "session", None) or NOBODYS


def acting_name(request: Request, given: str) -> str:
    """Who does something: the account's own name, or the one given by who may speak for others; else their own."""
    who, given = principal_of(request), given.strip()
    return given if given and who.speaks_for_others else who.name


def principal_of(request: Request) -> Principal:
    return session_of(request).principal or NOBODY
