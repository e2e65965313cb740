"""What an OpenID provider says of somebody, and what that makes of them here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sensor_hub.access.account import LONGEST_ADDRESS, LONGEST_LOGIN, LONGEST_NAME, login_fault, plain_login
from sensor_hub.access.role import Role


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """Whoever has this value in this claim (or among its values) has this role here."""

    claim: str
    value: str
    role: Role
    tenant: str | None = None
    homes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Vouched:
    """Somebody whom a provider vouches for, and the first rule that fits them."""

    subject: str
    login: str
    name: str
    address: str | None
    rule: ClaimRule


def subject_of(claims: Mapping[str, object]) -> str:
    """The one name that stays the same and is nobody else's (OpenID Connect Core, 2 and 5.7)."""
    return f"{claims['iss']} {claims['sub']}"


def judge_claims(claims: Mapping[str, object], rules: Sequence[ClaimRule]) -> Vouched | None:
    """None: no rule knows them."""
    rule = next((rule for rule in rules if _has(claims, rule)), None)
    if rule is None:
        return None
    # An address that the provider has not checked may be somebody else's.
    address = _text(claims, "email")[:LONGEST_ADDRESS] if claims.get("email_verified") is True else ""
    login = plain_login(address or _text(claims, "preferred_username"))[:LONGEST_LOGIN]
    name = (_text(claims, "name") or login or _text(claims, "sub"))[:LONGEST_NAME].strip()
    return Vouched(subject_of(claims), "" if login_fault(login) else login, name, address or None, rule)


def _has(claims: Mapping[str, object], rule: ClaimRule) -> bool:
    found: object = claims
    # Some providers nest: realm_access.roles.
    for part in (rule.claim,) if rule.claim in claims else rule.claim.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    values = found if isinstance(found, (list, tuple)) else [found]
    return any(isinstance(value, str) and value == rule.value for value in values)


def _text(claims: Mapping[str, object], key: str) -> str:
    value = claims.get(key)
    return value.strip() if isinstance(value, str) and value.isprintable() else ""
