"""Devices that stand nowhere yet are placed from the home's page, others moved; and what a gateway says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.room import Room
from sensor_hub.web.gateway_said import GatewayRow, ToldAlone
from sensor_hub.web.ports import Answer, HomeRow
from tests.web.builders import NOW, MemoryHub
from tests.web.test_pages import words
from tests.web.visitor import Visitor

NEW = "0x00158d0001ff0009"
HALL = "0x00158d0001a20005"


def tell(hub: MemoryHub, home: str, **more: object) -> None:
    """The home's gateway as it is, but for `more`."""
    row = hub.rows[home]
    assert isinstance(row.gateway, GatewayRow)
    hub.rows[home] = replace(row, gateway=replace(row.gateway, **more))


def room(hub: MemoryHub, device: str) -> Room | None:
    return next((each.room for each in hub.rows["elm-14"].home.devices if each.id == device), None)


def test_a_device_that_stands_nowhere_is_placed(hub: MemoryHub, jo: Visitor) -> None:
    tell(hub, "elm-14", names={HALL: "front door"})
    hub.rows["elm-14"] = replace(
        hub.rows["elm-14"], unplaced=[replace(each, name="spare") for each in hub.rows["elm-14"].unplaced]
    )
    text = words(jo.get("/homes/elm-14").text)
    assert "Not placed yet: watched by nothing" in text
    assert f"Motion {NEW} · spare heard 09:37 today (3 min ago)" in text
    assert f"Hall door {HALL} · front door" in text
    answer = jo.send("/homes/elm-14/place", device=NEW, room="study")
    assert (answer.status_code, answer.headers["location"]) == (303, "/homes/elm-14?told=placed")
    assert room(hub, NEW) is Room.STUDY
    text = words(jo.get("/homes/elm-14?told=placed").text)
    assert "The device is placed, and watched there from now on." in text
    assert "Not placed yet" not in text


def test_a_placed_device_is_moved_but_not_the_gateway(hub: MemoryHub, jo: Visitor) -> None:
    page = jo.get("/homes/elm-14").text
    assert f'id="room-{HALL}"' in page
    assert 'id="room-gateway"' not in page
    jo.send("/homes/elm-14/place", device=HALL, room="entrance")
    assert room(hub, HALL) is Room.ENTRANCE


def test_a_room_has_to_be_chosen(hub: MemoryHub, jo: Visitor) -> None:
    for wanted in ("", "moon"):
        answer = jo.send("/homes/elm-14/place", device=NEW, room=wanted)
        assert answer.status_code == 422
        assert f'<a href="#room-{NEW}">Choose a room for {NEW}</a>' in answer.text
        assert f'aria-describedby="room-{NEW}-error"' in answer.text
    assert room(hub, NEW) is None


def test_forms_that_cannot_be_followed(hub: MemoryHub, jo: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    form = {"device": NEW, "room": "hall"}
    assert jo.send("/homes/nobody/place", **form).status_code == 404
    assert jo.send("/homes/elm-14/place", device="?", room="hall").status_code == 422
    assert jo.ask("POST", "/homes/elm-14/place", form={**form, "token": "another"}).status_code == 403
    monkeypatch.setattr(hub, "place", lambda *_, **__: Answer.FULL)
    assert jo.send("/homes/elm-14/place", **form).status_code == 409
    assert room(hub, NEW) is None


def test_the_same_by_api(hub: MemoryHub, jo: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/api/v1/homes/elm-14/devices/{NEW}"
    none = {"If-Match": '"0"'}
    assert jo.ask("PUT", path, json={"room": "study"}).status_code == 428
    answer = jo.ask("PUT", path, json={"room": "study"}, headers=none)
    assert (answer.status_code, answer.json()["room"], answer.json()["version"]) == (200, "study", round(NOW * 1000))
    assert jo.ask("PUT", path, json={"room": "hall"}, headers=none).status_code == 412
    seen = {"If-Match": answer.headers["etag"]}
    assert jo.ask("PUT", path, json={"room": "moon"}, headers=seen).status_code == 422
    assert jo.ask("PUT", "/api/v1/homes/elm-14/devices/-", json={"room": "hall"}, headers=none).status_code == 422
    assert jo.ask("PUT", "/api/v1/homes/nobody/devices/x", json={"room": "hall"}).status_code == 404
    monkeypatch.setattr(hub, "place", lambda *_, **__: Answer.FULL)
    assert jo.ask("PUT", path, json={"room": "hall"}, headers=seen).status_code == 409


def test_of_two_who_move_one_the_second_is_told_so(hub: MemoryHub, jo: Visitor) -> None:
    form = {"device": HALL, "version": "0"}
    assert jo.send("/homes/elm-14/place", **form, room="entrance").status_code == 303
    for path, more in (("place", {"room": "study"}), ("devices/take-away", {})):
        late = jo.send(f"/homes/elm-14/{path}", **form, **more)
        assert (late.status_code, "Somebody said since where this device stands" in late.text) == (422, True)
    assert f'name="version" value="{round(NOW * 1000)}"' in jo.get("/homes/elm-14").text
    assert room(hub, HALL) is Room.ENTRANCE


def test_what_the_gateway_told_itself_and_what_it_refuses(hub: MemoryHub, jo: Visitor) -> None:
    told = [ToldAlone("Smoke in the kitchen", NOW - HOUR), ToldAlone("No movement for 14 h", None)]
    tell(hub, "elm-14", told_alone=told, refused={"scope": "not a list of metrics"})
    text = words(jo.get("/homes/elm-14").text)
    assert "It does not follow these settings: scope (not a list of metrics)." in text
    assert "nobody took it No movement for 14 h told 08:40 today (1 h ago) Smoke in the kitchen" in text


@pytest.mark.parametrize(("ago", "is_told"), [(HOUR, True), (2 * DAY, False)])
def test_a_gateway_and_its_copy_are_told_while_it_is_news(
    hub: MemoryHub, jo: Visitor, ago: float, *, is_told: bool
) -> None:
    tell(hub, "elm-14", cloned_at=NOW - ago)
    text = words(jo.get("/homes/elm-14").text)
    assert ("Two gateways speak for this home in turn, last seen 08:40 today" in text) is is_told
    assert ("two gateways" in words(jo.get("/homes").text).lower()) is is_told


def test_a_home_without_gateway_has_nothing_to_tell(hub: MemoryHub, jo: Visitor) -> None:
    row: HomeRow = hub.rows["elm-14"]
    hub.rows["elm-14"] = replace(row, gateway=None)
    assert "It has never said anything." in words(jo.get("/homes/elm-14").text)
