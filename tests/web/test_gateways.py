"""Gateways by the API and on their pages: how each is, codes, passwords, and settings down."""

from __future__ import annotations

import pytest

from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import HOUR, iso
from sensor_hub.web.gateway_ports import Change, CodeRow, CodeState, GatewayStanding, SettingsRow
from tests.web.builders import NOW, MemoryHub, history, make_alert, make_site
from tests.web.memory_gateways import AT, CODE, MemoryGateways
from tests.web.test_pages import words
from tests.web.visitor import Visitor

JOINED = GatewayStanding(joined_at=AT, joined_version="0.1.0", applied=4)
SENT = SettingsRow(4, {"commit_every": 5}, {"rooms": {}}, 4, {"alone": "no way out here"})
SETTINGS, CODES = "/api/v1/homes/elm-14/gateway-settings", "/api/v1/homes/elm-14/join-codes"
CREDENTIALS = "/api/v1/gateways/elm-14/credentials"


@pytest.fixture
def known() -> MemoryGateways:
    return MemoryGateways(standing={"elm-14": JOINED}, sent={"elm-14": SENT})


@pytest.fixture
def jo(hub: MemoryHub, known: MemoryGateways) -> Visitor:
    visitor = Visitor(make_site(hub, gateways=known))
    visitor.sign_in("Jo")
    return visitor


def test_gateways_are_listed_by_home_and_by_pages(hub: MemoryHub, jo: Visitor) -> None:
    silent = make_alert("g1", "oak-2", Kind.GATEWAY_SILENT, Urgency.SOON, NOW - HOUR, "Nothing heard from this home.")
    hub.histories["g1"] = history(silent)
    whole = jo.get("/api/v1/gateways").json()["items"]
    assert [each["home"] for each in whole] == sorted(hub.rows)
    by_home = {each["home"]: each for each in whole}
    assert by_home["oak-2"]["unseen_since"] == iso(silent.since)
    assert (by_home["elm-14"]["state"], by_home["elm-14"]["settings_version"]) == ("online", 4)
    assert by_home["elm-14"]["joined_at"] == iso(AT)
    page = jo.get("/api/v1/gateways?limit=2").json()
    rest = jo.get(f"/api/v1/gateways?limit=200&cursor={page['following']}").json()
    assert page["items"] + rest["items"] == whole
    assert jo.get("/api/v1/gateways/elm-14").json() == by_home["elm-14"]
    assert jo.get("/api/v1/gateways/nobody").status_code == 404


def test_a_code_is_told_once(jo: Visitor) -> None:
    assert jo.get(CODES).json() == {"items": [], "following": None}
    made = jo.ask("POST", CODES)
    assert (made.status_code, made.json()["code"], made.headers["location"]) == (201, CODE, CODES)
    assert CODE in made.json()["command"]
    (kept,) = jo.get(CODES).json()["items"]
    assert (kept["mark"], kept["state"]) == ("ACD", "open")
    assert CODE not in jo.get(CODES).text
    assert jo.ask("DELETE", f"{CODES}/ZZZ").status_code == 404
    assert jo.ask("DELETE", f"{CODES}/ACD").status_code == 204
    assert jo.ask("DELETE", f"{CODES}/ACD").status_code == 404
    assert jo.ask("POST", "/api/v1/homes/nobody/join-codes").status_code == 404


def test_a_password_is_exchanged_in_the_background(jo: Visitor) -> None:
    begun = jo.ask("POST", CREDENTIALS)
    assert (begun.status_code, begun.headers["location"]) == (202, "/api/v1/gateways/elm-14")
    assert jo.get("/api/v1/gateways/elm-14").json()["rotation"] == begun.json()
    assert jo.ask("POST", CREDENTIALS).status_code == 409


def test_a_gateway_is_shut_out_with_the_version_that_was_read(known: MemoryGateways, jo: Visitor) -> None:
    tag = jo.get("/api/v1/gateways/elm-14").headers["etag"]
    assert jo.ask("DELETE", CREDENTIALS).status_code == 428
    assert jo.ask("DELETE", CREDENTIALS, headers={"If-Match": '"1"'}).status_code == 412
    assert jo.ask("DELETE", CREDENTIALS, headers={"If-Match": tag}).status_code == 204
    assert known.standing == {}
    assert jo.ask("DELETE", CREDENTIALS, headers={"If-Match": '"0"'}).status_code == 404


def test_a_hub_that_lets_nobody_in_says_why(known: MemoryGateways, jo: Visitor) -> None:
    known.why_not = "gateways cannot join"
    answers = [jo.ask("POST", CODES), jo.ask("POST", CREDENTIALS)]
    answers += [jo.ask("DELETE", CREDENTIALS, headers={"If-Match": f'"{JOINED.version}"'})]
    answers += [jo.send(f"/gateways/elm-14/{act}") for act in ("code", "rotate", "remove")]
    assert {each.status_code for each in answers} == {409}
    assert all("gateways cannot join" in each.text for each in answers)


def test_settings_go_down_with_the_version_that_was_read(known: MemoryGateways, jo: Visitor) -> None:
    read = jo.get(SETTINGS)
    assert (read.json()["settings"], read.json()["is_taken"]) == ({"commit_every": 5}, True)
    assert read.json()["refused"] == {"alone": "no way out here"}
    tag, body = {"If-Match": read.headers["etag"]}, {"settings": {"commit_every": 9}}
    assert jo.ask("PUT", SETTINGS, json=body).status_code == 428
    put = jo.ask("PUT", SETTINGS, json=body, headers=tag)
    assert (put.status_code, put.json()["version"], put.json()["is_taken"]) == (200, 5, False)
    assert jo.ask("PUT", SETTINGS, json=body, headers=tag).status_code == 412
    tag = {"If-Match": put.headers["etag"]}
    assert jo.ask("PUT", SETTINGS, json={"settings": {"rooms": {}}}, headers=tag).status_code == 422
    for becomes, status in ((Change.BUSY, 409), (Change.AWAY, 503)):
        known.becomes = becomes
        assert jo.ask("PUT", SETTINGS, json=body, headers=tag).status_code == status


def test_the_pages_show_and_do_the_same(hub: MemoryHub, known: MemoryGateways, jo: Visitor) -> None:
    silent = make_alert("g1", "elm-14", Kind.GATEWAY_SILENT, Urgency.SOON, NOW - HOUR, "Nothing heard from this home.")
    hub.histories["g1"] = history(silent)
    text = words(jo.get("/gateways").text)
    assert "elm-14 online We cannot see this home since Mon 5 Jan 2026, 08:40 UTC." in text
    text = words(jo.get("/gateways/elm-14").text)
    assert "It follows version 4, the newest." in text
    assert "It does not follow: alone (no way out here)." in text
    made = jo.send("/gateways/elm-14/code")
    assert (made.status_code, CODE in made.text, made.headers["cache-control"]) == (200, True, "no-store")
    page = jo.get("/gateways/elm-14").text
    assert CODE not in page
    assert "The code that begins with ACD may be used once" in words(page)
    for act, form, told in (
        ("code/withdraw", {"mark": "ACD"}, "code-withdrawn"),
        ("rotate", {}, "rotating"),
        ("settings", {"version": "4", "settings": '{"commit_every": 7}'}, "gateway-settings"),
        ("remove", {}, "gateway-removed"),
    ):
        answer = jo.send(f"/gateways/elm-14/{act}", **form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/gateways/elm-14?told={told}")
        assert "Done" in words(jo.get(answer.headers["location"]).text)
    assert known.sent["elm-14"].wanted == {"commit_every": 7}


def test_forms_that_cannot_be_followed(known: MemoryGateways, jo: Visitor) -> None:
    assert jo.send("/gateways/elm-14/code/withdraw", mark="ZZZ").status_code == 404
    assert jo.send("/gateways/oak-2/remove").status_code == 404
    assert jo.send("/gateways/elm-14/rotate").status_code == 303
    assert jo.send("/gateways/elm-14/rotate").status_code == 409
    for typed in ("[1]", "{", '{"rooms": {}}'):
        answer = jo.send("/gateways/elm-14/settings", version="4", settings=typed)
        assert (answer.status_code, 'href="#settings"' in answer.text) == (422, True)
    answer = jo.send("/gateways/elm-14/settings", version="3", settings="{}")
    assert (answer.status_code, "Somebody changed the settings since" in answer.text) == (422, True)
    known.becomes = Change.AWAY
    assert "the broker cannot be reached" in jo.send("/gateways/elm-14/settings", version="4", settings="{}").text


@pytest.mark.parametrize("state", [*CodeState])
def test_a_code_in_each_state(known: MemoryGateways, jo: Visitor, state: CodeState) -> None:
    known.made["elm-14"] = CodeRow("ACD", AT, AT + HOUR, state)
    page = jo.get("/gateways/elm-14").text
    assert ("Withdraw the code" in page) is (state is CodeState.OPEN)
