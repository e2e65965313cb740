"""How far somebody sees: which homes, and which alerts of these. All that pages and API show passes through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from sensor_hub.access.action import Action
from sensor_hub.access.principal import Principal
from sensor_hub.model.alert import HUB
from sensor_hub.model.kind import KINDS, Audience, Kind
from sensor_hub.web.refusals import Why

MOST_NAMED = 10_000
"""Homes in one question to a database: each is a variable, of which SQLite takes 32,766."""


class Tenancy(Protocol):
    """Whose each home is."""

    @property
    def own(self) -> str:
        """The tenant whose contacts, rotas and policies stand in the hub's settings."""

    def whose(self) -> Mapping[str, str]:
        """The tenant of each home that is known; one that is not in it is seen by whoever runs the hub alone."""


@dataclass(frozen=True, slots=True)
class OneTenant:
    """A hub for one organisation: all homes are its own."""

    homes: Callable[[], list[str]]
    own: str = "local"

    def whose(self) -> Mapping[str, str]:
        return dict.fromkeys(self.homes(), self.own)


@dataclass
class Bounds:
    """What one principal sees, for the time of one request."""

    who: Principal
    tenancy: Tenancy
    tell: Callable[[Why], None]
    """Somebody asked for what is not theirs."""

    @cached_property
    def _whose(self) -> Mapping[str, str]:
        return self.tenancy.whose()

    @property
    def are_none(self) -> bool:
        """Everything is seen."""
        may = self.who.may
        sees_all = may(Action.SEE_ALERTS) and may(Action.SEE_CARE_ALERTS) and may(Action.SEE_TELLING)
        return self.who.tenant is None and self.who.homes is None and sees_all and may(Action.SEE_STAYS)

    @property
    def hold_settings(self) -> bool:
        """Whether contacts, rotas and what belongs to no home are theirs: those of the settings' own tenant."""
        return self.who.tenant is None or self.who.tenant == self.tenancy.own

    def homes(self) -> list[str] | None:
        """Those in sight, by id; None: all."""
        if self.who.tenant is None:
            return None if self.who.homes is None else sorted(self.who.homes)
        return sorted(home for home, tenant in self._whose.items() if self.who.sees(tenant, home))

    def known(self) -> list[str]:
        """Every home of the hub, in sight or not."""
        return sorted(self._whose)

    def in_sight(self) -> list[str]:
        return [home for home in self.known() if self.hold(home)]

    def among(self) -> list[str] | None:
        """The homes that a database is to look among; None: among all, and its rows are looked through here."""
        if self.who.homes is not None:
            return [home for home in self.who.homes if self.hold(home)]
        if self.who.tenant is None:
            return None
        ours = self.in_sight()
        return None if len(ours) == len(self.known()) or len(ours) > MOST_NAMED else [*ours, HUB]

    def hold(self, home: str) -> bool:
        """Whether the home is in sight; `*`: what concerns the whole hub."""
        if home == HUB:
            return self.hold_settings and self.who.homes is None
        tenant = None if self.who.tenant is None else self._whose.get(home)
        return self.who.sees(tenant, home)

    def show(self, home: str, kind: Kind) -> bool:
        """Whether alerts of this kind in this home are theirs to see."""
        return self.who.may(Action.SEE_ALERTS) and self.shows_kind(kind) and self.hold(home)

    def shows_kind(self, kind: Kind) -> bool:
        return KINDS[kind].audience is Audience.TECHNICAL or self.who.may(Action.SEE_CARE_ALERTS)
