"""A hub of two tenants: a home's alerts go to its own tenant's people, by its own tenant's policy, and to no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import Policy
from sensor_hub.alerts.round_plan import RoundPlan
from sensor_hub.alerts.silence import Silence
from sensor_hub.model.alert import HUB, AlertChange
from sensor_hub.model.home import Home
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.watch.items import PassOn
from sensor_hub.watch.kept_back_ports import Release
from tests.alerts.plans import rota, steps
from tests.homes import moment
from tests.storage.stores import rows
from tests.storage.test_alert_book import RAISED
from tests.watch.test_worker import Rig

ELM, OAK = Home("elm-14", "Europe/London"), Home("oak-2", "Europe/London")
MONDAY = moment("2026-01-05 09:00")
PEOPLE = (
    *(Contact(name, "console://", tenant="elmham") for name in ("ann", "ada")),
    *(Contact(name, "console://", Detail.FULL, tenant="oakshire") for name in ("oli", "ora")),
)
ROTAS = (
    replace(rota(("ann", "08:00", "12:00"), ("ada", "12:00", "08:00"), name="elm-duty"), tenant="elmham"),
    replace(rota(("oli", "08:00", "12:00"), ("ora", "12:00", "08:00"), name="oak-duty"), tenant="oakshire"),
)
POLICIES = (
    Policy("elm", steps("elm-duty", "ada"), tenant="elmham"),
    Policy("oak", steps("oak-duty", "ora"), tenant="oakshire"),
)
PLAN = Plan(PEOPLE, POLICIES, {}, {each.id: each for each in ROTAS}, fallback=("ada",))


class TwoTenants(Rig):
    def __init__(self, where: Path | str, plan: Plan = PLAN) -> None:
        super().__init__(where, [ELM, OAK], MONDAY, plan)
        self.stores.tenants.bind(ELM.id, "elmham")
        self.stores.tenants.bind(OAK.id, "oakshire")

    def raise_(self, *changes: AlertChange) -> None:
        self.worker.watches._record([replace(each, at=self.time.at, since=self.time.at) for each in changes])
        self.worker.tick()

    def goes_on(self, seconds: float, step: float = 5 * MINUTE) -> None:
        until = self.time.at + seconds
        while self.time.at < until:
            self.time.at = min(until, self.time.at + step)
            self.worker.tick()

    def told(self, purpose: str = "alert") -> list[str]:
        select = f"SELECT contact FROM notice WHERE purpose = '{purpose}' ORDER BY made_ms, reference"
        return [contact for (contact,) in rows(self.stores, select)]

    def text(self, contact: str) -> str:
        return "\n".join(body for (body,) in rows(self.stores, f"SELECT body FROM notice WHERE contact = '{contact}'"))


@pytest.fixture
def hub(where: Path | str) -> Iterator[TwoTenants]:
    hub = TwoTenants(where)
    yield hub
    hub.stores.database.close()


def alert(name: str, home: str, kind: Kind = Kind.INACTIVITY, urgency: Urgency = Urgency.URGENT) -> AlertChange:
    return replace(RAISED, id=name, home=home, kind=kind, urgency=urgency)


def test_each_step_reaches_its_own_tenants_people(hub: TwoTenants) -> None:
    hub.raise_(alert("o1", OAK.id))
    assert hub.told() == ["oli"]
    hub.goes_on(15 * MINUTE)
    assert hub.told() == ["oli", "ora"]
    hub.goes_on(2 * HOUR)
    assert hub.told() == ["oli", "ora"], "the fallback is the other tenant's"
    hub.raise_(alert("e1", ELM.id))
    assert hub.told() == ["oli", "ora", "ann"]


def test_nobody_passes_on_under_another_tenants_name_what_a_namesake_has_taken(hub: TwoTenants) -> None:
    hub.raise_(alert("o1", OAK.id))
    hub.take(PassOn("o1", "oli"))
    hub.worker.tick()
    assert hub.told() == ["oli", "ora"]


def test_a_tenant_without_anybody_is_told_to_nobody_elses_people(where: Path | str) -> None:
    hub = TwoTenants(where, PLAN.part("elmham"))
    hub.raise_(alert("o1", OAK.id))
    hub.goes_on(HOUR)
    assert hub.told() == []
    assert "nobody is reached" in list(hub.stores.registry.decisions("o1"))[-1][2]
    hub.stores.database.close()


def test_where_no_tenant_is_named_everybody_hears_of_every_home_as_ever(where: Path | str) -> None:
    bare = tuple(replace(each, tenant="") for each in PEOPLE)
    hub = TwoTenants(where, Plan(bare, (Policy("all", steps("ann")),)))
    hub.raise_(alert("o1", OAK.id), alert("e1", ELM.id))
    assert hub.told() == ["ann", "ann"]
    hub.stores.database.close()


def test_what_concerns_the_whole_hub_reaches_all_tenants_where_the_hub_has_nobody_of_its_own(hub: TwoTenants) -> None:
    hub.raise_(alert("h1", HUB, Kind.HOMES_SILENT))
    assert sorted(hub.told()) == ["ada", "ann", "oli", "ora"]


def test_what_concerns_the_whole_hub_is_told_to_its_own_people_where_it_has_some(where: Path | str) -> None:
    hub = TwoTenants(where, replace(PLAN, contacts=(*PEOPLE, Contact("runner", "console://"))))
    hub.raise_(alert("h1", HUB, Kind.HOMES_SILENT))
    assert hub.told() == ["runner"]
    hub.stores.database.close()


def test_who_takes_over_hears_of_their_own_tenants_alerts(hub: TwoTenants) -> None:
    hub.raise_(alert("o1", OAK.id))
    hub.goes_on(3 * HOUR)
    assert sorted(hub.told("round")) == ["ada", "ora"]
    assert "no movement, oak-2" in hub.text("ora")
    assert ELM.id not in hub.text("ora")
    assert "Open: 1 for today." in hub.text("ada"), "of its own home's gateway, of which nothing was heard"


def test_the_digest_of_a_name_that_is_set_no_longer_goes_to_its_alerts_own_tenant(hub: TwoTenants) -> None:
    for number in range(3):
        hub.raise_(alert(f"o{number}", OAK.id, Kind.COLD, Urgency.SOON))
        hub.goes_on(20 * MINUTE)
    with hub.stores.database.transaction() as connection:
        connection.exec_driver_sql("UPDATE digest_line SET reader = 'gone'")
    hub.goes_on(7 * HOUR)
    digests = "SELECT contact FROM notice WHERE title LIKE 'Daily digest%' ORDER BY contact"
    assert rows(hub.stores, digests) == [("oli",), ("ora",)]


def test_a_digest_that_nobody_reads_says_so_in_the_alerts_history(hub: TwoTenants) -> None:
    for number in range(3):
        hub.raise_(alert(f"o{number}", OAK.id, Kind.COLD, Urgency.SOON))
        hub.goes_on(20 * MINUTE)
    ((late,),) = rows(hub.stores, "SELECT alert FROM digest_line")
    hub.stores.tenants.give(OAK.id, "nobodys")
    hub.goes_on(7 * HOUR)
    assert "nobody is reached" in list(hub.stores.registry.decisions(late))[-1][2]


def test_when_quiet_hours_end_others_hear_for_a_contact_whom_the_homes_tenant_has_no_longer(hub: TwoTenants) -> None:
    hub.raise_(alert("o1", OAK.id, Kind.COLD, Urgency.SOON))
    hub.goes_on(20 * MINUTE)
    escalation = hub.stores.escalations.of("o1")
    assert escalation is not None
    with hub.stores.database.transaction():
        hub.stores.holds.put(Release("o1", "gone", escalation.number, 9), hub.time.at + MINUTE)
    hub.goes_on(5 * MINUTE)
    assert sorted(set(hub.told())) == ["oli", "ora"]
    with hub.stores.database.transaction():
        hub.stores.holds.put(Release("o1", "gone", escalation.number, 10), hub.time.at + MINUTE)
    hub.stores.tenants.give(OAK.id, "nobodys")
    hub.goes_on(5 * MINUTE)
    assert "nobody is reached" in list(hub.stores.registry.decisions("o1"))[-1][2]


def test_a_review_is_of_the_readers_own_tenants_homes_and_hides_the_words_of_wider_silences(where: Path | str) -> None:
    plan = replace(PLAN, rounds=RoundPlan(reviewers=("ann", "oli")))
    hub = TwoTenants(where, plan)
    hub.goes_on(2 * DAY, HOUR)
    hub.raise_(alert("o1", OAK.id), alert("e1", ELM.id))
    silence = Silence("s1", "*", hub.time.at, hub.time.at + 20 * DAY, "Sam", "the flood in elm-14")
    hub.stores.silences.add(silence, hub.time.at)
    hub.goes_on(7 * DAY, HOUR)
    reviews = "SELECT contact, body FROM notice WHERE title LIKE '%review%' ORDER BY contact"
    (ann, _), (oli, review) = rows(hub.stores, reviews)
    assert (ann, oli) == ("ann", "oli")
    assert "who runs the hub" in review
    assert "elm-14" not in review
    hub.stores.database.close()
