"""A NUL gets no further than the gate, on every route, in its path, its query or its body."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from sensor_hub.web.no_nul import without_nul
from sensor_hub.web.problems import is_for_programs
from tests.web.builders import make_hub
from tests.web.roles import THINGS, TOKEN, House
from tests.web.route_table import BODIES, NEEDED
from tests.web.visitor import ORIGIN, Visitor

WITH_THINGS = [route for route in NEEDED if "{" in route]
WITH_TEXTS = [route for route in NEEDED if any(isinstance(text, str) for text in BODIES.get(route, {}).values())]


@pytest.fixture(scope="module")
def house() -> House:
    return House(make_hub())


def test_in_an_address(house: House) -> None:
    for route in WITH_THINGS:
        things = {name: f"{value}%00" for name, value in THINGS.items()}
        assert house.ask("care_manager", route, **things).status_code == 400, route
    assert house.get("care_manager", "/api/v1/homes?cursor=a%00b").status_code == 400


def test_in_a_body(house: House) -> None:
    answers = []
    for route in WITH_TEXTS:
        body = {name: f"{text}\0" if isinstance(text, str) else text for name, text in BODIES[route].items()}
        method, path = route.split(" ")
        for name, value in THINGS.items():
            path = path.replace(f"{{{name}}}", value)
        visitor = Visitor(house.site)
        if is_for_programs(path):
            headers = {"Authorization": "Bearer first", "Content-Type": "application/json", "If-Match": '"1"'}
            answer = visitor.ask(method, path, json=body, headers=headers)
        else:
            visitor.cookies.set("sensor_hub_session", "first")
            form = {"token": TOKEN} | {name: str(value) for name, value in body.items()}
            answer = visitor.ask(method, path, form=form, headers={"Origin": ORIGIN})
        answers.append(answer.status_code)
        assert answer.status_code in {422, 403, 404}, route
    assert answers.count(422) > len(answers) / 2


@pytest.mark.parametrize("body", [b'{"a": "b\\u0000c"}', b"a=b%00c", b"a\0b"])
def test_wherever_it_is_cut_in_two(body: bytes) -> None:
    for at in range(len(body)):
        messages = [{"type": "http.request", "body": part, "more_body": True} for part in (body[:at], body[at:])]

        async def receive(parts: list[Message] = messages) -> Message:
            return parts.pop(0)

        checked = without_nul(receive)
        with pytest.raises(HTTPException):
            asyncio.run(read_twice(checked))


async def read_twice(receive: Receive) -> None:
    await receive()
    await receive()


def test_what_only_looks_like_one_goes_through() -> None:
    body = json.dumps({"why": "100% of 0, u0000"}).encode()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    assert asyncio.run(without_nul(receive)())["body"] == body
