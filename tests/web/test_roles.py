"""What each role may see and do, route by route: the table that every route must be in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts

from sensor_hub.access.action import SEEN_AS
from sensor_hub.access.principal import Principal
from sensor_hub.access.role import Role
from sensor_hub.web.callbacks import callback_routes
from sensor_hub.web.gate import is_open
from sensor_hub.web.needs import declared, undeclared
from sensor_hub.web.refusals import Why
from sensor_hub.web.session import Throttle
from tests.web.builders import MemoryHub, make_hub
from tests.web.roles import House, Known, everybody, open_site
from tests.web.route_table import NEEDED, OPEN


class Silent:
    def take(self, _: object) -> None:
        return


def every_door(hub: MemoryHub) -> FastAPI:
    callbacks = callback_routes(Silent(), Silent(), "secret", Throttle())
    return open_site(hub, Known(everybody()), callbacks=callbacks)


def routes(site: FastAPI) -> Iterator[tuple[str, RouteContext]]:
    for route in iter_route_contexts(site.routes):
        for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
            yield f"{method} {route.path}", route


def test_every_route_is_in_the_table() -> None:
    site = every_door(make_hub())
    found = dict(routes(site))
    assert {name: declared(route) for name, route in found.items() if declared(route) is not None} == NEEDED
    assert {name for name, route in found.items() if declared(route) is None} == OPEN
    assert not list(undeclared(site))


def test_a_site_with_a_route_that_declares_nothing_does_not_start() -> None:
    hub = make_hub()
    site = every_door(hub)
    site.get("/everything")(lambda: None)
    assert list(undeclared(site)) == ["/everything"]
    assert not is_open("/everything")


def test_the_api_describes_every_call() -> None:
    described = every_door(make_hub()).openapi()["paths"]
    paths = {route.partition(" ")[2] for route in (*NEEDED, *OPEN)}
    assert set(described) == {path for path in paths if path.startswith("/api/v1/")}
    for route in NEEDED:
        method, path = route.split(" ")
        if path in described:
            assert {"401", "403", "404"} <= set(described[path][method.lower()]["responses"]), route


@pytest.fixture(scope="module")
def house() -> House:
    return House(make_hub())


def expected(who: Principal, route: str) -> int:
    """2: done, or on the way to it; 403: seen, and not theirs to do; 404: not there for them."""
    action = NEEDED[route]
    if who.role is Role.INTEGRATION and "/api/" not in route and route != "GET /metrics":
        return 303
    if route == "GET /metrics" and who.tenant is not None:
        return 404
    if who.may(action):
        return 2
    return 403 if SEEN_AS.get(action) in who.actions else 404


@pytest.mark.parametrize("role", [*Role, "first"])
def test_each_role_may_do_what_the_table_says_and_nothing_else(house: House, role: str) -> None:
    who = house.known.people[role]
    found = {route: house.ask(role, route).status_code for route in NEEDED}
    wanted = {route: expected(who, route) for route in NEEDED}
    wrong = {
        route: (status, wanted[route])
        for route, status in found.items()
        if (status in {401, 403, 404} if wanted[route] == 2 else status != wanted[route]) or status >= 500
    }
    assert not wrong


@pytest.mark.parametrize("route", NEEDED)
def test_nobody_known_gets_nothing(house: House, route: str) -> None:
    answer = house.ask("a stranger", route)
    if "/api/" in route or route == "GET /metrics":
        assert answer.status_code == 401
        assert answer.json()["title"] == "Sign in first"
    else:
        assert (answer.status_code, answer.text) == (303, "")
    assert [(each.who, each.why) for each in house.told.refused] == [(None, Why.UNKNOWN)]
