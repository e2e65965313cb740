"""Accounts, sessions and roles in the words of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sensor_hub.access.account import Account
from sensor_hub.access.role import Role
from sensor_hub.access.session import SignedIn

ROLE_WORDS: Mapping[Role, str] = MappingProxyType(
    {
        Role.DUTY_OFFICER: "Duty officer",
        Role.CARE_MANAGER: "Care manager",
        Role.TECHNICIAN: "Technician",
        Role.COMMISSIONER: "Commissioner",
        Role.FAMILY: "Family",
        Role.RESIDENT: "Resident",
        Role.ADMINISTRATOR: "Administrator",
        Role.INTEGRATION: "Program",
    }
)
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)
"""The first that a browser's own words hold; Edge calls itself Chrome, and Chrome Safari."""


@dataclass(frozen=True, slots=True)
class SessionView:
    id: str
    device: str
    address: str
    made_at: float
    seen_at: float
    is_this: bool


def view_session(session: SignedIn, this: str) -> SessionView:
    device = agent_words(session.agent)
    return SessionView(
        session.id_hash, device, session.address, session.made_at, session.seen_at, session.id_hash == this
    )


def agent_words(agent: str) -> str:
    """`Firefox on Windows`."""
    browser = next((words for mark, words in BROWSERS if mark in agent), "A browser")
    system = next((words for mark, words in SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser


def standing_words(account: Account) -> str:
    """`Duty officer · local · elm-14, oak-2`."""
    parts = [ROLE_WORDS[account.role], "all tenants" if account.tenant is None else account.tenant]
    if account.homes is not None:
        parts.append(", ".join(sorted(account.homes)))
    return " · ".join(parts)
