"""Stand-ins in memory, for the tests of the pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from sensor_hub.alerts.stand_in import StandIn
from tests.web.builders import NOW

ANNS = StandIn("i1", "care", "ann", NOW, NOW + 3600, "Jo", NOW)


@dataclass
class MemoryStandIns:
    """`cid` is confirmed by nobody."""

    kept: dict[str, StandIn] = field(default_factory=lambda: {ANNS.id: ANNS})
    tenants: list[str] = field(default_factory=list)

    def after(self, at: float) -> list[StandIn]:
        return [each for each in self.kept.values() if each.until > at]

    def page(self, rota: str, at: float, limit: int, place: tuple[float, str] | None = None) -> list[StandIn]:
        found = [each for each in self.after(at) if each.rota == rota and (each.start, each.id) > (place or (0.0, ""))]
        return sorted(found, key=lambda each: (each.start, each.id))[:limit]

    def get(self, rota: str, stand_in: str) -> StandIn | None:
        found = self.kept.get(stand_in)
        return found if found is not None and found.rota == rota else None

    def are_confirmed(self, contacts: Collection[str]) -> bool:
        return bool(set(contacts) - {"cid"})

    def add(self, stand_in: StandIn, *, tenant: str) -> bool:
        self.tenants.append(tenant)
        self.kept[stand_in.id] = stand_in
        return True

    def end(self, stand_in: StandIn, *, by: str, tenant: str) -> bool:
        found = self.kept[stand_in.id]
        if found.ended_at is not None:
            return False
        self.kept[stand_in.id] = replace(found, ended_at=NOW, ended_by=by)
        return True

    def reset(self) -> None:
        self.kept = {ANNS.id: ANNS}
