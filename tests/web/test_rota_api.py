"""Rotas, stand-ins and policies in the API and on the page of shifts."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from sensor_hub.access.principal import principal
from sensor_hub.access.role import Role
from sensor_hub.alerts.contact import Contact
from sensor_hub.model.moment import DAY, HOUR, iso
from tests.web.builders import NOW, make_hub
from tests.web.memory_stand_ins import ANNS
from tests.web.roles import House
from tests.web.visitor import Visitor

ROTA = "/api/v1/rotas/care"
STAND_INS = f"{ROTA}/stand-ins"
EVENING = iso(NOW + 8 * HOUR)


@pytest.fixture
def house() -> House:
    house = House(make_hub())
    plan = house.hub.plan
    others = Contact("cid", "console://"), Contact("oli", "console://", tenant="oakshire")
    mrs_ash = Contact("mrs-ash", "console://", home="elm-14")
    house.site.state.desk = replace(
        house.site.state.desk, plan=replace(plan, contacts=(*plan.contacts, *others, mrs_ash), own="elmham")
    )
    house.reset()
    house.stand_ins.kept.clear()
    house.known.people["other"] = principal("o", "jo", Role.CARE_MANAGER, tenant="oakshire")
    return house


def ask(house: House, who: str, until: str = EVENING, **more: str) -> httpx.Response:
    return house.post("care_manager", STAND_INS, {"who": who, "until": until, **more})


def test_who_stands_in_is_on_call_at_once_and_until_it_is_ended(house: House) -> None:
    assert house.get("duty_officer", ROTA).json()["on_call"] == "jo"
    made = ask(house, "ann")
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert made.json()["from"] == iso(NOW)
    rota = house.get("duty_officer", ROTA).json()
    assert (rota["on_call"], rota["people"], rota["until"]) == ("ann", ["ann"], EVENING)
    place = made.headers["location"]
    assert house.get("duty_officer", place).json() == made.json()
    shifts = house.get("duty_officer", f"{ROTA}/shifts?until={NOW + DAY}").json()["items"]
    assert [(each["who"], each["instead_of"]) for each in shifts][:2] == [("ann", "jo"), ("jo", None)]
    program = Visitor(house.site)
    assert program.ask("DELETE", place, headers={"Authorization": "Bearer care_manager"}).status_code == 428
    headers = {"Authorization": "Bearer care_manager", "If-Match": '"1"'}
    assert program.ask("DELETE", place, headers=headers).json()["ended_by"] == "jo"
    assert program.ask("DELETE", place, headers=headers).status_code == 412
    assert program.ask("DELETE", place, headers=headers | {"If-Match": '"2"'}).status_code == 409
    assert house.get("duty_officer", ROTA).json()["on_call"] == "jo"


def test_a_team_stands_in_with_its_people_and_for_one_person_alone(house: House) -> None:
    assert ask(house, "nights", instead_of="jo").status_code == 201
    rota = house.get("duty_officer", ROTA).json()
    assert (rota["on_call"], rota["people"]) == ("nights", ["ann", "sam"])


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"who": "dan"}, "who: No contact or team"),
        ({"who": "oli"}, "who: No contact or team"),
        ({"who": "mrs-ash"}, "who: No contact or team"),
        ({"who": "cid"}, "who: Nobody has confirmed"),
        ({"who": "ann", "instead_of": "dan"}, "instead_of: Nobody who is called so"),
        ({"who": "ann", "from": iso(NOW - 2 * DAY), "until": iso(NOW - DAY)}, "until: That time is over"),
        ({"who": "ann", "from": iso(NOW + DAY), "until": iso(NOW + HOUR)}, "until: It ends after"),
        ({"who": "ann", "until": iso(NOW + 100 * DAY)}, "until: It ends after"),
        ({"who": "ann", "from": iso(NOW + 400 * DAY), "until": iso(NOW + 401 * DAY)}, "from: It begins within"),
        ({"who": "ann", "until": "tomorrow"}, "from, until: "),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(house: House, told: dict[str, str], why: str) -> None:
    answer = ask(house, **told)
    assert (answer.status_code, house.stand_ins.kept) == (422, {})
    assert answer.json()["detail"].startswith(why)


def test_another_tenants_rota_is_not_there(house: House) -> None:
    assert house.get("other", "/api/v1/rotas").json()["items"] == []
    assert house.get("other", ROTA).status_code == 404
    assert house.post("other", STAND_INS, {"who": "oli", "until": EVENING}).status_code == 404
    assert house.get("other", "/api/v1/policies/all").status_code == 404


def test_one_that_stays_behind_a_name_that_is_set_no_longer_counts_for_nothing(house: House) -> None:
    house.stand_ins.kept = {"i1": replace(ANNS, who="gone")}
    assert house.get("duty_officer", ROTA).json()["on_call"] == "jo"


def test_a_later_one_goes_before_an_earlier_one(house: House) -> None:
    ask(house, "ann")
    ask(house, "sam", iso(NOW + HOUR))
    assert house.get("duty_officer", ROTA).json()["on_call"] == "sam"
    page = house.get("duty_officer", f"{STAND_INS}?limit=1").json()
    rest = house.get("duty_officer", f"{STAND_INS}?limit=1&cursor={page['following']}").json()
    assert {each["who"] for each in (*page["items"], *rest["items"])} == {"ann", "sam"}
    assert rest["following"] is None


def test_shifts_come_by_pages_and_of_a_bounded_time(house: House) -> None:
    whole = house.get("duty_officer", f"{ROTA}/shifts").json()["items"]
    found, cursor = [], ""
    while cursor is not None:
        page = house.get("duty_officer", f"{ROTA}/shifts?limit=5&cursor={cursor}").json()
        found += page["items"]
        cursor = page["following"]
    assert found == whole
    assert len(whole) == 29
    assert house.get("duty_officer", f"{ROTA}/shifts?until={NOW + 200 * DAY}").status_code == 422


def test_ones_own_shifts_and_calendar(house: House) -> None:
    mine = house.get("duty_officer", "/api/v1/shift").json()["items"]
    assert {each["who"] for each in mine} == {"jo"}
    made = house.post("duty_officer", "/api/v1/shift/calendar", {})
    assert made.status_code == 201
    assert made.json()["address"].endswith(".ics")
    house.known.people["guest"] = principal("g", "nobody", Role.DUTY_OFFICER, tenant="elmham")
    assert house.get("guest", "/api/v1/shift").status_code == 404


def test_policies_say_whom_an_alert_goes_to_and_whom_that_reaches_now(house: House) -> None:
    ask(house, "ann")
    page = house.get("care_manager", "/api/v1/policies").json()
    (policy,) = page["items"]
    assert (policy["id"], policy["homes"], policy["hours"]) == ("all", ["*"], None)
    assert policy["steps"] == [{"to": ["care"], "people": ["ann"], "asks_resident": False, "wait_minutes": 15.0}]
    assert house.get("care_manager", "/api/v1/policies/all").json() == policy


def test_the_page_of_shifts_takes_a_stand_in_and_ends_it(house: House) -> None:
    sent = house.ask("care_manager", "POST /shift/stand-ins")
    assert (sent.status_code, sent.headers["location"]) == (303, "/shift?told=stands-in")
    (made,) = (each for each in house.stand_ins.kept.values() if each.who == "sam")
    assert (made.start, made.until) == (NOW, NOW - NOW % DAY + DAY + 8 * HOUR)
    page = house.ask("duty_officer", "GET /shift")
    assert "Who stands in" in page.text
    assert "Let them stand in" not in page.text
    assert "Let them stand in" in house.ask("care_manager", "GET /shift").text
    ended = house.ask("care_manager", "POST /shift/stand-ins/{rota}/{stand_in}/end")
    assert ended.headers["location"] == "/shift?told=stood-in"
