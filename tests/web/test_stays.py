"""Absences and visits are told on the home's page and by the API, in the home's own time, with errors that help."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from sensor_hub.model.moment import DAY, HOUR, iso
from sensor_hub.model.stay import OPEN, Stay, ToldStay
from tests.web.builders import NOW, MemoryHub
from tests.web.test_pages import words
from tests.web.visitor import Visitor

PATH = "/homes/elm-14/stays"
API = "/api/v1/homes/elm-14/absences"


def told(hub: MemoryHub, stay: Stay = Stay.ABSENCE) -> list[ToldStay]:
    return list(hub.rows["elm-14"].stays.of(stay).values())


def test_an_absence_begun_yesterday_and_without_end(hub: MemoryHub, jo: Visitor) -> None:
    assert "Absences and visits None is told." in words(jo.get("/homes/elm-14").text)
    answer = jo.send(PATH, stay="absence", start="2026-01-04T18:00", end="")
    assert (answer.status_code, answer.headers["location"]) == (303, "/homes/elm-14?told=stay")
    began = NOW - 15 * HOUR - 40 * 60
    assert told(hub) == [ToldStay(began, OPEN, "Jo", NOW)]
    text = words(jo.get("/homes/elm-14?told=stay").text)
    assert "It is told, and holds from now on." in text
    assert "Away since 18:00 yesterday until somebody says otherwise told by Jo, 09:40 today (just now)" in text
    assert "away, as people told" in words(jo.get("/homes").text)
    jo.send(f"{PATH}/end", stay="absence", start=iso(began), end="2026-01-09T11:00")
    assert "Away since 18:00 yesterday until 11:00 on Fri 9 Jan" in words(jo.get("/homes/elm-14").text)
    answer = jo.send(f"{PATH}/over", stay="absence", start=iso(began))
    assert answer.headers["location"] == "/homes/elm-14?told=stay-over"
    assert told(hub) == [ToldStay(began, NOW, "Jo", NOW)]
    assert "None is told." in words(jo.get("/homes/elm-14").text)
    assert jo.send(f"{PATH}/over", stay="visit", start=iso(began)).status_code == 404


def test_a_planned_visit_is_withdrawn(hub: MemoryHub, jo: Visitor) -> None:
    jo.send(PATH, stay="visit", start="2026-01-06T18:00", end="2026-01-08T18:00")
    text = words(jo.get("/homes/elm-14").text)
    assert "Visited from 18:00 tomorrow until 18:00 on Thu 8 Jan told by Jo" in text
    assert "Withdraw" in text
    jo.send(f"{PATH}/over", stay="visit", start=iso(told(hub, Stay.VISIT)[0].start))
    assert told(hub, Stay.VISIT) == []


@pytest.mark.parametrize(
    ("stay", "start", "end", "field", "problem"),
    [
        ("absence", "", "", "start", "Enter a date and a time like 2026-11-25 09:00"),
        ("absence", "2026-01-05T09:00", "2026-01-05T09:00", "end", "The end must be after the beginning"),
        ("absence", "2025-01-05T09:00", "", "start", "The beginning is more than 60 days ago: look at the date"),
        ("absence", "2027-03-05T09:00", "", "start", "The beginning is more than a year ahead: look at the date"),
        ("absence", "2026-01-05T09:00", "2062-01-09T09:00", "end", "The end is more than a year ahead"),
        ("visit", "2026-01-05T09:00", "", "end", "A visit needs an end: it can be ended before"),
        ("visit", "2026-01-05T09:00", "2026-03-05T09:00", "end", "A visit lasts 31 days at most"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(
    hub: MemoryHub, jo: Visitor, stay: str, start: str, end: str, field: str, problem: str
) -> None:
    answer = jo.send(PATH, stay=stay, start=start, end=end)
    assert answer.status_code == 422
    assert re.search(rf'<a href="#{stay}-{field}">{re.escape(problem)}', answer.text)
    assert f'id="{stay}-{field}-error"' in answer.text
    assert f'value="{start}"' in answer.text, "what was typed stays"
    assert told(hub, Stay(stay)) == []


def test_another_absence_in_the_way_is_named(hub: MemoryHub, jo: Visitor) -> None:
    jo.send(PATH, stay="absence", start="2026-01-05T08:00", end="2026-01-09T11:00")
    answer = jo.send(PATH, stay="absence", start="2026-01-08T08:00", end="")
    assert answer.status_code == 422
    expected = "There is one already, since 08:00 today until 11:00 on Fri 9 Jan, told by Jo: say of that one when it"
    assert expected in words(answer.text)
    jo.send(PATH, stay="absence", start="2026-01-11T08:00", end="2026-01-12T08:00")
    answer = jo.send(f"{PATH}/end", stay="absence", start=iso(told(hub)[0].start), end="2026-01-11T11:00")
    assert answer.status_code == 422
    assert "There is one already, from 08:00 on Sun 11 Jan" in words(answer.text)
    assert len(told(hub)) == 2


def test_a_described_absence_is_of_the_file(hub: MemoryHub, jo: Visitor) -> None:
    hub.rows["elm-14"].stays.describe([(NOW - HOUR, NOW + DAY)], NOW - 2 * DAY)
    assert "told by the home’s file, 09:40 on Sat 3 Jan" in words(jo.get("/homes/elm-14").text)


def test_forms_that_cannot_be_followed(hub: MemoryHub, jo: Visitor) -> None:
    form = {"stay": "absence", "start": "2026-01-05T08:00", "end": ""}
    assert jo.send("/homes/nobody/stays", **form).status_code == 404
    assert jo.send(PATH, **{**form, "stay": "holiday"}).status_code == 422
    assert jo.send(f"{PATH}/over", **{**form, "start": "then"}).status_code == 422
    assert jo.ask("POST", PATH, form={**form, "token": "another"}).status_code == 403
    assert told(hub) == []


def test_the_same_by_api(hub: MemoryHub, jo: Visitor) -> None:
    hub.rows["elm-14"] = replace(hub.rows["elm-14"], home=replace(hub.rows["elm-14"].home, timezone="Europe/Paris"))
    assert jo.get(API).json()["items"] == []
    answer = jo.ask("POST", API, json={"start": "2026-01-05 09:00", "end": None, "by": "Ana"})
    assert (answer.status_code, answer.headers["location"]) == (201, f"{API}/2026-01-05T08:00:00Z")
    row = answer.json()
    assert row == {
        "start": "2026-01-05T08:00:00Z",
        "end": None,
        "by": "Ana",
        "told_at": iso(NOW),
        "is_described": False,
        "is_current": True,
        "version": round(NOW * 1000),
    }
    assert jo.get(API).json()["items"] == [row] == [jo.get(answer.headers["location"]).json()]
    assert jo.ask("POST", API, json={"start": "2026-01-05 09:30", "end": None}).status_code == 409
    wrong = jo.ask("POST", API, json={"start": "soon", "end": None})
    assert wrong.status_code == 422
    assert wrong.json()["detail"].startswith("start: enter a date and a time like")
    where, change = f"{API}/{row['start']}", {"end": "2026-01-06T08:00:00Z"}
    seen = {"If-Match": answer.headers["etag"]}
    hub.at += 60
    assert jo.ask("PUT", where, json=change).status_code == 428
    changed = jo.ask("PUT", where, json=change, headers=seen)
    assert (changed.json()["end"], changed.json()["by"]) == ("2026-01-06T08:00:00Z", "Jo")
    assert jo.ask("PUT", where, json={"end": None}, headers=seen).status_code == 412
    assert jo.ask("DELETE", where, headers=seen).status_code == 412
    seen = {"If-Match": changed.headers["etag"]}
    assert jo.ask("DELETE", f"{API}/2026-01-01 09:00", headers=seen).status_code == 404
    assert jo.ask("DELETE", f"{API}/2026-01-05 09:00", headers=seen).status_code == 204
    assert jo.get(API).json()["items"] == []
    assert [one.end for one in told(hub)] == [NOW + 60]
    assert jo.ask("POST", API.replace("elm-14", "nobody"), json={"start": "now", "end": None}).status_code == 404
    assert jo.get(API.replace("absences", "holidays")).status_code == 404
    visits = API.replace("absences", "visits")
    assert jo.ask("POST", visits, json={"start": "now", "end": None}).status_code == 422
    assert jo.ask("POST", visits, json={"start": "now", "end": "2026-01-05 12:00"}).json()["is_current"]


def test_of_two_who_change_one_from_the_page_the_second_is_told_so(hub: MemoryHub, jo: Visitor) -> None:
    jo.send(PATH, stay="absence", start="2026-01-05T08:00", end="2026-01-09T11:00")
    ends = re.search(rf'action="{PATH}/end".*?</form>', jo.get("/homes/elm-14").text, re.DOTALL)
    assert ends is not None
    (version,) = re.findall(r'name="version" value="(\d+)"', ends.group())
    form = {"stay": "absence", "start": iso(told(hub)[0].start), "version": version}
    hub.at += 60
    assert jo.send(f"{PATH}/end", **form, end="2026-01-10T11:00").status_code == 303
    (first,) = told(hub)
    for path, end in ((f"{PATH}/end", "2026-01-11T11:00"), (f"{PATH}/over", "")):
        late = jo.send(path, **form, end=end)
        assert (late.status_code, "Somebody said otherwise of it since" in words(late.text)) == (422, True)
    assert told(hub) == [first]
