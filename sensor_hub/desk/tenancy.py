"""Whose the homes are, for the pages: see `web.bounds.Tenancy`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from sensor_hub.alerts.plan import Plan
from sensor_hub.storage.tenants import SqlTenants

AT_ONCE = 500
"""Homes of which it is asked together whether they were heard of."""


class StoredTenancy:
    """A home that is described and was not heard of yet is that of the settings' tenant, as its gateway would be."""

    def __init__(self, tenants: SqlTenants, described: Iterable[str], plan: Plan) -> None:
        self.own = plan.own
        self._contacts = {each.id: each.tenant for each in plan.contacts if each.tenant}
        self._residents = {each.id: each.home for each in plan.contacts if each.home}
        self._tenants = tenants
        self._described = sorted(described)
        self._names = frozenset(self._described)

    def whose_contact(self, contact: str) -> str:
        return self._contacts.get(contact, self.own)

    def home_of(self, contact: str) -> str:
        return self._residents.get(contact, "")

    def whose(self) -> Mapping[str, str]:
        return dict.fromkeys(self._described, self.own) | self._tenants.all()

    def whose_home(self, home: str) -> str | None:
        return self._tenants.of(home) or (self.own if home in self._names else None)

    def homes_after(self, tenant: str, after: str, limit: int) -> list[str]:
        heard = self._tenants.homes_after(tenant, after, limit)
        if tenant != self.own:
            return heard
        last = heard[-1] if len(heard) == limit else None
        return sorted([*heard, *islice(self._unheard(after, last), limit)])[:limit]

    def _unheard(self, after: str, last: str | None) -> Iterator[str]:
        """Homes that are described and were not heard of yet, behind this one up to the last (None: to the end)."""
        behind = islice(self._described, bisect_right(self._described, after), None)
        while (some := list(islice(behind, AT_ONCE))) and (last is None or some[0] < last):
            heard = self._tenants.of_each(some)
            yield from (home for home in some if home not in heard)
