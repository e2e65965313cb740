"""How far somebody sees: which homes, and which alerts of these. All that pages and API show passes through here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from sensor_hub.access.action import Action
from sensor_hub.access.principal import Principal
from sensor_hub.access.role import Role
from sensor_hub.alerts.plan import Plan
from sensor_hub.model.alert import HUB
from sensor_hub.model.consent import RESTS_ON, Agreed, Data
from sensor_hub.model.kind import KINDS, Audience, Kind
from sensor_hub.web.refusals import Why

MOST_NAMED = 10_000
"""Homes in one question to a database: each is a variable, of which SQLite takes 32,766."""


class Tenancy(Protocol):
    """Whose each home is."""

    @property
    def own(self) -> str:
        """The hub's own tenant: that of contacts, rotas and policies which name none, and of what concerns the hub."""

    def whose_contact(self, contact: str) -> str:
        """The contact's tenant; of one whom the settings do not name, the hub's own."""

    def home_of(self, contact: str) -> str:
        """Where the contact lives, whose home's alerts they are asked about; empty for all others."""

    def whose(self) -> Mapping[str, str]:
        """The tenant of each home that is known; one that is not in it is seen by whoever runs the hub alone."""

    def whose_home(self, home: str) -> str | None:
        """The same of one home; None where it is not known."""

    def homes_after(self, tenant: str, after: str, limit: int) -> list[str]:
        """The tenant's first `limit` homes whose ids follow this one (empty: of all), by id."""


def following(whose: Mapping[str, str], tenant: str, after: str, limit: int) -> list[str]:
    """See `Tenancy.homes_after`, of homes that are all at hand."""
    return sorted(home for home, its in whose.items() if its == tenant and home > after)[:limit]


@dataclass(frozen=True, slots=True)
class OneTenant:
    """A hub for one organisation: all homes are its own."""

    homes: Callable[[], list[str]]
    own: str = "local"

    def whose_contact(self, contact: str) -> str:
        return self.own

    def home_of(self, contact: str) -> str:
        return ""

    def whose(self) -> Mapping[str, str]:
        return dict.fromkeys(self.homes(), self.own)

    def whose_home(self, home: str) -> str | None:
        return self.whose().get(home)

    def homes_after(self, tenant: str, after: str, limit: int) -> list[str]:
        return following(self.whose(), tenant, after, limit)


@dataclass
class Bounds:
    """What one principal sees, for the time of one request."""

    who: Principal
    tenancy: Tenancy
    tell: Callable[[Why], None]
    """Somebody asked for what is not theirs."""
    agreed: Callable[[str], Agreed | None]
    """What was agreed with a home's resident last; None: nothing, or there is no such home."""
    _scopes: dict[str, frozenset[Data]] = field(default_factory=dict)
    _tenants: dict[str, str | None] = field(default_factory=dict)

    @cached_property
    def _whose(self) -> Mapping[str, str]:
        return self.tenancy.whose()

    @property
    def are_none(self) -> bool:
        """Everything is seen."""
        may = self.who.may
        sees_all = may(Action.SEE_ALERTS) and may(Action.SEE_CARE_ALERTS) and may(Action.SEE_TELLING)
        return self.see_all_homes and sees_all and may(Action.SEE_STAYS)

    @property
    def see_all_homes(self) -> bool:
        """Every home is in sight."""
        return self.who.tenant is None and self.who.homes is None

    @property
    def hold_settings(self) -> bool:
        """Whether what belongs to no home and no contact is theirs: it is the hub's own tenant's."""
        return self.who.tenant is None or self.who.tenant == self.tenancy.own

    def hold_contact(self, contact: str) -> bool:
        """Whether the contact is of their tenant, or a resident of a home in sight."""
        if home := self.tenancy.home_of(contact):
            return self.hold(home)
        return self.who.tenant is None or self.who.tenant == self.tenancy.whose_contact(contact)

    def plan_of(self, plan: Plan) -> Plan:
        """Of it what is their tenant's: rotas, policies and people; of residents those of homes in sight."""
        part = plan if self.who.tenant is None else plan.part(self.who.tenant)
        return replace(part, contacts=tuple(each for each in part.contacts if not each.home or self.hold(each.home)))

    def homes(self) -> list[str] | None:
        """Those in sight, by id; None: all."""
        if self.who.homes is not None:
            return sorted(filter(self.hold, self.who.homes))
        return None if self.who.tenant is None else self.in_sight()

    def known(self) -> list[str]:
        """Every home of the hub, in sight or not."""
        return sorted(self._whose)

    def matching(self, fits: Callable[[str], bool]) -> Iterator[str]:
        """Homes of the hub, in sight or not."""
        return filter(fits, list(self._whose))

    def in_sight(self) -> list[str]:
        return [home for home in self.known() if self.hold(home)]

    def among(self) -> list[str] | None:
        """The homes that a database is to look among; None: among all, and its rows are looked through here."""
        ours = self.homes()
        if ours is None or self.who.homes is not None:
            return ours
        return None if len(ours) == len(self.known()) or len(ours) > MOST_NAMED else [*ours, HUB]

    def homes_after(self, after: str, limit: int) -> list[str]:
        """Of the homes in sight the first whose ids follow this one, and perhaps others: see `hold`.

        For whoever does not see all.
        """
        if self.who.homes is not None or self.who.tenant is None:
            return sorted(home for home in self.who.homes or () if home > after)[:limit]
        return self.tenancy.homes_after(self.who.tenant, after, limit)

    def _tenant_of(self, home: str) -> str | None:
        """Asked for one home, where those of all were not needed yet."""
        if "_whose" in self.__dict__:
            return self._whose.get(home)
        if home not in self._tenants:
            self._tenants[home] = self.tenancy.whose_home(home)
        return self._tenants[home]

    def hold(self, home: str) -> bool:
        """Whether the home is in sight; `*`: what concerns the whole hub."""
        if home == HUB:
            return self.hold_settings and self.who.homes is None
        tenant = None if self.who.tenant is None else self._tenant_of(home)
        return self.who.sees(tenant, home) and (self.who.role is not Role.FAMILY or bool(self._scope(home)))

    def allow(self, home: str, data: Iterable[Data]) -> bool:
        """Whether the resident's consent goes as far. It is asked of family alone: others see for the care itself."""
        return self.who.role is not Role.FAMILY or self._scope(home).issuperset(data)

    def _scope(self, home: str) -> frozenset[Data]:
        """What is agreed. Without a record family see nothing, though everything is collected then."""
        if home not in self._scopes:
            agreed = self.agreed(home)
            self._scopes[home] = frozenset() if agreed is None else agreed.decision.scope
        return self._scopes[home]

    def show(self, home: str, kind: Kind) -> bool:
        """Whether alerts of this kind in this home are theirs to see."""
        is_theirs = self.who.may(Action.SEE_ALERTS) and self.shows_kind(kind) and self.hold(home)
        return is_theirs and self.allow(home, RESTS_ON.get(kind, ()))

    def shows_kind(self, kind: Kind) -> bool:
        return KINDS[kind].audience is Audience.TECHNICAL or self.who.may(Action.SEE_CARE_ALERTS)
