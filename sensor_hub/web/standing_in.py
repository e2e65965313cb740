"""Stand-ins on rotas as people ask for them."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from fastapi import Request

from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.rota import Rota
from sensor_hub.alerts.stand_in import FARTHEST, LONGEST, StandIn, names_for, with_stand_ins
from sensor_hub.model.moment import DAY
from sensor_hub.web.calendar_text import BEHIND
from sensor_hub.web.desk import Desk
from sensor_hub.web.session import LONGEST_NAME


class StandingIn(Protocol):
    """What is kept of stand-ins, for the pages."""

    def after(self, at: float) -> Sequence[StandIn]:
        """Those that were to last beyond `at`, also such as were ended, in the order in which they were made."""

    def page(self, rota: str, at: float, limit: int, place: tuple[float, str] | None = None) -> Sequence[StandIn]:
        """Those of the rota that were to last beyond `at`, by when they begin, from behind this place."""

    def get(self, rota: str, stand_in: str) -> StandIn | None: ...

    def are_confirmed(self, contacts: Collection[str]) -> bool:
        """Whether it is confirmed of one of these that notices reach them."""

    def add(self, stand_in: StandIn, *, tenant: str) -> bool:
        """False where the rota has as many as it may. `tenant`: in whose chronology it is noted."""

    def end(self, stand_in: StandIn, *, by: str, tenant: str) -> bool:
        """Before its time; False where it has ended."""


class StandInError(ValueError):
    """What is wrong with the `field`, for the one who typed it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field


class Asked(NamedTuple):
    """What somebody asks for. Moments are epoch seconds."""

    who: str
    instead_of: str
    start: float
    until: float
    by: str


def standing_in(request: Request) -> StandingIn | None:
    """None where the site has no such door."""
    found: StandingIn | None = request.app.state.standing_in
    return found


def plan_now(request: Request, desk: Desk) -> Plan:
    """The desk's plan with who stands in."""
    found = standing_in(request)
    return desk.plan if found is None or not desk.plan.rotas else with_stand_ins(desk.plan, found.after(_since(desk)))


def _since(desk: Desk) -> float:
    """Calendars show what is just over, too."""
    return desk.now() - BEHIND - DAY


def read_stand_in(asked: Asked, plan: Plan, rota: Rota, kept: StandingIn, now: float) -> StandIn:
    """The stand-in that is asked for; StandInError where there cannot be such a one. `plan`: what the person sees."""
    names, who, by = names_for(plan, rota), asked.who.strip(), asked.by.strip()
    instead_of, start = asked.instead_of.strip(), max(asked.start, now)
    if who not in names:
        raise StandInError("who", "No contact or team that this rota may have is called so")
    if not kept.are_confirmed(names[who]):
        raise StandInError("who", "Nobody has confirmed that notices reach them: send a code first, under Contacts")
    if instead_of and instead_of not in rota.names():
        raise StandInError("instead_of", "Nobody who is called so is ever on call in this rota")
    if asked.until <= now:
        raise StandInError("until", "That time is over already")
    if not start < asked.until <= start + LONGEST:
        raise StandInError("until", f"It ends after it begins, and within {LONGEST / DAY:.0f} days")
    if start > now + FARTHEST:
        raise StandInError("from", f"It begins within {FARTHEST / DAY:.0f} days from now")
    if not by or len(by) > LONGEST_NAME:
        raise StandInError("by", f"Say who asks, in at most {LONGEST_NAME} characters")
    return StandIn(secrets.token_hex(4), rota.id, who, start, asked.until, by, now, instead_of)
