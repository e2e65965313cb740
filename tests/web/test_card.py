"""The response card: behind a press that is written down, for those who respond, and never overwritten unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from sensor_hub.desk.people import StoredPeople
from sensor_hub.model.card import CHECK_AFTER, Relative, ResidentRecord, ResponseCard, Risk
from tests.web.builders import MemoryHub, make_site
from tests.web.people import entries, stored_people
from tests.web.roles import TOKEN, Known, everybody, open_site
from tests.web.test_pages import words
from tests.web.visitor import ORIGIN, Visitor

CARD = ResponseCard(
    telephone="01632 960111",
    key_safe_code="4711#",
    key_safe_place="behind the drain pipe",
    relatives=(Relative("Ruth Okafor", "01632 960222", "daughter", "has a key"), Relative("Piotr", "01632 960333")),
    risks=frozenset({Risk.DOG, Risk.OXYGEN}),
    risk_words="the terrier bites",
    gp_name="Dr Quillfeather",
)
RECORD = ResidentRecord("Henrietta Grimshaw", "Hettie", "3 Elm Row", "", date(1938, 4, 9))
JO = everybody()["first"]


@pytest.fixture
def people(tmp_path: Path, hub: MemoryHub) -> Iterator[StoredPeople]:
    with stored_people(tmp_path, hub) as people:
        yield people


@pytest.fixture
def kept(people: StoredPeople) -> StoredPeople:
    """A card and a resident in elm-14."""
    people.set_card("elm-14", CARD, version=0, is_checked=True, by=JO)
    people.add_resident("elm-14", RECORD, by=JO)
    return people


@pytest.fixture
def jo(hub: MemoryHub, people: StoredPeople) -> Visitor:
    visitor = Visitor(make_site(hub, people=people))
    visitor.sign_in("Jo")
    return visitor


def fields(page: str) -> dict[str, str]:
    """What the form of the card holds."""
    found = dict(re.findall(r'<input[^>]*name="([^"]+)"\s+type="[a-z]+" value="([^"]*)"', page))
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    return {**found, "version": hidden["version"]}


def test_the_card_is_behind_a_press_that_is_written_down(jo: Visitor, kept: StoredPeople) -> None:
    before = entries(kept)
    page = jo.get("/alerts/a1").text
    assert "Show response card" in page
    assert "Last checked 5 Jan 2026." in page
    assert not any(each in page for each in ("4711", "Okafor", "Grimshaw", "960"))
    assert entries(kept) == before
    page = jo.send("/alerts/a1/card").text
    text = words(page)
    assert "Henrietta Grimshaw (called Hettie)" in text
    assert "4711# behind the drain pipe" in text
    assert "Mind when you go in Dog Oxygen in use: no flames, no smoking the terrier bites" in text
    assert "Ruth Okafor , daughter 01632 960222 has a key Piotr 01632 960333" in text
    assert 'href="tel:01632960222"' in page
    assert entries(kept)[len(before) :] == [("password:Jo", "administrator", "saw", "elm-14", "a1", "card")]


def test_a_view_that_cannot_be_written_down_is_not_shown(jo: Visitor, kept: StoredPeople) -> None:
    with kept.people.database.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE chronology")
    answer = jo.send("/alerts/a1/card")
    assert answer.status_code == 500
    assert "4711" not in answer.text


def test_an_alert_without_a_card_says_so(jo: Visitor) -> None:
    assert "None is kept for this home." in jo.get("/alerts/a1").text
    text = words(jo.send("/alerts/a1/card").text)
    assert "Nobody’s name is kept" in text
    assert "Write the card" in text
    assert jo.send("/alerts/none/card").status_code == 404
    assert jo.send("/homes/none/card").status_code == 404


def test_a_card_is_written_reordered_and_kept_with_its_changes(jo: Visitor, people: StoredPeople) -> None:
    typed = fields(jo.send("/homes/elm-14/card/edit").text)
    typed |= {"telephone": "01632 960111", "risks": "dog", "notes": "side door", "is_checked": "yes"}
    typed |= {"relative-0-name": "Piotr", "relative-0-telephone": "01632 960333", "relative-0-order": "2"}
    typed |= {"relative-1-name": "Ruth", "relative-1-telephone": "01632 960222", "relative-1-order": "1"}
    answer = jo.send("/homes/elm-14/card/save", **typed)
    assert (answer.status_code, answer.headers["location"]) == (303, "/homes/elm-14?told=card")
    assert "The response card is kept as you wrote it." in jo.get("/homes/elm-14?told=card").text
    row = people.card("elm-14", by=JO)
    assert [each.name for each in row.card.relatives] == ["Ruth", "Piotr"]
    assert (row.card.risks, row.card.notes, row.checked_by) == (frozenset({Risk.DOG}), "side door", "Jo")
    text = words(jo.send("/homes/elm-14/card").text)
    assert "09:40 today, Jo: resident’s telephone, whom to call, risks on entry, notes" in text
    assert entries(people)[-3][2:] == ("card_changed", "elm-14", "", "telephone, relatives, risks, notes, checked")


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(jo: Visitor, people: StoredPeople) -> None:
    typed = fields(jo.send("/homes/elm-14/card/edit").text)
    typed |= {"telephone": "unknown", "notes": "side door", "relative-2-name": "Ruth"}
    answer = jo.send("/homes/elm-14/card/save", **typed)
    assert answer.status_code == 422
    text = words(answer.text)
    assert "There is a problem" in text
    assert "Resident’s telephone: enter a number, like 01632 960001" in text
    assert "Person 1 to call: enter a number" in text
    assert "side door" in text
    assert not people.card_state("elm-14").is_kept
    assert jo.send("/homes/elm-14/card/save", version="x").status_code == 422


def test_of_two_who_change_it_the_second_sees_what_the_first_wrote(jo: Visitor, kept: StoredPeople) -> None:
    typed = fields(jo.send("/homes/elm-14/card/edit").text)
    sam = everybody()["care_manager"]
    kept.set_card("elm-14", ResponseCard(key_safe_code="0815"), version=1, is_checked=False, by=sam)
    answer = jo.send("/homes/elm-14/card/save", **typed, notes="mine")
    assert answer.status_code == 409
    text = words(answer.text)
    assert "jo changed this card while you did. Nothing of yours was kept yet" in text
    assert "Key safe code: changed by jo. It says now: 0815" in text
    assert "mine" in text
    assert kept.card("elm-14", by=JO).card.key_safe_code == "0815"
    again = fields(answer.text)
    assert (again["version"], again["key_safe_code"]) == ("2", "4711#")
    assert jo.send("/homes/elm-14/card/save", **again).status_code == 303


def test_old_cards_are_marked_and_can_be_said_to_be_right(hub: MemoryHub, jo: Visitor, kept: StoredPeople) -> None:
    hub.at += CHECK_AFTER + 1
    jo.sign_in("Jo")
    assert "more than six months ago" in jo.get("/homes/elm-14").text
    page = words(jo.send("/homes/elm-14/card").text)
    assert "Ring before you rely on it." in page
    assert jo.send("/homes/elm-14/card/checked", version="0").status_code == 409
    assert jo.send("/homes/elm-14/card/checked", version="1").status_code == 303
    assert "more than six months ago" not in jo.get("/homes/elm-14").text
    assert "looked through, and all of it was right" in words(jo.send("/homes/elm-14/card").text)


def test_a_lost_key_is_said_and_the_rest_of_the_page_works(jo: Visitor, kept: StoredPeople, tmp_path: Path) -> None:
    (tmp_path / "hub.key").unlink()
    kept.people.vault._keys.clear()
    assert jo.get("/alerts/a1").status_code == 200
    for answer in (jo.send("/alerts/a1/card"), jo.get("/homes/elm-14/residents")):
        assert answer.status_code == 503
        assert "Personal data are locked" in answer.text
        assert str(tmp_path) not in answer.text
    assert jo.get("/api/v1/homes/elm-14/card").json()["title"] == "Service Unavailable"


@pytest.fixture
def site(hub: MemoryHub, kept: StoredPeople) -> FastAPI:
    return open_site(hub, Known(everybody()), people=kept)


def press(site: FastAPI, role: str, path: str, **form: str) -> httpx.Response:
    visitor = Visitor(site)
    visitor.cookies.set("sensor_hub_session", role)
    return visitor.ask("POST", path, form={"token": TOKEN, **form}, headers={"Origin": ORIGIN})


@pytest.mark.parametrize(
    ("role", "sees", "changes"),
    [
        ("duty_officer", 200, 403),
        ("care_manager", 200, 303),
        ("technician", 404, 404),
        ("commissioner", 404, 404),
        ("family", 404, 404),
        ("resident", 404, 404),
        ("administrator", 404, 404),
    ],
)
def test_only_those_who_respond_see_it(site: FastAPI, kept: StoredPeople, role: str, sees: int, changes: int) -> None:
    before = len(entries(kept))
    for path in ("/homes/elm-14/card", "/alerts/a1/card"):
        answer = press(site, role, path)
        assert answer.status_code == sees
        assert ("4711" in answer.text) == (sees == 200)
    views = [(role, role, "saw", "elm-14", alert, "card") for alert in ("", "a1")]
    assert entries(kept)[before:] == (views if sees == 200 else [])
    assert press(site, role, "/homes/elm-14/card/checked", version="1").status_code == changes
    for path in ("/homes/oak-2/card", "/homes/oak-2/card/checked"):
        # Another tenant's.
        assert press(site, role, path, version="0").status_code in {403, 404}
        assert "oak-2" not in {each[3] for each in entries(kept)}


def test_a_card_is_not_offered_to_whoever_may_not_see_it(site: FastAPI) -> None:
    visitor = Visitor(site)
    for role, offers in (("duty_officer", True), ("technician", False), ("family", False)):
        visitor.cookies.set("sensor_hub_session", role)
        page = visitor.get("/homes/elm-14").text
        assert ("Show response card" in page) == offers
        assert ("Residents’ records" in page) == offers
