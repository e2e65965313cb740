"""Whether the alerts of each tenant's homes go to people of that tenant: a part of `sensor-hub check`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sensor_hub.alerts.plan import Plan
from sensor_hub.remark import Remark

MOST_NAMED = 5
"""Homes in one line."""


def tenants(plan: Plan, whose: Mapping[str, str], heard: Collection[str]) -> Iterator[Remark]:
    """Tenants with homes and nobody to tell, and those whose alerts go to one another's people.

    `whose`: of each home; `heard`: the tenants that any home was heard of.
    """
    if not plan.names_tenants:
        if len(set(heard)) > 1:
            yield Remark(
                "tenant.shared",
                f"homes are of {_listed(sorted(set(heard)))}, and no contact says whose it is: all hear of all alerts",
                'say tenant = "..." of each [[contact]], [[rota]] and [[policy]]',
            )
        return
    homes: dict[str, list[str]] = {}
    for home, tenant in sorted(whose.items()):
        homes.setdefault(tenant, []).append(home)
    for tenant, theirs in homes.items():
        if tenant not in plan.tenants():
            yield Remark(
                "tenant.nobody",
                f"alerts of tenant {tenant} ({_listed(theirs)}) go to nobody",
                f'add a [[contact]] with tenant = "{tenant}"',
            )


def tenants_noted(plan: Plan, whose: Mapping[str, str]) -> Iterator[Remark]:
    """A hub without people of its own, and tenants with contacts and no home: one to come, or one misspelt."""
    if not plan.names_tenants:
        return
    if plan.own not in plan.tenants():
        yield Remark(
            "tenant.hub",
            f"no contact is of the hub's own tenant, {plan.own}: what concerns the whole hub goes to all tenants",
            "add a [[contact]] without tenant, of who runs the hub",
        )
    for tenant in plan.tenants():
        if tenant != plan.own and tenant not in whose.values():
            yield Remark("tenant.homeless", f"no home is tenant {tenant}'s, and contacts are", "compare its spelling")


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
