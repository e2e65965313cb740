"""Every list of the API comes by pages, each item once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sensor_hub.model.card import ResidentRecord
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.stay import Stay, ToldStay
from sensor_hub.web.paging import cursor_of
from tests.web.builders import NOW, make_hub
from tests.web.roles import House, everybody
from tests.web.route_table import NEEDED

LISTS = {
    "/api/v1/homes": 3,
    "/api/v1/alerts": 3,
    "/api/v1/contacts": 2,
    "/api/v1/silences": 3,
    "/api/v1/tokens": 1,
    "/api/v1/erasures": 1,
    "/api/v1/ledger": 2,
    "/api/v1/homes/elm-14/absences": 2,
    "/api/v1/homes/elm-14/residents": 2,
    f"/api/v1/homes/elm-14/hours?from={NOW - 72 * HOUR}&until={NOW}": 200,
}
"""With how many items each has at least."""


@pytest.fixture(scope="module")
def house() -> House:
    house = House(make_hub())
    house.reset()
    house.hub.tell_stay("elm-14", Stay.ABSENCE, (NOW - 3 * DAY, NOW + DAY), by="Jo", is_new=False)
    house.hub.rows["elm-14"].stays.tell(Stay.ABSENCE, ToldStay(NOW + DAY, NOW + 2 * DAY, "Jo", NOW))
    house.people.add_resident("elm-14", ResidentRecord("Bert"), by=everybody()["first"])
    return house


def walked(house: House, who: str, path: str, limit: int) -> list[Any]:
    seen, cursor = [], ""
    begun = f"{path}{'&' if '?' in path else '?'}limit={limit}"
    while cursor is not None:
        page = house.get(who, f"{begun}&cursor={cursor}" if cursor else begun).json()
        assert len(page["items"]) <= limit
        seen += page["items"]
        cursor = page["following"]
    return seen


def theirs() -> Iterator[tuple[str, str]]:
    for who in ("first", "administrator", "care_manager"):
        for path in LISTS:
            route = f"GET {path.partition('?')[0].replace('elm-14', '{home}')}"
            if everybody()[who].may(NEEDED[route]):
                yield who, path


@pytest.mark.parametrize(("who", "path"), list(theirs()))
def test_pages_of_any_size_are_the_same_list(house: House, who: str, path: str) -> None:
    whole, least = walked(house, who, path, 200), LISTS[path]
    assert len(whole) >= least
    assert walked(house, who, path, 1 if least < 200 else 150) == whole


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_of_another_list_is_refused(house: House, path: str) -> None:
    for place in ((), (None,), ("a", "b", "c", "d"), (1, 2, 3, 4), ({},)):
        cursor = cursor_of(*place)  # type: ignore[arg-type]
        assert house.get("first", f"{path}{'&' if '?' in path else '?'}cursor={cursor}").status_code in {422, 404}


def test_no_call_answers_a_list_that_is_no_page() -> None:
    described = House(make_hub()).site.openapi()
    schemas, lists = described["components"]["schemas"], 0
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
                named = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
                where = f"{method} {path} {status}"
                assert named.get("type") != "array", where
                if "items" in named.get("properties", {}):
                    assert "following" in named["properties"], where
                    asked = {each["name"] for each in operation.get("parameters", ())}
                    assert method != "get" or {"limit", "cursor"} <= asked, where
                    lists += 1
    assert lists >= 12
