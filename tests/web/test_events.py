"""Who hears of what, from where on, and for how long."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass

import pytest
from anyio import CapacityLimiter

from sensor_hub.access.action import Action
from sensor_hub.access.role import Role
from sensor_hub.model.change import HIDDEN, Change, What
from sensor_hub.web import event_api, event_stream
from sensor_hub.web.bounds import Bounds
from sensor_hub.web.event_ports import Place
from sensor_hub.web.event_sight import NEEDED
from sensor_hub.web.event_stream import EventAnswer, EventStream
from sensor_hub.web.event_text import LINKS, cursor
from tests.web.builders import make_hub
from tests.web.memory_changes import MARK, MemoryChanges
from tests.web.roles import House, TwoTenants, everybody, program

EVENTS = "/api/v1/events"
FROM_THE_FIRST = cursor(Place(0, MARK))
SEE_ALL = [action for action in Action if action.value.partition(":")[2].startswith("see")]


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    data: dict[str, object]
    id: str


def read(text: str) -> list[Event]:
    found = []
    for block in text.removesuffix("\n\n").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append(Event(lines["event"], json.loads(lines["data"]), lines.get("id", "")))
    return found


@pytest.fixture
def house() -> House:
    house = House(make_hub())
    house.reset()
    return house


def heard(house: House, who: str, after: str = FROM_THE_FIRST) -> list[Event]:
    answer = house.get(who, f"{EVENTS}?after={after}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    return read(answer.text)


def told(house: House, who: str) -> set[str]:
    return {each.name for each in heard(house, who)} - {"hub.time", "end"}


def fill(changes: MemoryChanges, home: str = "elm-14") -> None:
    """One of each sort."""
    for what in What:
        kind = "inactivity" if what.value.startswith("alert") else ""
        detail = "cold" if what.value.startswith("silence") else ""
        about = "ann" if what is What.CONTACT_UNREACHED else "x"
        changes.add(what, "" if what is What.HUB_STARTED else home, about, kind, detail)


def test_each_change_has_somebody_who_may_hear_of_it_and_a_place_to_read_of_it() -> None:
    assert NEEDED.keys() == set(What) - HIDDEN
    assert {what.value.partition(".")[0] for what in NEEDED} == LINKS.keys()


@pytest.mark.parametrize("who", [role.value for role in Role])
def test_each_role_hears_of_what_it_may_see(house: House, who: str) -> None:
    fill(house.changes)
    person = everybody()[who]
    if not person.may(Action.SEE_EVENTS):
        assert house.get(who, EVENTS).status_code == 404
        return
    may_alerts = person.may(Action.SEE_CARE_ALERTS)
    expected = {what.value for what, needed in NEEDED.items() if person.may(needed)}
    expected = {each for each in expected if may_alerts or not each.startswith(("alert", "silence"))}
    assert told(house, who) == expected


def test_a_technician_hears_of_alerts_about_equipment_alone(house: House) -> None:
    house.changes.add(What.ALERT_RAISED, "elm-14", "a1", "device_silent", "soon")
    house.changes.add(What.ALERT_RAISED, "elm-14", "a2", "inactivity", "urgent")
    house.changes.add(What.SILENCE_SET, "elm-14", "s1", "", "device_silent")
    ids = [each.data["id"] for each in heard(house, "technician") if each.name not in {"hub.time", "end"}]
    assert ids == ["a1", "s1"]


def test_nobody_hears_of_another_tenants_homes(house: House) -> None:
    fill(house.changes, "oak-2")
    house.changes.add(What.SILENCE_SET, "oak-*", "s1")
    assert told(house, "care_manager") == {"contact.unreached", "hub.started"}
    house.changes.add(What.SILENCE_SET, "*", "s2")
    (silence,) = [each for each in heard(house, "care_manager") if each.name == "silence.set"]
    assert (silence.data["id"], silence.data["home"]) == ("s2", None)


def test_family_hear_of_nothing_that_the_resident_has_not_agreed_to(house: House) -> None:
    fill(house.changes)
    house.agreed = None
    house.reset()
    assert told(house, "family") == {"hub.started"}


def test_an_event_says_what_and_where_to_read_it_and_nothing_more(house: House) -> None:
    house.changes.add(What.ALERT_RAISED, "elm-14", "a1", "inactivity", "urgent")
    first, event, last = heard(house, "duty_officer")
    assert event.data == {
        "what": "alert.raised",
        "id": "a1",
        "home": "elm-14",
        "at": "1970-01-01T00:00:00Z",
        "link": "/api/v1/alerts/a1",
        "kind": "inactivity",
        "urgency": "urgent",
    }
    assert (first.name, first.data["watching"], last.name) == ("hub.time", True, "end")


def test_it_goes_on_behind_the_last_id(house: House) -> None:
    for number in range(3):
        house.changes.add(What.HOME_CHANGED, "elm-14", f"{number}")
    ids = [each.id for each in heard(house, "technician")]
    following = house.get("technician", f"{EVENTS}?after={ids[1]}")
    assert [each.data.get("id") for each in read(following.text)][1:-1] == ["1", "2"]
    assert [each.name for each in read(house.get("technician", EVENTS).text)] == ["hub.time", "end"]


def test_what_is_not_kept_any_more_is_lost_and_said_to_be_first(house: House) -> None:
    for _ in range(3):
        house.changes.add(What.HOME_CHANGED, "elm-14")
    house.changes.kept_from = 2
    for place in (Place(1, MARK), Place(2, MARK + 1), Place(9, MARK)):
        lost, time, end = heard(house, "technician", cursor(place))
        assert (lost.name, time.name, end.name) == ("lost", "hub.time", "end")
        assert lost.id == cursor(Place(3, MARK))


@pytest.mark.parametrize("wrong", ["x", "WyJhIl0", cursor(Place(1, MARK)) + "AA", "1" * 201])
def test_what_is_no_cursor_is_refused(house: House, wrong: str) -> None:
    assert house.get("technician", f"{EVENTS}?after={wrong}").status_code == 422


def test_streams_are_bounded_for_each_and_for_all(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_api, "MOST_EACH", 0)
    answer = house.get("technician", EVENTS)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
    monkeypatch.setattr(event_api, "MOST_EACH", 10)
    for _ in range(11):
        # Each is given back.
        assert house.get("technician", EVENTS).status_code == 200
    monkeypatch.setattr(event_api, "MOST", 0)
    assert house.get("technician", EVENTS).status_code == 429


# Of one stream alone, as time goes by.


@dataclass
class Seat:
    changes: MemoryChanges
    stream: EventStream
    may: bool = True
    looked: int = 0

    async def look(self) -> Bounds | None:
        self.looked += 1
        return self.stream.bounds if self.may else None


def seated() -> Seat:
    changes = MemoryChanges(TwoTenants(), stops=False)
    who = program(SEE_ALL)
    bounds = Bounds(who, TwoTenants(), lambda _: None, lambda _: None)

    async def look_again() -> Bounds | None:
        return await seat.look()

    stream = EventStream(changes, Place(0, MARK), bounds, look_again, lambda: 0.0, lambda: True, CapacityLimiter(1))
    seat = Seat(changes, stream)
    return seat


def run(test: Callable[[Seat, AsyncGenerator[bytes]], Awaitable[None]]) -> Seat:
    seat = seated()

    async def whole() -> None:
        texts = seat.stream.texts()
        async with asyncio.timeout(20):
            await test(seat, texts)
        await texts.aclose()

    asyncio.run(whole())
    assert seat.changes.listeners == 0
    return seat


async def following(texts: AsyncGenerator[bytes]) -> list[Event]:
    return read((await anext(texts)).decode())


def names(events: list[Event]) -> Iterator[str]:
    return (each.name for each in events)


def test_whoever_may_no_more_listen_hears_nothing_from_that_change_on() -> None:
    async def test(seat: Seat, texts: AsyncGenerator[bytes]) -> None:
        await following(texts)
        seat.changes.add(What.HOME_CHANGED, "elm-14")
        assert list(names(await following(texts))) == ["home.changed"]
        seat.may = False
        seat.changes.add(What.HOME_CHANGED, "elm-14")
        seat.changes.add(What.ACCESS)
        (end,) = await following(texts)
        assert (end.name, end.data["why"]) == ("end", event_stream.SIGNED_OUT)
        assert await anext(texts, None) is None

    run(test)


def test_a_stream_that_was_ended_by_time_alone_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "TIME_EVERY", 0.01)

    async def test(seat: Seat, texts: AsyncGenerator[bytes]) -> None:
        for _ in range(3):
            assert list(names(await following(texts))) == ["hub.time"]
        seat.may = False
        assert list(names(await following(texts))) == ["end"]

    run(test)


def test_a_sight_that_changed_holds_for_the_changes_that_follow() -> None:
    async def test(seat: Seat, texts: AsyncGenerator[bytes]) -> None:
        await following(texts)
        seat.stream.bounds.who = program([Action.SEE_EVENTS])
        seat.changes.add(What.ACCESS)
        seat.changes.add(What.HOME_CHANGED, "elm-14")
        seat.changes.add(What.HUB_STARTED)
        assert list(names(await following(texts))) == ["hub.started"]

    assert run(test).looked == 1


def test_who_reads_more_slowly_than_it_comes_is_told_from_where_to_go_on() -> None:
    async def test(seat: Seat, texts: AsyncGenerator[bytes]) -> None:
        await following(texts)
        first: Change = seat.changes.add(What.HOME_CHANGED, "elm-14")
        (event,) = await following(texts)
        seat.changes.most_recent = 5
        for _ in range(6):
            seat.changes.add(What.HOME_CHANGED, "elm-14")
        (end,) = await following(texts)
        assert end.data["why"] == event_stream.TOO_SLOW
        assert event.id == cursor(Place(first.position, first.mark))

    run(test)


def test_what_was_missed_for_long_is_read_from_the_store_and_then_it_goes_on() -> None:
    async def test(seat: Seat, texts: AsyncGenerator[bytes]) -> None:
        seat.changes.most_recent = 5
        for _ in range(1200):
            seat.changes.add(What.HOME_CHANGED, "elm-14")
        found: list[Event] = []
        while len(found) < 1201:
            found += await following(texts)
        ids = [each.id for each in found if each.name == "home.changed"]
        assert len(set(ids)) == len(ids) == 1200
        seat.changes.add(What.HOME_CHANGED, "elm-14")
        assert list(names(await following(texts))) == ["home.changed"]

    run(test)


def test_who_does_not_read_at_all_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "SENT_WITHIN", 0.01)
    seat, left = seated(), []

    async def receive() -> dict[str, object]:
        await asyncio.Event().wait()
        return {}

    async def send(message: object) -> None:
        await asyncio.Event().wait()

    async def whole() -> None:
        answer = EventAnswer(seat.stream.texts(), lambda: left.append(True))
        async with asyncio.timeout(20):
            await answer({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)  # type: ignore[arg-type]

    asyncio.run(whole())
    assert left == [True]
    assert seat.changes.listeners == 0
