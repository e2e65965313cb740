"""When a contact is on call: their stints in all rotas, in their own name or as one of a team."""

from __future__ import annotations

from typing import NamedTuple

from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.rota import Rota, Stint


class Duty(NamedTuple):
    rota: Rota
    stint: Stint


def duties(plan: Plan, contact: str, start: float, end: float) -> list[Duty]:
    """Every stint of the contact of which some lies between `start` and `end`, whole, by when it starts."""
    names = {contact} | {team for team, members in plan.teams.items() if contact in members}
    stints = [Duty(rota, stint) for rota in plan.rotas.values() for stint in rota.stints(start, end)]
    found = [duty for duty in stints if duty.stint.who in names]
    return sorted(found, key=lambda duty: (duty.stint.start, duty.rota.id))
