"""The page of figures, for who sees no home."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import pytest

from sensor_hub.access.principal import principal
from sensor_hub.access.role import Role
from sensor_hub.alerts.review import Review, Reviewed, Unseen
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from tests.web.builders import make_hub
from tests.web.roles import House


@dataclass
class Weeks:
    """In every week five homes were cold and one had a fall."""

    asked: list[frozenset[str]] = field(default_factory=list)

    def review(self, homes: Collection[str], start: float, end: float) -> Review:
        self.asked.append(frozenset(homes))
        at = start + DAY
        cold = [
            Reviewed(f"{home}-c", home, Kind.COLD, Urgency.SOON, "Cold.", at, at, answered_at=at + 20 * MINUTE)
            for home in sorted(homes)
        ]
        fall = Reviewed("f", "elm-14", Kind.INACTIVITY, Urgency.URGENT, "No movement.", at, at, answered_at=at + 60)
        return Review(start, end, len(homes), [*cold, fall], unseen=[Unseen("elm-14", 42 * HOUR, 0)])


@pytest.fixture
def house() -> House:
    house = House(make_hub())
    house.site.state.reviews = Weeks()
    house.known.people["all"] = principal("c", "Pat", Role.COMMISSIONER, tenant=None)
    return house


def test_a_commissioner_sees_figures_and_no_home(house: House) -> None:
    page = house.ask("all", "GET /figures").text
    assert "Of 5 homes" in page
    assert "29 Dec" in page
    assert "95.0%" in page
    assert "100%, half within 20 min" in page
    assert "few" in page
    assert "elm-14" not in page
    assert house.ask("all", "GET /").headers["location"] == "/figures"


def test_the_api_tells_the_same(house: House) -> None:
    told = house.get("all", "/api/v1/figures?weeks=2").json()
    assert (told["homes"], [week["start"] for week in told["weeks"]]) == (
        5,
        ["2025-12-22T00:00:00Z", "2025-12-29T00:00:00Z"],
    )
    assert told["weeks"][0]["alerts"] == [{"kind": "inactivity", "alerts": None}, {"kind": "cold", "alerts": 5}]
    assert told["weeks"][0]["answers"][1] == {"urgency": "soon", "share": 1.0, "median_seconds": 1200.0}


def test_figures_are_of_the_tenants_homes_and_of_too_few_nothing_is_told(house: House) -> None:
    assert house.get("commissioner", "/api/v1/figures").json() == {"homes": None, "weeks": []}
    assert set(house.site.state.reviews.asked) == {frozenset({"elm-14", "fir-3", "rowan-21"})}
    assert "nothing is told" in house.ask("commissioner", "GET /figures").text
