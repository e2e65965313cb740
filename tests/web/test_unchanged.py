"""What somebody has already is not sent again, and its being seen is noted all the same."""

from __future__ import annotations

import pytest

from tests.web.builders import MemoryHub, make_hub
from tests.web.memory_people import MemoryPeople
from tests.web.roles import Known, everybody, open_site
from tests.web.visitor import Visitor

THINGS = [
    "homes",
    "homes/elm-14",
    "alerts",
    "alerts?closed=true",
    "alerts/c3",
    "homes/elm-14/card",
    "homes/elm-14/residents/r1",
    "consents/elm-14",
    "silences",
]


@pytest.fixture(scope="module")
def hub() -> MemoryHub:
    return make_hub()


@pytest.fixture(scope="module")
def visitor(hub: MemoryHub) -> Visitor:
    return Visitor(open_site(hub, Known(everybody()), people=MemoryPeople()))


@pytest.mark.parametrize("thing", THINGS)
def test_it_is_sent_once(visitor: Visitor, thing: str) -> None:
    who = {"Authorization": "Bearer first"}
    first = visitor.ask("GET", f"/api/v1/{thing}", headers=who)
    again = visitor.ask("GET", f"/api/v1/{thing}", headers=who | {"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert not {"content-length", "content-type"} & set(again.headers)
    other = visitor.ask("GET", f"/api/v1/{thing}", headers=who | {"If-None-Match": '"x"'})
    assert other.content == first.content


def test_it_is_sent_again_once_it_is_another(hub: MemoryHub, visitor: Visitor) -> None:
    who = {"Authorization": "Bearer first"}
    before = visitor.ask("GET", "/api/v1/alerts", headers=who)
    hub.acknowledge("a1", by="Jo")
    after = visitor.ask("GET", "/api/v1/alerts", headers=who | {"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["items"][0]["acknowledged_by"]) == (200, "Jo")


def test_what_is_refused_or_is_no_part_of_the_api_has_no_etag(visitor: Visitor) -> None:
    who = {"Authorization": "Bearer first", "If-None-Match": "*"}
    refused = visitor.ask("GET", "/api/v1/homes/none", headers=who)
    assert (refused.status_code, "etag" in refused.headers) == (404, False)
    assert visitor.ask("GET", "/healthz", headers=who).status_code == 200
