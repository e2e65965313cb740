"""The part of `hub.toml` that says how long it is kept who saw and did what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sensor_hub.model.reading import is_slug
from sensor_hub.model.table import Table

DAYS = 2922.0
"""Eight years, as for records of adult social care in England (Records Management Code of Practice)."""
FEWEST, MOST = 30, 36500


@dataclass(frozen=True, slots=True)
class ChronologySettings:
    days: float = DAYS
    of_tenant: Mapping[str, float] = field(default_factory=dict)
    """Days of a tenant whose term is another."""
    anchors: Path | None = None
    """The file that anchors go to; None: one in the data folder."""

    def days_of(self, tenant: str) -> float:
        return self.of_tenant.get(tenant, self.days)


def read_chronology(table: Table, folder: Path) -> ChronologySettings:
    """InputError where a term is too short to be of use."""
    days = table.number("days", DAYS, low=FEWEST, high=MOST)
    anchors = table.text("anchors", " ").strip()
    tenants = table.table("tenants") or Table({}, f"{table.where}.tenants")
    of_tenant: dict[str, float] = {}
    for tenant in tenants.values:
        if not is_slug(tenant):
            raise tenants.wrong(tenant, "a tenant's name: 1 to 64 of a-z, 0-9, _ and -")
        of_tenant[tenant] = tenants.number(tenant, DAYS, low=FEWEST, high=MOST)
    tenants.done()
    table.done()
    return ChronologySettings(days, of_tenant, folder / anchors if anchors else None)
