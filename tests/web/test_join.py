"""The door for gateways: open without the password, slow for those who guess."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI

from sensor_hub.web.door_ports import JoinGrant, JoinRefusal
from sensor_hub.web.doors import Doors
from sensor_hub.web.site import build_site
from tests.web.builders import HASH, make_hub, make_site
from tests.web.visitor import Visitor

GRANT = JoinGrant("local", "elm-14", "hub.example.org", 8883, True, "local/elm-14", "secret", "certificate")


@dataclass
class Joins:
    answer: JoinGrant | JoinRefusal
    asked: list[tuple[str, str]] = field(default_factory=list)

    def join(self, code: str, *, version: str) -> JoinGrant | JoinRefusal:
        self.asked.append((code, version))
        return self.answer


def site_with(joins: Joins) -> FastAPI:
    hub = make_hub()
    return build_site(
        hub,
        hub,
        password_hash=HASH,
        secret="s",
        url="http://hub.test",
        simulated=False,
        now=lambda: 0.0,
        doors=Doors(joins=joins),
    )


def ask(site: FastAPI, body: object) -> httpx.Response:
    return Visitor(site).ask("POST", "/api/v1/join", json=body)


def test_a_gateway_joins_without_the_password() -> None:
    joins = Joins(GRANT)
    answer = ask(site_with(joins), {"code": "ACDE-FGHJ", "version": "0.1.0"})
    assert joins.asked == [("ACDE-FGHJ", "0.1.0")]
    assert answer.json() == {
        "tenant": "local",
        "home": "elm-14",
        "broker": {"host": "hub.example.org", "port": 8883, "tls": True},
        "username": "local/elm-14",
        "password": "secret",
        "ca": "certificate",
    }
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("refusal", JoinRefusal)
def test_a_refusal_is_a_problem_that_says_why(refusal: JoinRefusal) -> None:
    answer = ask(site_with(Joins(refusal)), {"code": "ACDE-FGHJ"})
    assert answer.status_code == {JoinRefusal.BUSY: 429, JoinRefusal.CLOSED: 503}.get(refusal, 403)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == refusal.value


@pytest.mark.parametrize("body", [{}, {"code": 3}, {"code": "A" * 41}, {"code": "A", "version": "1" * 41}, []])
def test_what_is_no_request_is_not_asked(body: object) -> None:
    joins = Joins(GRANT)
    assert ask(site_with(joins), body).status_code == 422
    assert joins.asked == []


def test_who_guesses_waits_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("sensor_hub.web.session.Throttle.__init__.__defaults__", (pause,))
    site = site_with(Joins(JoinRefusal.WRONG))
    for _ in range(7):
        ask(site, {"code": "ACDE-FGHJ"})
    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0]


def test_a_hub_that_cannot_let_gateways_in_has_no_such_address() -> None:
    assert ask(make_site(make_hub()), {"code": "ACDE-FGHJ"}).status_code == 404
