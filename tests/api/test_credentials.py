"""What is over, revoked, ended, forged or another tenant's lets nobody in, on any call, and does not tell which."""

from __future__ import annotations

import httpx
import pytest

from sensor_hub.web.session import COOKIE
from tests.api.house import ApiHouse
from tests.web.roles import THINGS
from tests.web.route_table import BODIES, NEEDED

CALLS = [route for route in NEEDED if "/api/v1/" in route]
OF_HOMES = [route for route in CALLS if "{home}" in route]


def bad(house: ApiHouse) -> dict[str, dict[str, str]]:
    good = house.tokens["integration"]
    return {
        "over": house.headers("over"),
        "revoked": house.headers("revoked"),
        "forged, and not spelled as one": {"Authorization": f"Bearer {good[:-1]}{'a' if good[-1] != 'a' else 'b'}"},
        "forged, and spelled as one": {"Authorization": "Bearer " + house.forged},
        "a session that is none": {"Cookie": f"{COOKIE}=invented"},
        "a wrong token beside a good session": house.headers("care_manager") | {"Authorization": "Bearer x"},
    }


def ask(house: ApiHouse, route: str, headers: dict[str, str], **things: str) -> httpx.Response:
    method, path = route.split(" ")
    for name, value in (THINGS | things).items():
        path = path.replace(f"{{{name}}}", value)
    with httpx.Client(base_url=house.url) as client:
        return client.request(method, path, json=BODIES.get(route), headers=headers)


@pytest.mark.parametrize("route", CALLS)
def test_what_is_not_good_any_more_is_refused_as_nothing_is(house: ApiHouse, route: str) -> None:
    nothing = ask(house, route, {})
    assert nothing.status_code == 401
    for what, headers in bad(house).items():
        answer = ask(house, route, headers)
        assert (answer.status_code, answer.text) == (401, nothing.text), what
        assert answer.headers["www-authenticate"] == nothing.headers["www-authenticate"]


@pytest.mark.parametrize("route", OF_HOMES)
def test_another_tenants_token_learns_nothing(house: ApiHouse, route: str) -> None:
    headers = house.headers("oakshire")
    theirs, nowhere = (ask(house, route, headers, home=home) for home in ("elm-14", "no-5"))
    assert theirs.status_code in {403, 404}
    assert (theirs.status_code, theirs.text) == (nowhere.status_code, nowhere.text)
