"""Whose the homes are, for the pages: see `web.bounds.Tenancy`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sensor_hub.alerts.plan import Plan
from sensor_hub.storage.tenants import SqlTenants


class StoredTenancy:
    """A home that is described and was not heard of yet is that of the settings' tenant, as its gateway would be."""

    def __init__(self, tenants: SqlTenants, described: Iterable[str], plan: Plan) -> None:
        self.own = plan.own
        self._contacts = {each.id: each.tenant for each in plan.contacts if each.tenant}
        self._tenants = tenants
        self._described = list(described)

    def whose_contact(self, contact: str) -> str:
        return self._contacts.get(contact, self.own)

    def whose(self) -> Mapping[str, str]:
        return dict.fromkeys(self._described, self.own) | self._tenants.all()
