"""What is agreed, on its page and in the API."""

from __future__ import annotations

import re

import pytest

from sensor_hub.web.session import COOKIE
from tests.web.builders import make_hub
from tests.web.memory_consents import CERTIFICATE
from tests.web.roles import TOKEN, House
from tests.web.visitor import ORIGIN, Visitor

CARE = "care_manager"
PATH = "/api/v1/consents/elm-14"
DECISION = {
    "basis": "best_interests",
    "scope": ["climate", "alarms"],
    "decided_by": "J. Reed, social worker",
    "decided_on": "2026-01-02",
    "note": "with her daughter",
}


@pytest.fixture
def house() -> House:
    return House(make_hub())


def ask(house: House, method: str, path: str, body: object = None):
    """Of the version that stands."""
    headers = {"Authorization": f"Bearer {CARE}", "If-Match": f'"{len(house.consents.agreed.get("elm-14", []))}"'}
    return Visitor(house.site).ask(method, path, json=body, headers=headers)


def page(house: House, path: str, form: dict[str, object] | None = None):
    visitor = Visitor(house.site)
    visitor.cookies.set(COOKIE, CARE)
    if form is None:
        return visitor.get(path)
    return visitor.ask("POST", path, form={"token": TOKEN} | form, headers={"Origin": ORIGIN})


def test_without_a_record_it_says_so(house: House) -> None:
    assert ask(house, "GET", PATH).json() == {"current": None, "version": 0}
    assert ask(house, "GET", f"{PATH}/history").json() == {"items": [], "following": None}


def test_a_decision_is_written_down_and_withdrawn(house: House) -> None:
    told = ask(house, "PUT", PATH, DECISION).json()["current"]
    assert told | {"at": ""} == DECISION | {
        "review_on": "2027-01-02",
        "is_review_due": False,
        "at": "",
        "by": "jo",
    }
    left = ask(house, "POST", f"{PATH}/withdraw", {"scope": ["alarms"], "decided_by": "herself"}).json()
    assert left["current"]["scope"] == ["climate"]
    first = ask(house, "GET", f"{PATH}/history?limit=1").json()
    rest = ask(house, "GET", f"{PATH}/history?limit=1&cursor={first['following']}").json()
    assert [one["scope"] for one in (*first["items"], *rest["items"])] == [["climate"], ["climate", "alarms"]]
    assert rest["following"] is None
    (erasure,) = ask(house, "GET", f"{PATH}/erasures").json()["items"]
    assert (erasure["id"], erasure["scope"], erasure["rows"]) == ("c1", ["power"], 12)
    assert ask(house, "POST", f"{PATH}/withdraw", {}).json()["current"]["scope"] == []


def test_of_two_who_write_a_decision_down_the_second_is_told_so(house: House) -> None:
    headers = {"Authorization": f"Bearer {CARE}"}
    visitor = Visitor(house.site)
    assert visitor.ask("PUT", PATH, json=DECISION, headers=headers).status_code == 428
    seen = headers | {"If-Match": visitor.ask("GET", PATH, headers=headers).headers["etag"]}
    first = visitor.ask("PUT", PATH, json=DECISION, headers=seen)
    assert (first.status_code, first.json()["version"]) == (200, 1)
    assert visitor.ask("PUT", PATH, json=DECISION, headers=seen).status_code == 412
    form = {"basis": "consent", "scope": "climate", "decided_by": "herself", "version": "0"}
    late = page(house, "/homes/elm-14/consent", form)
    assert (late.status_code, "Somebody wrote another decision down since" in late.text) == (422, True)
    assert 'name="version" value="1"' in late.text
    assert len(house.consents.agreed["elm-14"]) == 1
    assert visitor.ask("POST", f"{PATH}/withdraw", json={}, headers=headers).status_code == 200, "whatever it was"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"basis": "love"}, "basis"),
        ({"scope": ["mood"]}, "scope"),
        ({"decided_by": "  "}, "decided_by"),
        ({"decided_on": "2027-01-02"}, "decided_on"),
        ({"review_on": "2040-01-02"}, "review_on"),
        ({"review_on": "2025-01-02"}, "review_on"),
    ],
)
def test_what_cannot_be_so_is_refused_and_named(house: House, change: dict[str, object], said: str) -> None:
    answer = ask(house, "PUT", PATH, DECISION | change)
    assert answer.status_code == 422
    assert said in answer.text
    assert house.consents.agreed == {}


def test_with_personal_data_locked_it_says_so(house: House) -> None:
    house.consents.is_locked = True
    assert ask(house, "PUT", PATH, DECISION).status_code == 503


def test_all_that_is_kept_is_handed_out_and_erased(house: House) -> None:
    answer = ask(house, "GET", "/api/v1/persons/elm-14")
    assert (answer.content, answer.headers["content-type"]) == (b"all of elm-14", "application/zip")
    path = "/api/v1/persons/elm-14/erase"
    assert ask(house, "POST", path, {"home": "oak-2", "reason": "moved"}).status_code == 422
    assert house.consents.erased == []
    assert ask(house, "POST", path, {"home": "elm-14", "reason": "moved"}).status_code == 202
    assert house.consents.erased == [("elm-14", "moved")]
    assert ask(house, "GET", "/api/v1/erasures").json()["items"] == [CERTIFICATE]
    house.consents.tenant = "oakshire"
    assert ask(house, "GET", "/api/v1/erasures").json()["items"] == []
    assert ask(house, "GET", "/api/v1/erasures/c1").status_code == 404


def test_the_page_shows_what_is_agreed_and_takes_a_decision(house: House) -> None:
    assert "No record yet" in page(house, "/homes/elm-14/consent").text
    form = {key: value for key, value in DECISION.items() if key != "scope"} | {"scope": "climate"}
    assert page(house, "/homes/elm-14/consent", form).status_code == 303
    shown = page(house, "/homes/elm-14/consent?told=agreed").text
    assert "J. Reed, social worker" in shown
    assert re.search(r"Agreed:</strong> temperature", shown)
    assert "certificate" in shown
    assert page(house, "/homes/elm-14/consent/withdraw", {"scope": "climate"}).status_code == 303
    assert house.consents.agreed["elm-14"][-1].decision.scope == frozenset()


def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(house: House) -> None:
    answer = page(house, "/homes/elm-14/consent", {"decided_by": "Mrs Okafor", "decided_on": "soon", "scope": "power"})
    assert answer.status_code == 422
    assert "Choose the basis" in answer.text
    assert "Type a date like" in answer.text
    assert 'value="Mrs Okafor"' in answer.text
    assert page(house, "/homes/elm-14/consent/withdraw", {}).status_code == 422
    assert page(house, "/homes/elm-14/erase", {"confirm": "elm", "why": ""}).status_code == 422
    assert house.consents.erased == []


def test_certificates_have_pages(house: House) -> None:
    assert "she moved away" in page(house, "/erasures").text
    assert "readings of its sensors" in page(house, "/erasures/c1").text
