"""What each role may see and do, route by route: the table that every route must be in."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts

from sensor_hub.web.callbacks import callback_routes
from sensor_hub.web.gate import is_open
from sensor_hub.web.needs import declared, undeclared
from sensor_hub.web.session import Throttle
from tests.web.builders import MemoryHub, make_hub
from tests.web.roles import Known, everybody, open_site
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
