"""Who is asking: somebody with a role, in one tenant or all, about some homes or all of these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sensor_hub.access.action import Action
from sensor_hub.access.role import OF_ONE_HOME, ROLES, Role

PASSWORD, COMMAND = "password:", "command:"
NAMELESS = (PASSWORD, COMMAND)
"""How the ids begin of those who let themselves in by what the whole hub has."""


@dataclass(frozen=True, slots=True)
class Principal:
    id: str
    """Of the account or token: what the chronology keeps."""
    name: str
    """As histories name them."""
    role: Role
    tenant: str | None
    """None: whoever runs the hub, all tenants."""
    homes: frozenset[str] | None
    """None: all of the tenant."""
    actions: frozenset[Action]

    @property
    def speaks_for_others(self) -> bool:
        """Whether another name that is given with an act is taken: from programs, and where nobody has a name of their
        own. Whoever has an account acts under its name."""
        return self.role is Role.INTEGRATION or self.id.startswith(NAMELESS)

    def may(self, action: Action) -> bool:
        return action in self.actions

    def sees(self, tenant: str | None, home: str) -> bool:
        """Whether this home of this tenant is within their sight. A home without a tenant is whose who runs the hub."""
        is_ours = self.tenant is None or self.tenant == tenant
        return is_ours and (self.homes is None or home in self.homes)


def principal(
    id: str,  # noqa: A002 - the word of the field
    name: str,
    role: Role,
    *,
    tenant: str | None,
    homes: Iterable[str] | None = None,
    scopes: Iterable[Action] | None = None,
) -> Principal:
    """Somebody with all that the role may do, or with what of it `scopes` name.

    Of one home's people `homes` None means none: an account that was not finished shows nothing.
    """
    seen = None if homes is None else frozenset(homes)
    if seen is None and role in OF_ONE_HOME:
        seen = frozenset()
    actions = ROLES[role] if scopes is None else ROLES[role] & frozenset(scopes)
    return Principal(id, name, role, tenant, seen, actions)


def first_start(name: str) -> Principal:
    """Whoever has the hub's own password, as long as no account exists: everything, under the name that they give."""
    return Principal(f"{PASSWORD}{name}", name, Role.ADMINISTRATOR, None, None, frozenset(Action))


NOBODY = Principal("", "", Role.FAMILY, "", frozenset(), frozenset())
"""Whoever did not say who they are: may nothing, sees nothing."""


def commanding(name: str) -> Principal:
    """Who gives a command on the hub's own machine: whoever reads its data folder may do everything."""
    return Principal(f"{COMMAND}{name}", name, Role.ADMINISTRATOR, None, None, frozenset(Action))
