"""People of each role, for the tests of the pages: a header names who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import httpx
from fastapi import APIRouter, FastAPI

from sensor_hub.access.action import Action
from sensor_hub.access.principal import Principal, first_start, principal
from sensor_hub.access.role import OF_ONE_HOME, Role
from sensor_hub.alerts.silence import Silence
from sensor_hub.model.consent import EVERYTHING, Agreed, Basis, Decision
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, parse_moment
from sensor_hub.model.stay import OPEN, Stay, Stays
from sensor_hub.web.bounds import following
from sensor_hub.web.chronology_page import HubChronology
from sensor_hub.web.credentials import Challenge, Credentials
from sensor_hub.web.door_ports import HubJoins, HubLinks, JoinRefusal, Unusable
from sensor_hub.web.doors import Doors
from sensor_hub.web.people_ports import HubPeople
from sensor_hub.web.ports import AlertHistory
from sensor_hub.web.problems import is_for_programs
from sensor_hub.web.quota import Quota
from sensor_hub.web.refusals import Refused
from sensor_hub.web.repeat_ports import Repeats
from sensor_hub.web.session import COOKIE, Session
from sensor_hub.web.site import build_site
from tests.web.builders import HASH, NOW, MemoryHub, history, make_alert
from tests.web.contacts import Contacts
from tests.web.duty import MemoryCalendars, MemoryReviews
from tests.web.memory_accounts import memory_accounts
from tests.web.memory_changes import MemoryChanges
from tests.web.memory_consents import MemoryConsents
from tests.web.memory_gateways import MemoryGateways
from tests.web.memory_people import RESIDENT, MemoryPeople
from tests.web.memory_silences import MemorySilences
from tests.web.memory_stand_ins import MemoryStandIns
from tests.web.no_chronology import NoChronology
from tests.web.route_table import BODIES
from tests.web.visitor import ORIGIN, Visitor

TOKEN = "of the form"
AGREED = Agreed(Decision(Basis.CONSENT, EVERYTHING, "Mrs Okafor", date(2026, 1, 2), date(2027, 1, 2)), 0.0, "Sam")
BEGAN = parse_moment("2026-01-05T09:00:00Z")
THINGS = {
    "account": "a1",
    "session": "s1",
    "token_id": "t1",
    "home": "elm-14",
    "alert": "t1",
    "silence": "s-elm-14",
    "contact": "ann",
    "rota": "care",
    "policy": "all",
    "stand_in": "i1",
    "device": "0x00158d0001a20001",
    "mark": "ACD",
    "resident": RESIDENT,
    "start": "2026-01-05T09:00:00Z",
    "erasure": "c1",
}
"""What routes are asked about."""
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

    async def still(self, cookie: str, header: str) -> Session | None:
        return await self.of_cookie(cookie) if cookie else await self.of_header(header, "")


@dataclass
class Told:
    """What was refused."""

    refused: list[Refused] = field(default_factory=list)

    def tell(self, refused: Refused) -> None:
        self.refused.append(refused)


@dataclass(frozen=True)
class TwoTenants:
    own: str = "elmham"

    def whose_contact(self, contact: str) -> str:
        return self.own

    def home_of(self, contact: str) -> str:
        return ""

    def whose(self) -> Mapping[str, str]:
        return TENANTS

    def whose_home(self, home: str) -> str | None:
        return TENANTS.get(home)

    def homes_after(self, tenant: str, after: str, limit: int) -> list[str]:
        return following(TENANTS, tenant, after, limit)


class NoJoins:
    def join(self, code: str, *, version: str) -> JoinRefusal:
        return JoinRefusal.WRONG


class NoLinks:
    def find(self, text: str) -> Unusable:
        return Unusable.FORGED


def everybody(tenant: str | None = "elmham", homes: Sequence[str] = ("elm-14",)) -> dict[str, Principal]:
    """One of each role, and whoever has the hub's own password."""
    people = {
        role.value: principal(role.value, "jo", role, tenant=tenant, homes=homes if role in OF_ONE_HOME else None)
        for role in Role
    }
    return people | {"first": first_start("jo")}


def open_site(
    hub: MemoryHub,
    known: Credentials,
    told: Told | None = None,
    callbacks: APIRouter | None = None,
    silences: MemorySilences | None = None,
    people: HubPeople | None = None,
    chronology: HubChronology | None = None,
    consents: MemoryConsents | None = None,
    stand_ins: MemoryStandIns | None = None,
    gateways: MemoryGateways | None = None,
    quota: Quota | None = None,
    repeats: Repeats | None = None,
    changes: MemoryChanges | None = None,
) -> FastAPI:
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
        plan=replace(hub.plan, own=TwoTenants.own),
        doors=Doors(
            joins=joins,
            gateways=gateways or MemoryGateways(),
            links=links,
            calendars=MemoryCalendars(),
            reviews=MemoryReviews(),
            contacts=Contacts(),
            silencing=silences or MemorySilences(hub),
            callbacks=callbacks,
            people=people,
            changes=changes or MemoryChanges(TwoTenants()),
            chronology=chronology or NoChronology(),
            consents=consents or MemoryConsents(),
            persons=consents or MemoryConsents(),
            standing_in=stand_ins or MemoryStandIns(),
        ),
        credentials=known,
        accounts=memory_accounts(),
        tenancy=TwoTenants(),
        refusals=told or Told(),
        quota=quota,
        repeats=repeats,
    )


def program(hub_actions: Sequence[Action], tenant: str | None = "elmham") -> Principal:
    """A token with these scopes."""
    return principal("t1", "telecare", Role.INTEGRATION, tenant=tenant, scopes=hub_actions)


@dataclass(repr=False)
class House:
    """A site over a hub whose state is the same before every request."""

    hub: MemoryHub
    known: Known = field(default_factory=lambda: Known(everybody()))
    told: Told = field(default_factory=Told)
    agreed: Agreed | None = AGREED
    """With every resident."""

    def __post_init__(self) -> None:
        fault = make_alert("t1", "elm-14", Kind.DEVICE_SILENT, Urgency.SOON, NOW - DAY, "The hall's door is silent.")
        self.hub.histories["t1"] = history(fault)
        self.hub.histories["t2"] = history(replace(fault, id="t2", home="oak-2"))
        self.silences = MemorySilences(self.hub)
        self.people = MemoryPeople()
        self.consents = MemoryConsents()
        self.changes = MemoryChanges(TwoTenants())
        kept = {"silences": self.silences, "people": self.people, "consents": self.consents, "changes": self.changes}
        self.stand_ins = MemoryStandIns()
        kept |= {"stand_ins": self.stand_ins}
        self.gateways = MemoryGateways()
        kept |= {"gateways": self.gateways}
        self.site = open_site(self.hub, self.known, self.told, **kept)  # type: ignore[arg-type]
        self._rows, self._histories = self.hub.rows, self.hub.histories

    def reset(self) -> None:
        """An absence from nine o'clock and a silence of equipment in each home."""
        self.hub.histories = dict(self._histories)
        self.hub.rows = {home: replace(row, stays=Stays(), consent=self.agreed) for home, row in self._rows.items()}
        self.silences.kept.clear()
        self.people.reset()
        self.stand_ins.reset()
        self.gateways.reset()
        self.consents.agreed.clear()
        self.consents.erased.clear()
        for home in self.hub.rows:
            self.hub.tell_stay(home, Stay.ABSENCE, (BEGAN, OPEN), by="Sam", is_new=True)
            self.hub.tell_stay(home, Stay.VISIT, (BEGAN, NOW + DAY), by="Sam", is_new=True)
            self.silences.add(self.silence(f"s-{home}", home, why=f"builders at {home}"))
        self.told.refused.clear()

    def add(self, found: AlertHistory) -> None:
        self._histories[found.alert.id] = found

    def state(self) -> object:
        """All that people can change."""
        told = {home: (list(row.stays.absences), list(row.stays.visits)) for home, row in self.hub.rows.items()}
        stays = {home: (told[home], row.home.devices) for home, row in self.hub.rows.items()}
        silences = {each.homes: each.ended_by for each in self.silences.kept.values()}
        versions = {home: (self.people.cards[home].version, self.people.records[home]) for home in self.hub.rows}
        agreed = {home: len(history) for home, history in self.consents.agreed.items()}
        gateways = self.gateways.state()
        return dict(self.hub.histories), stays, silences, versions, agreed, list(self.consents.erased), gateways

    def silence(self, name: str, homes: str, why: str) -> Silence:
        """One of equipment, for a day."""
        return Silence(name, homes, BEGAN, NOW + DAY, "Sam", why, frozenset({Kind.DEVICE_SILENT}))

    def get(self, who: str, path: str) -> httpx.Response:
        """As a program, in the state that requests before have left."""
        return self._program("GET", who, path)

    def post(self, who: str, path: str, body: object) -> httpx.Response:
        return self._program("POST", who, path, body)

    def delete(self, who: str, path: str, version: int) -> httpx.Response:
        return self._program("DELETE", who, path, headers={"If-Match": f'"{version}"'})

    def _program(
        self, method: str, who: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return Visitor(self.site).ask(
            method, path, json=body, headers={"Authorization": f"Bearer {who}", **(headers or {})}
        )

    def ask(self, who: str, route: str, **values: str) -> httpx.Response:
        """`POST /alerts/{alert}/close` as somebody signed in, or as a program, about the things named."""
        self.reset()
        method, path = route.split(" ")
        for name, value in (THINGS | values).items():
            path = path.replace(f"{{{name}}}", value)
        visitor, body = Visitor(self.site), BODIES.get(route, {})
        if is_for_programs(path):
            given = BODIES.get(route)
            return visitor.ask(method, path, json=given, headers={"Authorization": f"Bearer {who}"})
        visitor.cookies.set(COOKIE, who)
        if method == "GET":
            return visitor.get(path)
        form = {"token": TOKEN} | {name: str(value) for name, value in body.items()}
        return visitor.ask(method, path, form=form, headers={"Origin": ORIGIN})
