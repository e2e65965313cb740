"""What is over, revoked, ended, forged or another tenant's lets nobody in, on any call, and does not tell which."""

from __future__ import annotations

import re

import httpx
import pytest

from sensor_hub.access.role import Role
from sensor_hub.web.session import COOKIE
from tests.api.house import OAKSHIRES, ApiHouse
from tests.web.roles import THINGS
from tests.web.route_table import BODIES, NEEDED

CALLS = [route for route in NEEDED if "/api/v1/" in route]
OF_HOMES = [route for route in CALLS if "{home}" in route]
PAGES = [route for route in NEEDED if "/api/" not in route and route != "GET /metrics"]
LOCAL = {"home": "elm-14", "alert": "elm-14-silent", "account": "duty_officer", "token_id": "integration"}
"""What there is of the first tenant's."""
NOWHERE = {"home": "no-5", "alert": "no-5-silent", "account": "nobody", "token_id": "none"}
REFUSED = {403, 404, 422, 428}
"""Also for what would be wrong with what is asked, whatever it is about."""
OF_LOCAL = [route for route in NEEDED if any(f"{{{name}}}" in route for name in LOCAL)]


def bad(house: ApiHouse) -> dict[str, dict[str, str]]:
    good = house.tokens["integration"]
    return {
        "over": house.headers("over"),
        "revoked": house.headers("revoked"),
        "forged, and not spelled as one": {"Authorization": f"Bearer {good[:-1]}{'a' if good[-1] != 'a' else 'b'}"},
        "forged, and spelled as one": {"Authorization": "Bearer " + house.forged},
        "a session that is over": house.headers("a session that is over"),
        "a session that is none": {"Cookie": f"{COOKIE}=invented"},
        "a wrong token beside a good session": house.headers("care_manager") | {"Authorization": "Bearer x"},
    }


def plain(answer: httpx.Response, things: dict[str, str]) -> tuple[object, ...]:
    """Without the names that were asked for; those of who asks stay."""
    text = answer.text
    for value in things.values():
        text = re.sub(rf"(?<!oakshire[ -]){re.escape(value)}", "…", text)
    return answer.status_code, text, answer.headers.get("location"), answer.headers.get("www-authenticate")


def refused(house: ApiHouse, why: str) -> float:
    """How often so far, as `/metrics` tells."""
    with httpx.Client(base_url=house.url) as client:
        lines = client.get("/metrics").text.splitlines()
    told = [line for line in lines if line.startswith("sensor_hub_refused_total") and f'why="{why}"' in line]
    return sum(float(line.rpartition(" ")[2]) for line in told)


def ask(house: ApiHouse, route: str, headers: dict[str, str], **things: str) -> httpx.Response:
    method, path = route.split(" ")
    for name, value in (THINGS | things).items():
        path = path.replace(f"{{{name}}}", value)
    # Plain HTTP: it need not read the system's certificates each time.
    with httpx.Client(base_url=house.url, verify=False) as client:
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
    assert theirs.status_code in REFUSED
    assert (theirs.status_code, theirs.text) == (nowhere.status_code, nowhere.text)


def test_a_page_sends_whoever_is_not_signed_in_any_more_to_the_login_as_it_does_a_stranger(house: ApiHouse) -> None:
    before, count = refused(house, "unknown"), 0
    for route in PAGES:
        nothing = ask(house, route, {})
        assert nothing.status_code == 303
        for what, headers in bad(house).items():
            answer = ask(house, route, headers)
            if "Cookie" in headers and "Authorization" not in headers:
                count += 1
                assert plain(answer, {}) == plain(nothing, {}), (route, what)
    assert refused(house, "unknown") - before == count


@pytest.mark.parametrize("role", OAKSHIRES)
def test_another_tenants_people_learn_of_nothing_on_any_page_or_call(house: ApiHouse, role: Role) -> None:
    headers, before = house.headers(f"oakshire {role.value}"), refused(house, "not_theirs")
    for route in OF_LOCAL:
        theirs, nowhere = (ask(house, route, headers, **things) for things in (LOCAL, NOWHERE))
        assert theirs.status_code in REFUSED, route
        assert plain(theirs, LOCAL) == plain(nowhere, NOWHERE), route
    assert refused(house, "not_theirs") > before
