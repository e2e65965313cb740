"""What every page works with: the hub's reads and acts, its clock and the templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from sensor_hub.alerts.plan import Plan
from sensor_hub.web.ports import HubActs, HubReads
from sensor_hub.web.session import Session

NOBODY = Session(None)


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
        """The page for the person who asks; templates always know `session`, `now`, `is_simulated` and `path`."""
        text = self.templates.get_template(template).render(
            session=session_of(request),
            now=self.now(),
            is_simulated=self.is_simulated,
            path=request.url.path,
            **values,
        )
        return HTMLResponse(text, status)


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def session_of(request: Request) -> Session:
    """The session that the gate found; `NOBODY` on the pages that need none."""
    return getattr(request.state, "session", None) or NOBODY
