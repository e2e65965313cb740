"""The doors by which services tell what became of messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from fastapi import FastAPI

from sensor_hub.alerts.receipt import Reached, Receipt
from sensor_hub.alerts.reply import Reply
from sensor_hub.web.callbacks import callback_routes
from sensor_hub.web.doors import Doors
from sensor_hub.web.session import Throttle
from sensor_hub.web.site import build_site
from tests.web.builders import HASH, make_hub
from tests.web.visitor import Visitor

TOKEN = "a-token-of-its-own"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SENT = {"id": "740e5834", "reference": "", "to": "+447700900123", "notification_type": "sms"}


@dataclass
class Heard:
    replies: list[Reply] = field(default_factory=list)

    def take(self, reply: Reply) -> None:
        self.replies.append(reply)


@dataclass
class Told:
    receipts: list[Receipt] = field(default_factory=list)
    heard: Heard = field(default_factory=Heard)

    def take(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)


def site_with(told: Told) -> FastAPI:
    hub = make_hub()
    return build_site(
        hub,
        hub,
        password_hash=HASH,
        secret="s",
        url="http://hub.test",
        simulated=False,
        now=lambda: 0.0,
        doors=Doors(callbacks=callback_routes(told, told.heard, TOKEN, Throttle())),
    )


@pytest.mark.parametrize(
    ("status", "reached", "is_permanent"),
    [
        ("delivered", Reached.ARRIVED, False),
        ("permanent-failure", Reached.FAILED, True),
        ("temporary-failure", Reached.FAILED, False),
        ("technical-failure", Reached.FAILED, False),
        ("sending", Reached.UNDER_WAY, False),
    ],
)
def test_what_notify_says(status: str, reached: Reached, is_permanent: bool) -> None:
    told = Told()
    said = {**SENT, "status": status}
    answer = Visitor(site_with(told)).ask("POST", "/api/v1/receipts/notify", json=said, headers=BEARER)
    assert answer.status_code == 204
    assert told.receipts == [Receipt("notify", "740e5834", reached, status, is_permanent)]


@pytest.mark.parametrize(
    ("type_", "reached"), [(1, Reached.ARRIVED), (2, Reached.FAILED), (8, Reached.UNDER_WAY), (16, Reached.FAILED)]
)
def test_what_kannel_says_with_the_token_in_the_address(type_: int, reached: Reached) -> None:
    told = Told()
    path = f"/api/v1/receipts/kannel?token={TOKEN}&id=r1-1&type={type_}&answer=stat:REJECTD"
    assert Visitor(site_with(told)).get(path).status_code == 204
    assert told.receipts == [Receipt("kannel", "r1-1", reached, f"type {type_} stat:REJECTD")]


def test_what_any_other_service_says() -> None:
    told = Told()
    said = {"id": "x1", "status": "failed", "permanent": True, "detail": "no such number"}
    answer = Visitor(site_with(told)).ask("POST", "/api/v1/receipts", json=said, headers=BEARER)
    assert answer.status_code == 204
    assert told.receipts == [Receipt("plain", "x1", Reached.FAILED, "no such number", is_permanent=True)]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer guessed"}, {"Authorization": f"Basic {TOKEN}"}])
def test_without_the_token_nothing_is_taken(headers: Mapping[str, str]) -> None:
    told = Told()
    answer = Visitor(site_with(told)).ask(
        "POST", "/api/v1/receipts", json={"id": "x1", "status": "failed"}, headers=headers
    )
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert told.receipts == []


def test_what_cannot_be_read_is_refused() -> None:
    told = Told()
    visitor = Visitor(site_with(told))
    assert visitor.ask("POST", "/api/v1/receipts", json={"id": "x1"}, headers=BEARER).status_code == 422
    assert visitor.get(f"/api/v1/receipts/kannel?token={TOKEN}&id=r1&type=often").status_code == 422


def test_replies_come_by_each_service() -> None:
    told = Told()
    visitor = Visitor(site_with(told))
    notify = {"id": "n1", "source_number": "447700900123", "destination_number": "07700900111", "message": "1"}
    plain = {"id": "p1", "from": "+447700900123", "text": "2 534ab7d0df"}
    answers = [
        visitor.ask("POST", "/api/v1/replies/notify", json=notify, headers=BEARER),
        visitor.get(f"/api/v1/replies/kannel?token={TOKEN}&id=k1&from=%2B447700900123&text=1"),
        visitor.ask("POST", "/api/v1/replies", json=plain, headers=BEARER),
    ]
    assert [(answer.status_code, answer.text) for answer in answers] == [(204, "")] * 3
    assert told.heard.replies == [
        Reply("notify", "n1", "447700900123", "1"),
        Reply("kannel", "k1", "+447700900123", "1"),
        Reply("plain", "p1", "+447700900123", "2 534ab7d0df"),
    ]
    assert visitor.ask("POST", "/api/v1/replies", json=plain).status_code == 401
