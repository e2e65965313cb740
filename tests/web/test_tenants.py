"""What is another tenant's, or of another home than one's own, answers exactly as what does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import cast
from zoneinfo import ZoneInfo

import httpx
import pytest

from sensor_hub.access.action import Action
from sensor_hub.access.principal import principal
from sensor_hub.access.role import ROLES, Role
from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.rota import Rota, Shift
from sensor_hub.alerts.silence import Silence
from sensor_hub.alerts.wall_clock import Hours
from sensor_hub.model.alert import HUB
from sensor_hub.model.consent import Agreed, Data
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY
from sensor_hub.web.bounded_silences import BoundedSilences
from sensor_hub.web.bounds import Bounds, OneTenant, Tenancy
from sensor_hub.web.ledger_row import LedgerRow
from sensor_hub.web.refusals import Why
from sensor_hub.web.silences import Silencing
from tests.web.builders import NOW, history, make_alert, make_hub
from tests.web.roles import AGREED, THINGS, House, TwoTenants, everybody, program
from tests.web.route_table import NEEDED

THEIRS = {"home": "oak-2", "alert": "t2", "silence": "s-oak-2"}
NOWHERE = {"home": "no-5", "alert": "zz", "silence": "s-no-5"}
NEIGHBOURS = {"home": "fir-3", "alert": "t3", "silence": "s-fir-3"}
ABOUT_A_THING = [route for route in NEEDED if re.search(r"\{(home|alert|silence)\}", route)]
LISTS = [route for route in NEEDED if route.startswith("GET ") and "{" not in route]
OF_PEOPLE = [role for role in Role if role is not Role.INTEGRATION]


@pytest.fixture(scope="module")
def house() -> House:
    house = House(make_hub())
    fault = house.hub.histories["t1"].alert
    house.add(history(make_alert("t3", "fir-3", fault.kind, fault.urgency, fault.since, "Silent.")))
    house.add(history(make_alert("hub", HUB, Kind.HOMES_SILENT, Urgency.URGENT, NOW, "40 homes are silent.")))
    return house


def bare(answer: httpx.Response, things: dict[str, str]) -> tuple[object, ...]:
    """The answer without the names that were asked for."""
    text = answer.text
    for value in things.values():
        text = text.replace(value, "…")
    return answer.status_code, text, sorted(set(answer.headers) - {"content-length"})


@pytest.mark.parametrize("route", ABOUT_A_THING)
@pytest.mark.parametrize("role", Role)
def test_anothers_thing_answers_as_one_that_does_not_exist(house: House, route: str, role: Role) -> None:
    answer = house.ask(role, route, **THEIRS)
    kept = house.state()
    assert bare(answer, THEIRS) == bare(house.ask(role, route, **NOWHERE), NOWHERE)
    assert answer.status_code in ({404, 403} if role is not Role.INTEGRATION or "/api/" in route else {303})
    house.reset()
    assert kept == house.state(), "nothing was done"


@pytest.mark.parametrize("route", ABOUT_A_THING)
@pytest.mark.parametrize("role", [Role.FAMILY, Role.RESIDENT])
def test_one_homes_people_do_not_see_the_neighbours(house: House, route: str, role: Role) -> None:
    answer = house.ask(role, route, **NEIGHBOURS)
    assert answer.status_code == 404
    assert bare(answer, NEIGHBOURS) == bare(house.ask(role, route, **NOWHERE), NOWHERE)


@pytest.mark.parametrize("role", Role)
def test_no_list_names_what_is_not_theirs(house: House, role: Role) -> None:
    for route in LISTS:
        text = house.ask(role, route).text
        hidden = {"oak-2", "birch-7"} | ({"fir-3", "rowan-21"} if role in {Role.FAMILY, Role.RESIDENT} else set())
        assert not [home for home in hidden if home in text], route


def test_a_tenant_without_settings_sees_neither_contacts_nor_rotas_nor_what_concerns_the_hub(house: House) -> None:
    house.known.people["other"] = principal("o", "jo", Role.CARE_MANAGER, tenant="oakshire")
    assert "oak-2" in house.ask("other", "GET /homes").text
    assert "Ann Lee" not in house.ask("other", "GET /contacts").text
    assert house.ask("other", "POST /contacts/{contact}/test").status_code == 404
    assert "Jo Carter" not in house.ask("other", "GET /shift").text
    assert "40 homes" not in house.ask("other", "GET /").text
    assert "40 homes" in house.ask("care_manager", "GET /").text


def test_who_has_some_homes_of_the_tenant_sees_these(house: House) -> None:
    house.known.people["part"] = principal("p", "jo", Role.DUTY_OFFICER, tenant="elmham", homes=["fir-3", "oak-2"])
    rows = house.ask("part", "GET /api/v1/homes").json()["items"]
    assert [row["id"] for row in rows] == ["fir-3"]
    page = house.get("duty_officer", "/api/v1/homes?limit=1").json()
    rest = house.get("duty_officer", f"/api/v1/homes?cursor={page['following']}").json()
    assert [row["id"] for row in (*page["items"], *rest["items"])] == ["elm-14", "fir-3", "rowan-21"]
    assert house.ask("part", "GET /homes/{home}").status_code == 404


def test_whoever_runs_the_hub_sees_all_of_their_role(house: House) -> None:
    house.known.people["runs"] = principal("r", "jo", Role.TECHNICIAN, tenant=None)
    alerts = {row["id"] for row in house.ask("runs", "GET /api/v1/alerts").json()["items"]}
    assert alerts == {"c3", "t1", "t2", "t3", "hub"}
    assert house.ask("runs", "GET /metrics").status_code == 200


def test_a_technician_sees_no_alert_about_a_resident(house: House) -> None:
    assert house.ask("technician", "GET /alerts/{alert}", alert="a1").status_code == 404
    assert house.ask("technician", "POST /alerts/{alert}/close", alert="a1").status_code == 404
    page = house.ask("technician", "GET /homes/{home}").text
    assert "No movement since 05:12" not in page
    assert "Movement as a table" not in page
    assert "Absences and visits" not in page
    assert "It stands elsewhere" in page


def test_family_see_neither_whom_it_was_told_nor_forms_that_are_not_theirs(house: House) -> None:
    page = house.ask("family", "GET /alerts/{alert}", alert="a1").text
    assert "No movement since 05:12" in page
    assert "duty-phone" not in page
    assert "Take this alert" not in page
    assert "Silence such alerts" not in page
    detail = house.ask("family", "GET /api/v1/alerts/{alert}", alert="a1").json()
    assert (detail["deliveries"], detail["decisions"]) == ([], [])


def test_pages_link_to_what_may_be_seen(house: House) -> None:
    for role in OF_PEOPLE:
        page = house.ask(role, "GET /homes" if Action.SEE_HOMES in ROLES[role] else "GET /figures").text
        assert ('href="/contacts"' in page) == (Action.SEE_CONTACTS in ROLES[role])
        assert ('href="/silences"' in page) == (Action.SEE_SILENCES in ROLES[role])


def test_what_was_not_theirs_is_told_once_for_a_request(house: House) -> None:
    house.ask("duty_officer", "GET /api/v1/homes/{home}/chart", home="oak-2")
    (refused,) = house.told.refused
    assert (refused.who, refused.why) == (everybody()["duty_officer"], Why.NOT_THEIRS)
    assert (refused.what, refused.where) == ("GET /api/v1/homes/{home}/chart", "/api/v1/homes/oak-2/chart")
    house.ask("commissioner", "GET /homes/{home}")
    assert [each.why for each in house.told.refused] == [Why.MAY_NOT]


def test_a_silence_covers_no_home_and_no_kind_that_its_asker_does_not_see(house: House) -> None:
    asked = {"homes": "*", "until": "2026-01-05T18:00:00Z", "why": "builders"}
    made = house.post("technician", "/api/v1/silences", asked).json()
    assert made["homes"] == "elm-14 fir-3 rowan-21"
    assert set(made["kinds"]) == {"device_silent", "gateway_silent", "sensor_fault", "battery_low"}
    refused = house.post("technician", "/api/v1/silences", asked | {"kinds": ["inactivity"]})
    assert refused.status_code == 422
    assert house.post("duty_officer", "/api/v1/silences", asked | {"homes": "oak-*"}).status_code == 422


def test_a_wider_silence_is_seen_without_its_words_and_ended_by_those_who_see_all_of_it(house: House) -> None:
    house.reset()
    house.silences.add(house.silence("wide", "*", why="the flood in oak-2"))
    items = house.get("duty_officer", "/api/v1/silences").json()["items"]
    (wide,) = (item for item in items if item["id"] == "wide")
    assert (wide["homes"], wide["why"]) == ("elm-14 fir-3 rowan-21", "also of other homes or alerts")
    assert house.delete("duty_officer", "/api/v1/silences/wide", 1).status_code == 403
    assert house.delete("first", "/api/v1/silences/wide", 1).status_code == 200


def bounds(role: Role, tenant: str | None, homes: list[str] | None = None, tenancy: Tenancy | None = None) -> Bounds:
    who = principal("p", "jo", role, tenant=tenant, homes=homes)
    return Bounds(who, tenancy or TwoTenants(), lambda why: None, lambda home: AGREED)


def test_the_database_looks_among_the_homes_that_are_theirs_alone() -> None:
    assert bounds(Role.DUTY_OFFICER, "oakshire").among() == ["birch-7", "oak-2", HUB]
    assert bounds(Role.DUTY_OFFICER, "oakshire", ["oak-2", "elm-14"]).among() == ["oak-2"]
    assert bounds(Role.DUTY_OFFICER, None, ["elm-14"]).among() == ["elm-14"]
    assert bounds(Role.DUTY_OFFICER, None).among() is None
    one = OneTenant(lambda: ["elm-14", "fir-3"])
    assert bounds(Role.FAMILY, "local", tenancy=one).among() == []
    assert bounds(Role.TECHNICIAN, "local", tenancy=one).among() is None


def test_closed_alerts_out_of_sight_are_looked_through_and_not_shown(house: House) -> None:
    house.reset()
    ended = house.hub.histories["e5"].alert
    for number in range(3):
        for home in ("elm-14", "oak-2"):
            row = replace(ended, id=f"{home}-{number}", home=home, closed_at=NOW - number)
            house.hub.histories[row.id] = history(row)
    page = house.get("duty_officer", "/api/v1/alerts?closed=true&limit=2").json()
    rest = house.get("duty_officer", f"/api/v1/alerts?closed=true&limit=2&cursor={page['following']}").json()
    assert [row["id"] for row in (*page["items"], *rest["items"])] == ["elm-14-0", "elm-14-1", "elm-14-2"]
    assert rest["following"] is None


@pytest.fixture
def family(house: House) -> Iterator[House]:
    """Of elm-14, and nothing is agreed there."""
    yield house
    house.agreed = AGREED


def scope(*data: Data) -> Agreed:
    return replace(AGREED, decision=replace(AGREED.decision, scope=frozenset(data)))


@pytest.mark.parametrize("agreed", [None, scope()])
def test_without_a_consent_family_see_no_home_and_the_resident_sees_their_own(
    family: House, agreed: Agreed | None
) -> None:
    family.agreed = agreed
    for route in ABOUT_A_THING:
        answer = family.ask("family", route)
        assert bare(answer, THINGS) == bare(family.ask("family", route, **NOWHERE), NOWHERE), route
    assert family.ask("family", "GET /api/v1/homes").json()["items"] == []
    assert family.ask("resident", "GET /homes/{home}").status_code == 200
    assert family.ask("duty_officer", "GET /homes/{home}").status_code == 200


def test_family_see_what_the_consent_goes_to(family: House) -> None:
    family.agreed = scope(Data.CLIMATE)
    assert family.ask("family", "GET /alerts/{alert}", alert="a1").status_code == 404
    chart = family.ask("family", "GET /api/v1/homes/{home}/chart").json()
    assert not any(count for strip in chart["movement"] for count in strip["counts"])
    assert any(value for line in chart["temperature"] for value in line["celsius"])
    family.agreed = scope(Data.MOVEMENT, Data.DOORS)
    assert family.ask("family", "GET /alerts/{alert}", alert="a1").status_code == 200
    chart = family.ask("family", "GET /api/v1/homes/{home}/chart").json()
    assert any(count for strip in chart["movement"] for count in strip["counts"])
    assert not any(value for line in chart["temperature"] for value in line["celsius"])


def test_whoever_has_an_account_acts_under_its_name_and_programs_say_for_whom(house: House) -> None:
    house.ask("duty_officer", "POST /alerts/{alert}/acknowledge", alert="a1")
    assert house.hub.histories["a1"].alert.acknowledged_by == "jo"
    house.ask("first", "POST /alerts/{alert}/acknowledge", alert="a1")
    assert house.hub.histories["a1"].alert.acknowledged_by == "Jo"
    house.reset()
    for who, name in (("duty_officer", "jo"), ("integration", "Ann")):
        house.reset()
        assert house.post(who, "/api/v1/alerts/a1/acknowledge", {"by": "Ann"}).json()["acknowledged_by"] == name
    assert "Who takes it" not in house.ask("duty_officer", "GET /alerts/{alert}", alert="a1").text


def test_the_ledger_tells_of_notices_about_homes_that_are_theirs(house: House) -> None:
    def line(number: int, home: str, kind: Kind | None = Kind.INACTIVITY) -> LedgerRow:
        return LedgerRow(number, NOW, f"r{number}", "ann", "delivered", home=home, kind=kind or "")

    house.reset()
    lines = [line(1, "elm-14"), line(2, "oak-2"), line(3, "", None), line(4, HUB, Kind.HOMES_SILENT)]
    found = house.hub.histories["t1"]
    house.hub.histories = {"t1": replace(found, ledger=lines)}
    house.known.people["equipment"] = program([Action.SEE_LEDGER])
    house.known.people["other"] = principal("o", "jo", Role.CARE_MANAGER, tenant="oakshire")

    def read(who: str) -> list[str]:
        return [row["reference"] for row in house.get(who, "/api/v1/ledger").json()["items"]]

    assert read("care_manager") == ["r1", "r3", "r4"]
    assert read("equipment") == ["r3", "r4"]
    assert read("other") == ["r2"]
    assert read("first") == ["r1", "r2", "r3", "r4"]


def test_a_tenant_sees_its_own_contacts_and_rotas_and_no_others(house: House) -> None:
    plan = house.hub.plan
    oli = Contact("oli", "console://", name="Oli Oak", tenant="oakshire")
    shift = Shift(("oli",), Hours(0, 0))
    rotas = {**plan.rotas, "oak-duty": Rota("oak-duty", ZoneInfo("Europe/London"), ((shift,),), tenant="oakshire")}
    whole = replace(plan, contacts=(*plan.contacts, oli), rotas=rotas, own="elmham")
    other = bounds(Role.CARE_MANAGER, "oakshire").plan_of(whole)
    assert [each.id for each in other.contacts] == ["oli"]
    assert list(other.rotas) == ["oak-duty"]
    ours = bounds(Role.CARE_MANAGER, "elmham").plan_of(whole)
    assert "oak-duty" not in ours.rotas
    assert "oli" not in [each.id for each in ours.contacts]
    assert bounds(Role.CARE_MANAGER, None).plan_of(whole).rotas == rotas


def test_a_silence_of_a_hubs_only_tenant_takes_no_home_that_comes_later_as_anothers() -> None:
    kept: list[str] = ["elm-14"]
    one = OneTenant(lambda: kept)

    def asked_by(tenant: str | None) -> str:
        narrow = BoundedSilences(cast(Silencing, None), bounds(Role.DUTY_OFFICER, tenant, tenancy=one))
        return narrow._narrow(Silence("s1", "*", NOW, NOW + DAY, "jo", "builders")).homes

    assert asked_by("local") == "elm-14"
    assert asked_by(None) == "*"
