"""The parts of `hub.toml` that say how people sign in: `[access]` and `[oidc]`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sensor_hub.access.oidc_claims import ClaimRule
from sensor_hub.access.role import OF_ONE_HOME, Role
from sensor_hub.access.session import SessionRule
from sensor_hub.config.secret import read_secret
from sensor_hub.dispatch.loopback import LOOPBACK
from sensor_hub.dispatch.mail import SCHEMES, mail_service
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import is_slug
from sensor_hub.model.table import Table

PEOPLE = tuple(role.value for role in Role if role is not Role.INTEGRATION)
CONSOLE = "console"
SESSION_HOURS, IDLE_MINUTES = 12.0, 120.0


@dataclass(frozen=True, slots=True)
class AccessSettings:
    rule: SessionRule = field(default_factory=SessionRule)
    second_step: frozenset[Role] = frozenset()
    """Roles that must sign in with a second step."""
    mail: str | None = field(default=None, repr=False)
    """The address of a mail server, without recipient, by which links for new passwords go; None: by none."""


@dataclass(frozen=True, slots=True)
class OidcSettings:
    issuer: str
    client_id: str
    rules: tuple[ClaimRule, ...]
    client_secret: str | None = field(default=None, repr=False)
    label: str = "your organisation's account"
    """Behind "Sign in with"."""
    scope: str = "openid profile email"
    """What is asked of the provider: some give groups only for a scope of their own."""


def read_access(table: Table, folder: Path) -> AccessSettings:
    """InputError where a role or the mail server's address is none."""
    rule = SessionRule(
        longest=table.number("session_hours", SESSION_HOURS, low=0.25, high=24 * 7) * HOUR,
        idle=table.number("idle_minutes", IDLE_MINUTES, low=5, high=24 * 60) * MINUTE,
    )
    roles = table.texts("second_step", ())
    mail = read_secret(table, "mail", folder)
    table.done()
    if not set(roles) <= set(PEOPLE):
        raise table.wrong("second_step", f"roles: {', '.join(PEOPLE)}")
    # Never with the address itself: it may hold a password.
    if mail is not None and not _can_mail(mail):
        expected = (
            "an address such as mailtos://user:password@mail.example.org?from=hub@example.org, without a recipient"
        )
        raise InputError("mail is no address of a mail server", where=table.where, expected=expected)
    return AccessSettings(rule, frozenset(Role(role) for role in roles), mail)


def read_oidc(table: Table | None, folder: Path) -> OidcSettings | None:
    """None where no provider is named."""
    if table is None:
        return None
    settings = OidcSettings(
        issuer=table.text("issuer").rstrip("/"),
        client_id=table.text("client_id"),
        rules=tuple(_rule(each) for each in table.tables("allow")),
        client_secret=read_secret(table, "client_secret", folder),
        label=table.text("label", "your organisation's account"),
        scope=table.text("scope", "openid profile email"),
    )
    table.done()
    parts = urlsplit(settings.issuer)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe or not parts.hostname:
        raise table.wrong("issuer", "an address that begins with https://")
    if "openid" not in settings.scope.split():
        raise table.wrong("scope", "words that begin with openid")
    if not settings.rules:
        expected = "at least one [[oidc.allow]] with claim, value and role: else nobody could sign in"
        raise InputError("nobody is allowed", where=table.where, expected=expected)
    return settings


def _can_mail(mail: str) -> bool:
    scheme = mail.partition(":")[0]
    return scheme == CONSOLE or (scheme in SCHEMES and mail_service(mail) is not None)


def _rule(table: Table) -> ClaimRule:
    homes = table.texts("homes", ())
    tenant = table.text("tenant") if "tenant" in table else None
    rule = ClaimRule(
        claim=table.text("claim"),
        value=table.text("value"),
        role=Role(table.choice("role", PEOPLE)),
        tenant=tenant,
        homes=frozenset(homes) if homes else None,
    )
    table.get("tenant")
    table.done()
    if tenant is not None and not is_slug(tenant):
        raise table.wrong("tenant", "1 to 64 of a-z, 0-9, _ and -")
    if rule.role in OF_ONE_HOME and not homes:
        raise table.wrong("homes", f"the homes that a {rule.role.value} sees")
    return rule
