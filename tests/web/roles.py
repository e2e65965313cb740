"""People of each role, for the tests of the pages: a header names who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter, FastAPI

from sensor_hub.access.action import Action
from sensor_hub.access.principal import Principal, first_start, principal
from sensor_hub.access.role import OF_ONE_HOME, Role
from sensor_hub.web.credentials import Challenge
from sensor_hub.web.door_ports import HubJoins, HubLinks, JoinRefusal, Unusable
from sensor_hub.web.refusals import Refused
from sensor_hub.web.session import Session
from sensor_hub.web.site import Doors, build_site
from tests.web.builders import HASH, MemoryHub
from tests.web.contacts import Contacts
from tests.web.duty import MemoryCalendars, MemoryReviews
from tests.web.memory_silences import MemorySilences

TOKEN = "of the form"
TENANTS = {"birch-7": "oakshire", "elm-14": "elmham", "fir-3": "elmham", "oak-2": "oakshire", "rowan-21": "elmham"}
"""Whose the homes of `make_hub` are: `elmham` has the settings."""


@dataclass
class Known:
    """Whoever is known by a word, in a cookie or a header."""

    people: dict[str, Principal] = field(default_factory=dict)
    challenge = Challenge("Say a word.", "Bearer")

    async def of_cookie(self, cookie: str) -> Session | None:
        found = self.people.get(cookie)
        return None if found is None else Session(found, TOKEN)

    async def of_header(self, header: str, address: str) -> Session | None:
        found = self.people.get(header.removeprefix("Bearer "))
        return None if found is None else Session(found)


@dataclass
class Told:
    """What was refused."""

    refused: list[Refused] = field(default_factory=list)

    def tell(self, refused: Refused) -> None:
        self.refused.append(refused)


@dataclass(frozen=True)
class TwoTenants:
    own: str = "elmham"

    def whose(self) -> Mapping[str, str]:
        return TENANTS


class NoJoins:
    def join(self, code: str, *, version: str) -> JoinRefusal:
        return JoinRefusal.WRONG


class NoLinks:
    def find(self, text: str) -> Unusable:
        return Unusable.FORGED


def everybody(tenant: str | None = "elmham", homes: Sequence[str] = ("elm-14",)) -> dict[str, Principal]:
    """One of each role, and whoever has the hub's own password."""
    people = {
        role.value: principal(role.value, role.value, role, tenant=tenant, homes=homes if role in OF_ONE_HOME else None)
        for role in Role
    }
    return people | {"first": first_start("first")}


def open_site(hub: MemoryHub, known: Known, told: Told | None = None, callbacks: APIRouter | None = None) -> FastAPI:
    """The site with all its doors open, over two tenants."""
    joins: HubJoins = NoJoins()
    links: HubLinks = NoLinks()
    return build_site(
        hub,
        hub,
        password_hash=HASH,
        secret="for tests",
        url="http://hub.test",
        simulated=False,
        now=lambda: hub.at,
        plan=hub.plan,
        doors=Doors(
            joins=joins,
            links=links,
            calendars=MemoryCalendars(),
            reviews=MemoryReviews(),
            contacts=Contacts(),
            silencing=MemorySilences(hub),
            callbacks=callbacks,
        ),
        credentials=known,
        tenancy=TwoTenants(),
        refusals=told or Told(),
    )


def program(hub_actions: Sequence[Action], tenant: str | None = "elmham") -> Principal:
    """A token with these scopes."""
    return principal("t1", "telecare", Role.INTEGRATION, tenant=tenant, scopes=hub_actions)
