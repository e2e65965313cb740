"""The plan as it is now for each home: that of the tenant whose home it is, with who stands in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.stand_in import with_stand_ins
from sensor_hub.model.alert import HUB
from sensor_hub.watch.ports import Stores, Tenants


@dataclass
class HomePlans:
    """For one look: whose a home is may be another at the next."""

    whole: Plan
    tenants: Tenants
    _parts: dict[str, Plan] = field(default_factory=dict)
    _whose: dict[str, str] = field(default_factory=dict)

    def of(self, home: str) -> Plan:
        """By which the home's alerts go; `HUB`: those about the hub itself."""
        if not self.whole.names_tenants:
            return self.whole
        key = "" if home == HUB else self.tenant(home)
        if key not in self._parts:
            self._parts[key] = self.whole.for_hub() if home == HUB else self.whole.for_homes_of(key)
        return self._parts[key]

    def tenant(self, home: str) -> str:
        """A home of which nothing was heard is the plan's own, as it is on pages."""
        if home not in self._whose:
            self._whose[home] = self.tenants.of(home) or self.whole.own
        return self._whose[home]

    def among(self, contact: str, homes: Collection[str]) -> frozenset[str]:
        """Those of the homes of whose alerts this contact may hear."""
        if not self.whole.names_tenants:
            return frozenset(homes)
        return frozenset(home for home in homes if any(each.id == contact for each in self.of(home).contacts))


def home_plans(plan: Plan, stores: Stores, now: float) -> HomePlans:
    """As the settings say, and as people agreed since on who stands in."""
    whole = with_stand_ins(plan, stores.stand_ins.after(now)) if plan.rotas else plan
    return HomePlans(whole, stores.tenants)
