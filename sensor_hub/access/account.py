"""A person's account: who signs in under which name, with which role, to see whose homes."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass, field

from sensor_hub.access.action import Action
from sensor_hub.access.principal import Principal, principal
from sensor_hub.access.role import OF_ONE_HOME, Role

LONGEST_LOGIN, LONGEST_NAME, LONGEST_ADDRESS = 100, 60, 254
LOGIN = re.compile(r"[^\s\x00-\x1f\x7f:/]+")


@dataclass(frozen=True, slots=True)
class Account:
    """As it is kept, without its secrets. Moments are real ones, also where the hub's are simulated."""

    id: str
    login: str
    """What its owner types to sign in, as `plain_login` spells it."""
    name: str
    """As colleagues and histories name them."""
    role: Role
    made_at: float
    tenant: str | None = None
    """None: whoever runs the hub, all tenants."""
    homes: frozenset[str] | None = None
    has_address: bool = False
    """Whether mail reaches them; the address itself is sealed."""
    subject: str | None = field(default=None, repr=False)
    """Of a person whom an OpenID provider vouches for: the provider and its own name for them."""
    disabled_at: float | None = None
    signed_in_at: float | None = None
    has_password: bool = False
    has_second_step: bool = False

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None

    @property
    def version(self) -> int:
        """Another one once what may be changed of it was changed; of 48 bits."""
        homes = None if self.homes is None else sorted(self.homes)
        seen = repr((self.name, self.role.value, self.tenant, homes, self.disabled_at))
        return int.from_bytes(hashlib.blake2b(seen.encode(), digest_size=6).digest())

    def principal(self) -> Principal:
        return principal(self.id, self.name, self.role, tenant=self.tenant, homes=self.homes)


def make_account_id() -> str:
    return secrets.token_hex(8)


def plain_login(text: str) -> str:
    """The one spelling of what people may type in several: small letters, no spaces around it."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def login_fault(login: str) -> str | None:
    """What is wrong with a name to sign in with; None where nothing is."""
    if not login or len(login) > LONGEST_LOGIN or not LOGIN.fullmatch(login):
        return f"1 to {LONGEST_LOGIN} characters without spaces, : and /; an e-mail address is good"
    return None


def may_manage(who: Principal, role: Role, tenant: str | None, homes: frozenset[str] | None) -> bool:
    """Whether `who` may make, change and disable an account of this role, tenant and these homes.

    Nobody gives away more than they have: not another tenant, nor homes that they do not see.
    """
    is_family = role in OF_ONE_HOME
    if not (who.may(Action.MANAGE_ACCOUNTS) or (is_family and who.may(Action.MANAGE_FAMILY_ACCOUNTS))):
        return False
    if who.tenant is not None and tenant != who.tenant:
        return False
    return who.homes is None or (homes is not None and homes <= who.homes)
