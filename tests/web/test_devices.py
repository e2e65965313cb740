"""Devices by the API and on the home's page: how each is, which replaces which, and which were taken away."""

from __future__ import annotations

import pytest

from sensor_hub.web.ports import Answer
from tests.web.builders import MemoryHub
from tests.web.test_pages import words
from tests.web.visitor import Visitor

NEW = "0x00158d0001ff0009"
HALL = "0x00158d0001a20005"
DEVICES = "/api/v1/homes/elm-14/devices"


def standing(jo: Visitor, device: str) -> tuple[str, str | None]:
    row = jo.get(f"{DEVICES}/{device}").json()
    return row["standing"], row["room"]


def test_all_devices_by_pages(hub: MemoryHub, jo: Visitor) -> None:
    whole = jo.get(DEVICES).json()
    ids = [each["id"] for each in whole["items"]]
    assert ids == sorted(ids)
    assert {each.id for each in hub.rows["elm-14"].home.devices} | {NEW} == set(ids)
    found, cursor = list[str](), ""
    while True:
        page = jo.get(f"{DEVICES}?limit=2{f'&cursor={cursor}' if cursor else ''}").json()
        found += [each["id"] for each in page["items"]]
        if page["following"] is None:
            break
        cursor = page["following"]
    assert found == ids
    assert jo.get(f"{DEVICES}?cursor=x").status_code == 422
    assert jo.get("/api/v1/homes/nobody/devices").status_code == 404


def test_one_device_says_how_it_is(jo: Visitor) -> None:
    row = jo.get(f"{DEVICES}/{HALL}")
    assert (row.json()["room"], row.json()["is_gateway"], row.json()["unseen"]) == ("hall", False, [])
    assert row.headers["etag"].startswith(f'"{row.json()["version"]}-')
    assert jo.get(f"{DEVICES}/gateway").json()["is_gateway"]
    assert standing(jo, NEW) == ("unplaced", None)
    assert jo.get(f"{DEVICES}/nobody").status_code == 404


def test_a_device_is_replaced_and_that_is_undone(jo: Visitor) -> None:
    answer = jo.ask("POST", f"{DEVICES}/{HALL}/replace", json={"by_device": NEW})
    assert (answer.status_code, answer.json()["id"], answer.json()["room"]) == (200, NEW, "hall")
    assert standing(jo, HALL) == ("replaced", "hall")
    assert jo.get(f"{DEVICES}/{HALL}").json()["by_device"] == NEW
    assert jo.ask("POST", f"{DEVICES}/{HALL}/replace", json={"by_device": "other"}).status_code == 404
    assert jo.ask("POST", f"{DEVICES}/{NEW}/replace", json={"by_device": HALL}).status_code == 200
    assert standing(jo, HALL)[1] == "hall"
    assert standing(jo, NEW) == ("replaced", "hall")


def test_a_replacement_that_cannot_be(hub: MemoryHub, jo: Visitor) -> None:
    path = f"{DEVICES}/{HALL}/replace"
    kitchen = next(each.id for each in hub.rows["elm-14"].home.devices if each.room.value == "kitchen")
    assert jo.ask("POST", path, json={"by_device": "?"}).status_code == 422
    answer = jo.ask("POST", path, json={"by_device": kitchen})
    assert (answer.status_code, "stands in another room" in answer.json()["detail"]) == (409, True)
    assert jo.ask("POST", "/api/v1/homes/nobody/devices/x/replace", json={"by_device": NEW}).status_code == 404


def test_a_device_is_taken_away_with_the_version_that_was_read(hub: MemoryHub, jo: Visitor) -> None:
    path = f"{DEVICES}/{HALL}"
    tag = jo.get(path).headers["etag"]
    assert jo.ask("DELETE", path).status_code == 428
    assert jo.ask("DELETE", path, headers={"If-Match": '"7"'}).status_code == 412
    assert jo.ask("DELETE", path, headers={"If-Match": tag}).status_code == 204
    assert standing(jo, HALL) == ("taken_away", "hall")
    assert jo.get(path).json()["unseen"] == ["contact"]
    assert jo.ask("DELETE", path, headers={"If-Match": jo.get(path).headers["etag"]}).status_code == 404
    assert jo.ask("DELETE", f"{DEVICES}/{NEW}", headers={"If-Match": '"0"'}).status_code == 404
    tag = jo.get(path).headers["etag"]
    assert jo.ask("PUT", path, json={"room": "hall"}, headers={"If-Match": tag}).status_code == 200
    assert not hub.rows["elm-14"].gone


def test_the_same_on_the_page(hub: MemoryHub, jo: Visitor) -> None:
    page = jo.get("/homes/elm-14").text
    assert f'id="by-{HALL}"' in page
    assert 'id="by-gateway"' not in page
    assert f'<option value="{NEW}">' in page
    answer = jo.send("/homes/elm-14/devices/replace", device=HALL, by_device=f" {NEW} ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/homes/elm-14?told=replaced#devices")
    text = words(jo.get("/homes/elm-14?told=replaced").text)
    assert "The new device is watched in the old one’s place" in text
    assert f"Hall door {HALL} replaced by {NEW} 09:40 today (just now)" in text
    assert jo.send("/homes/elm-14/devices/take-away", device=NEW).status_code == 303
    text = words(jo.get("/homes/elm-14").text)
    assert f"{NEW} taken away 09:40 today (just now). Nothing else shows the door in the hall." in text
    assert "1 device taken away" in words(jo.get("/homes").text)


def test_forms_that_cannot_be_followed(hub: MemoryHub, jo: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = "/homes/elm-14/devices/replace"
    for wrong in ("", "?", HALL):
        answer = jo.send(replace, device=HALL, by_device=wrong)
        assert (answer.status_code, f'href="#by-{HALL}"' in answer.text) == (422, True)
    assert jo.send(replace, device="nobody", by_device=NEW).status_code == 404
    assert jo.send("/homes/elm-14/devices/take-away", device="nobody").status_code == 404
    monkeypatch.setattr(hub, "replace_device", lambda *_, **__: Answer.TAKEN)
    answer = jo.send(replace, device=HALL, by_device=NEW)
    assert (answer.status_code, "stands in another room" in answer.text) == (422, True)
