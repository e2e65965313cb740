"""Whoever asks the API too often waits; others do not."""

from __future__ import annotations

import asyncio

from sensor_hub.web.quota import Quota
from tests.web.builders import make_hub
from tests.web.roles import Known, everybody, open_site
from tests.web.visitor import Visitor


async def takes(quota: Quota, *whos: str) -> list[int]:
    return [quota.take(who) for who in whos]


def test_each_has_requests_of_their_own() -> None:
    quota = Quota(2)
    assert asyncio.run(takes(quota, "ann", "ann", "ann", "bob")) == [0, 0, 30, 0]


def test_it_remembers_a_bounded_number_of_askers() -> None:
    quota = Quota(1)
    quota.MOST_ASKERS = 2
    assert asyncio.run(takes(quota, "ann", "bob", "cid", "cid", "ann")) == [0, 0, 0, 60, 0]


def test_the_api_says_when_to_ask_again_and_pages_are_not_counted() -> None:
    site = open_site(make_hub(), Known(everybody()), quota=Quota(2))
    visitor = Visitor(site)
    header = {"Authorization": "Bearer duty_officer"}
    answers = [visitor.ask("GET", "/api/v1/homes", headers=header) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 30
    assert answers[2].headers["content-type"] == "application/problem+json"
    assert visitor.get("/login").status_code == 200
    assert visitor.ask("GET", "/api/v1/homes", headers={"Authorization": "Bearer technician"}).status_code == 200


def test_whoever_is_not_known_is_counted_by_their_address() -> None:
    visitor = Visitor(open_site(make_hub(), Known(everybody()), quota=Quota(2)))
    answers = [visitor.ask("GET", "/api/v1/homes", headers={"Authorization": f"Bearer {n}"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
