"""Silences on their page and in the API: what can be asked for, and what is told of them."""

from __future__ import annotations

import pytest

from sensor_hub.model.moment import DAY, HOUR, iso
from tests.web.builders import NOW, PASSWORD, make_hub, make_site
from tests.web.visitor import Visitor

HEADERS = {"Authorization": "Basic " + __import__("base64").b64encode(f"Jo:{PASSWORD}".encode()).decode()}
PATH = "/api/v1/silences"
FORM = {"homes": "elm-14", "hours": "4", "why": "the boiler is being renewed"}


@pytest.fixture
def visitor() -> Visitor:
    visitor = Visitor(make_site(make_hub()))
    visitor.sign_in()
    return visitor


def asked(**values: object) -> dict[str, object]:
    return {"homes": "elm-*", "until": iso(NOW + HOUR), "why": "a visit of the fitter", **values}


def test_it_is_set_on_the_page_shows_what_it_holds_back_and_is_ended_there(visitor: Visitor) -> None:
    answer = visitor.send("/silences", **FORM, kinds="cold")
    assert answer.headers["location"] == "/silences?told=silenced"
    page = visitor.get("/silences").text
    assert "Cold home: elm-14" in page
    assert "Jo: the boiler is being renewed" in page
    assert "Until Mon 5 Jan 2026, 13:40 UTC (in 4 h)" in page
    assert "held back" in page
    silence = page.partition('action="/silences/')[2].partition("/end")[0]
    assert visitor.send(f"/silences/{silence}/end").headers["location"] == "/silences?told=unsilenced"
    assert "Ended by Jo, Mon 5 Jan 2026, 09:40 UTC" in visitor.get("/silences").text
    assert visitor.send(f"/silences/{silence}/end").headers["location"] == "/silences?told=already-unsilenced"
    assert visitor.send("/silences/none/end").status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"homes": "nowhere-*"}, "No home has this name"),
        ({"homes": ""}, "No home has this name"),
        ({"kinds": "smoke"}, "cannot be silenced"),
        ({"place": "no place"}, "Enter a room, or a device"),
        ({"why": " "}, "Say why"),
        ({"hours": "9999"}, "Choose for how long"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(visitor: Visitor, change: dict[str, str], said: str) -> None:
    answer = visitor.send("/silences", **{**FORM, **change})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Nothing is silenced" in answer.text


def test_the_page_begins_with_what_the_alert_is_about(visitor: Visitor) -> None:
    page = visitor.get("/silences?home=elm-14&kind=cold").text
    assert 'value="elm-14"' in page
    assert 'value="cold" checked' in page


def test_the_api_sets_lists_and_ends_them(visitor: Visitor) -> None:
    answer = visitor.ask("POST", PATH, json=asked(kinds=["cold", "damp"], place="bathroom"), headers=HEADERS)
    made, where = answer.json(), answer.headers["location"]
    assert (answer.status_code, where) == (201, f"{PATH}/{made['id']}")
    assert (made["who"], made["kinds"], made["start"]) == ("Jo", ["cold", "damp"], iso(NOW))
    (listed,) = visitor.ask("GET", PATH, headers=HEADERS).json()["items"]
    assert listed["id"] == made["id"]
    read = visitor.ask("GET", where, headers=HEADERS)
    assert (read.json(), read.headers["etag"]) == (made, answer.headers["etag"])
    seen = HEADERS | {"If-Match": read.headers["etag"]}
    assert visitor.ask("DELETE", where, headers=HEADERS).status_code == 428
    ended = visitor.ask("DELETE", where, headers=seen)
    assert (ended.json()["ended_at"], ended.json()["ended_by"]) == (iso(NOW), "Jo")
    assert visitor.ask("DELETE", where, headers=seen).status_code == 412
    assert visitor.ask("DELETE", where, headers=seen | {"If-Match": ended.headers["etag"]}).status_code == 409
    assert visitor.ask("DELETE", f"{PATH}/none", headers=HEADERS).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"kinds": ["sos"]},
        {"kinds": ["weather"]},
        {"until": iso(NOW)},
        {"until": iso(NOW + 32 * DAY)},
        {"until": "tomorrow"},
        {"start": "2026-01-05"},
        {"homes": "x"},
        {"why": ""},
    ],
)
def test_the_api_refuses_what_cannot_be(visitor: Visitor, wrong: dict[str, object]) -> None:
    answer = visitor.ask("POST", PATH, json=asked(**wrong), headers=HEADERS)
    assert answer.status_code == 422
    assert visitor.ask("GET", PATH, headers=HEADERS).json()["items"] == []


def test_one_may_begin_later(visitor: Visitor) -> None:
    later = asked(start=iso(NOW + HOUR), until=iso(NOW + 2 * HOUR))
    assert visitor.ask("POST", PATH, json=later, headers=HEADERS).json()["start"] == iso(NOW + HOUR)
    assert "From Mon 5 Jan 2026, 10:40 UTC until Mon 5 Jan 2026, 11:40 UTC" in visitor.get("/silences").text


def test_the_page_of_an_alert_leads_there(visitor: Visitor) -> None:
    assert 'href="/silences?home=elm-14&amp;kind=inactivity"' in visitor.get("/alerts/a1").text
