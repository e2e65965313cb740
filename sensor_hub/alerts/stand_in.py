"""Somebody stands in on a rota, as people agree on it while the hub runs: a cover that stands in no file. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.rota import Cover, Rota
from sensor_hub.model.moment import DAY

LONGEST = 92 * DAY
"""What is to last longer is another rota."""
FARTHEST = 366 * DAY
"""So far ahead it may begin."""
MOST = 200
"""Of one rota, now and later: each is looked through at every alert."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """`who`, a contact or team, is on call in the rota from `start` to `until`, before its shifts and covers."""

    id: str
    rota: str
    who: str
    start: float
    until: float
    by: str
    made_at: float
    instead_of: str = ""
    """Only where this contact or team would be on call; empty: whoever it would be, also nobody."""
    ended_at: float | None = None
    """When somebody ended it before its time."""
    ended_by: str = ""

    @property
    def end(self) -> float:
        """Of what it came to."""
        return self.until if self.ended_at is None else min(self.until, self.ended_at)

    @property
    def version(self) -> int:
        return 1 if self.ended_at is None else 2

    def stands(self, at: float) -> bool:
        """Now or later."""
        return self.end > at


def with_stand_ins(plan: Plan, stand_ins: Sequence[StandIn]) -> Plan:
    """The plan as it is with these, in the order in which they were made: a later one goes before an earlier one.

    One of a rota or of somebody that the settings do not name any more, or whose tenant is another now, counts for
    nothing: who had the shift has it.
    """
    found: dict[str, list[Cover]] = {}
    rotas = plan.rotas.keys() & {each.rota for each in stand_ins}
    names = {rota: names_for(plan, plan.rotas[rota]) for rota in rotas}
    for each in stand_ins:
        if each.start < each.end and each.who in names.get(each.rota, ()):
            found.setdefault(each.rota, []).append(Cover(each.who, each.start, each.end, each.instead_of or None))
    if not found:
        return plan
    return replace(plan, rotas={**plan.rotas, **{name: _covered(plan.rotas[name], found[name]) for name in found}})


def names_for(plan: Plan, rota: Rota) -> Mapping[str, tuple[str, ...]]:
    """Contacts and teams of the rota's tenant, who may be on call in it, each with its people. No residents."""
    part = plan.part(rota.tenant or plan.own)
    return {**{each.id: (each.id,) for each in part.contacts if not each.home}, **part.teams}


def _covered(rota: Rota, covers: Sequence[Cover]) -> Rota:
    return replace(rota, covers=(*rota.covers, *covers))
