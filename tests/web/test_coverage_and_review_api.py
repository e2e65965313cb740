"""What of each home can be seen now, and the weekly review as figures, in the API."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from sensor_hub.access.principal import principal
from sensor_hub.access.role import Role
from sensor_hub.model.moment import iso
from tests.web.builders import NOW, make_hub
from tests.web.roles import House


class OneUnseen:
    def unseen_now(self, homes: Collection[str]) -> dict[str, float]:
        return {home: NOW - 3600 for home in homes if home in {"elm-14", "rowan-21"}}


@pytest.fixture
def house() -> House:
    house = House(make_hub())
    house.reset()
    house.site.state.sights = OneUnseen()
    house.known.people["other"] = principal("o", "jo", Role.CARE_MANAGER, tenant="oakshire")
    return house


def test_coverage_comes_home_by_home_with_since_when_it_is_not_whole(house: House) -> None:
    first = house.get("duty_officer", "/api/v1/coverage?limit=2").json()
    rest = house.get("duty_officer", f"/api/v1/coverage?limit=2&cursor={first['following']}").json()
    rows = {row["home"]: row for row in (*first["items"], *rest["items"])}
    assert list(rows) == ["elm-14", "fir-3", "rowan-21"]
    seen = {home: (row["sight"], row["unseen"], row["unseen_since"]) for home, row in rows.items()}
    assert seen == {
        "elm-14": ("watching", None, None),
        "fir-3": ("learning", None, None),
        "rowan-21": ("blind", "in part", iso(NOW - 3600)),
    }
    assert any(kind["sight"] == "blind" and kind["reason"] for row in rows.values() for kind in row["kinds"])
    others = house.get("other", "/api/v1/coverage").json()["items"]
    assert [row["home"] for row in others] == ["birch-7", "oak-2"]


def test_the_review_tells_the_week_of_ones_own_homes(house: House) -> None:
    review = house.get("duty_officer", "/api/v1/review").json()
    assert (review["end"], review["homes"]) == (iso(NOW), 3)
    assert review["outcomes"] == {
        "alerts": 2, "true": 1, "false": 0, "unknown": 0, "unsaid": 1, "precision": 1.0,
    }  # fmt: skip
    assert [each["kind"] for each in review["kinds"]] == ["inactivity", "sleep_disturbance"]
    assert [each["id"] for each in review["waited"]] == ["d4"]
    assert [each["home"] for each in review["unseen"]] == ["rowan-21"]
    assert house.get("other", "/api/v1/review").json()["outcomes"]["alerts"] == 0


def test_a_week_is_one_of_the_calendar_by_the_homes_clock(house: House) -> None:
    review = house.get("duty_officer", "/api/v1/review?week=2026-W01").json()
    assert (review["start"], review["end"]) == ("2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z")
    this = house.get("duty_officer", "/api/v1/review?week=2026-W02").json()
    assert (this["start"], this["end"]) == ("2026-01-05T00:00:00Z", iso(NOW))
    for wrong in ("2026-W60", "2026-W30", "0000-W01", "1969-W01", "W1", "2026W02", "²²²²-W01"):
        assert house.get("duty_officer", f"/api/v1/review?week={wrong}").status_code == 422, wrong
