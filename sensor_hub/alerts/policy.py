"""Whom an alert goes to, step after step, for as long as nobody takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.wall_clock import Hours
from sensor_hub.model.kind import Audience, Urgency
from sensor_hub.model.moment import MINUTE

INTERRUPTING = frozenset(urgency for urgency in Urgency if urgency.interrupts)
WAIT = 15 * MINUTE
"""Seconds in which somebody of a step may answer, where nothing else is said."""


class Case(NamedTuple):
    """What a policy is chosen by."""

    home: str
    zone: ZoneInfo
    """Hours are those of the home's own clock."""
    audience: Audience
    urgency: Urgency
    at: float


@dataclass(frozen=True, slots=True)
class Step:
    """All of `to` (contacts, teams and rotas) are told at once, and have `wait` seconds to answer."""

    to: tuple[str, ...]
    wait: float = WAIT
    asks_resident: bool = False
    """The home's residents are asked, and nobody else is told: `to` is empty."""


@dataclass(frozen=True, slots=True)
class Policy:
    id: str
    steps: tuple[Step, ...]
    """At least one."""
    homes: tuple[str, ...] = ("*",)
    """Patterns of home ids."""
    audiences: frozenset[Audience] = frozenset(Audience)
    urgencies: frozenset[Urgency] = INTERRUPTING
    hours: Hours | None = None
    """None: at any time."""
    tenant: str = ""
    """Of whose homes it takes alerts; empty: of the plan's own."""

    def is_for(self, home: str) -> bool:
        return any(fnmatchcase(home, pattern) for pattern in self.homes)

    def takes(self, case: Case) -> bool:
        """Whether an alert like this goes along these steps."""
        if case.audience not in self.audiences or case.urgency not in self.urgencies or not self.is_for(case.home):
            return False
        return self.hours is None or self.hours.has(case.at, case.zone)


def policies_of(contacts: Sequence[Contact]) -> tuple[Policy, ...]:
    """The policies where none is described: an alert goes at once to all who receive its sort, in one step."""
    receivers = {each: tuple(one.id for one in contacts if each in one.receives) for each in Audience}
    return tuple(
        Policy(audience.value, (Step(to),), audiences=frozenset({audience})) for audience, to in receivers.items() if to
    )
