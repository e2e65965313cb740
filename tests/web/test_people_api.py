"""Residents and response cards in the API: versions in If-Match, each look in the chronology."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sensor_hub.desk.people import StoredPeople
from tests.web.builders import MemoryHub
from tests.web.people import entries, stored_people
from tests.web.roles import TOKEN, Known, everybody, open_site
from tests.web.test_pages import words
from tests.web.visitor import ORIGIN, Visitor

CARD_PATH = "/api/v1/homes/elm-14/card"
PEOPLE_PATH = "/api/v1/homes/elm-14/residents"
SENT = {
    "telephone": "01632 960111",
    "key_safe_code": "4711#",
    "relatives": [{"name": "Ruth Okafor", "telephone": "01632 960222", "relation": "daughter"}],
    "risks": ["dog"],
    "is_checked": True,
}


@pytest.fixture
def people(tmp_path: Path, hub: MemoryHub) -> Iterator[StoredPeople]:
    with stored_people(tmp_path, hub) as people:
        yield people


class Program(Visitor):
    """Asks the API in a role."""

    def __init__(self, hub: MemoryHub, people: StoredPeople) -> None:
        super().__init__(open_site(hub, Known(everybody()), people=people))
        self.role = "care_manager"

    def call(self, method: str, path: str, body: object = None, match: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.role}", **({} if match is None else {"If-Match": match})}
        return self.ask(method, path, json=body, headers=headers)


@pytest.fixture
def program(hub: MemoryHub, people: StoredPeople) -> Program:
    return Program(hub, people)


def test_a_card_is_changed_by_the_version_that_was_read(program: Program, people: StoredPeople) -> None:
    answer = program.call("GET", CARD_PATH)
    assert (answer.headers["ETag"], answer.json()["version"]) == ('"0"', 0)
    assert program.call("PUT", CARD_PATH, SENT).status_code == 428
    answer = program.call("PUT", CARD_PATH, SENT, match='"0"')
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    told = answer.json()
    assert told["relatives"] == [
        {"name": "Ruth Okafor", "telephone": "01632 960222", "relation": "daughter", "note": ""}
    ]
    assert (told["checked_at"], told["checked_by"]) == ("2026-01-05T09:40:00Z", "jo")
    for match in ('"0"', '"2"', "1", 'W/"0"', "*"):
        assert program.call("PUT", CARD_PATH, {}, match=match).status_code == 412
    assert program.call("PUT", CARD_PATH, {**SENT, "key_safe_code": "0815"}, match='"1"').status_code == 200
    changes = program.call("GET", f"{CARD_PATH}/changes").json()["items"]
    assert [each["fields"] for each in changes] == [
        ["key_safe_code"],
        ["telephone", "key_safe_code", "relatives", "risks"],
    ]
    assert not any("4711" in text or "0815" in text for entry in entries(people) for text in entry)


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "1"},
        {"telephone": "none"},
        {"key_safe_code": "x" * 41},
        {"risks": ["cat"]},
        {"relatives": [{"name": "", "telephone": "1"}]},
        {"relatives": [{"name": "A", "telephone": "0123"}] * 7},
    ],
)
def test_a_card_that_cannot_be_kept_is_refused_without_repeating_it(program: Program, wrong: dict[str, object]) -> None:
    answer = program.call("PUT", CARD_PATH, wrong, match='"0"')
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "x" * 41 not in answer.text


def test_residents_are_added_changed_and_removed(program: Program, people: StoredPeople) -> None:
    answer = program.call("POST", PEOPLE_PATH, {"name": "Henrietta Grimshaw", "born": "1938-04-09"})
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    path = answer.headers["Location"]
    assert path == f"{PEOPLE_PATH}/{answer.json()['id']}"
    assert program.call("GET", PEOPLE_PATH).json()["items"] == [answer.json()]
    changed = {"name": "Henrietta Grimshaw", "preferred_name": "Hettie"}
    assert program.call("PUT", path, changed).status_code == 428
    assert program.call("PUT", path, changed, match='"2"').status_code == 412
    assert program.call("PUT", path, changed, match='"1"').json()["born"] is None
    assert program.call("PUT", path, {"name": ""}, match='"2"').status_code == 422
    assert program.call("DELETE", path, match='"1"').status_code == 412
    assert program.call("DELETE", path, match='"2"').status_code == 204
    for method, match in (("GET", None), ("PUT", '"2"'), ("DELETE", '"2"')):
        assert program.call(method, path, {"name": "A"}, match=match).status_code == 404
    found = entries(people)
    name = path.rpartition("/")[2]
    assert ("care_manager", "care_manager", "person_changed", "elm-14", name, "preferred_name, born") in found
    assert ("care_manager", "care_manager", "saw", "elm-14", name, "people") in found
    assert not any("Grimshaw" in text or "Hettie" in text for entry in found for text in entry)


def test_roles_and_tenants_hold_in_the_api(program: Program) -> None:
    program.call("PUT", CARD_PATH, SENT, match='"0"')
    for role, sees, changes in (("duty_officer", 200, 403), ("technician", 404, 404), ("integration", 200, 200)):
        program.role = role
        assert program.call("GET", CARD_PATH).status_code == sees
        assert program.call("GET", PEOPLE_PATH).status_code == sees
        assert program.call("PUT", CARD_PATH, SENT, match='"1"').status_code == changes
        assert program.call("GET", "/api/v1/homes/oak-2/card").status_code == 404
        assert program.call("GET", "/api/v1/homes/none/residents").status_code == 404


def test_a_record_is_kept_on_the_page_and_what_is_wrong_is_said(hub: MemoryHub, people: StoredPeople) -> None:
    visitor = Visitor(open_site(hub, Known(everybody()), people=people))
    visitor.cookies.set("sensor_hub_session", "care_manager")

    def send(path: str, **form: str) -> httpx.Response:
        return visitor.ask("POST", path, form={"token": TOKEN, **form}, headers={"Origin": ORIGIN})

    path = "/homes/elm-14/residents"
    assert "Nobody’s record is kept." in visitor.get(path).text
    answer = send(path, name="", born="1838-01-01", address="3 Elm Row")
    assert answer.status_code == 422
    text = words(answer.text)
    assert "Enter a name" in text
    assert "Date of birth: look at the year" in text
    assert "3 Elm Row" in text
    assert send(path, name="Albert", born="9.4.38").status_code == 422
    answer = send(path, name="Albert", born="1938-04-09")
    assert answer.headers["location"] == "/homes/elm-14/residents?told=resident"
    (row,) = people.residents("elm-14", by=everybody()["first"])
    assert send(f"{path}/{row.id}", name="Bert", version="0").status_code == 409
    assert send(f"{path}/{row.id}", name="Bert", version="1").status_code == 303
    assert "Bert" in visitor.get(f"{path}?told=resident").text
    assert send(f"{path}/{row.id}/remove", version="1").status_code == 409
    assert send(f"{path}/{row.id}/remove", version="2").status_code == 303
    assert send(f"{path}/{row.id}/remove", version="2").status_code == 404
