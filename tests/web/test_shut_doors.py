"""What is tried at the doors that let in by a secret of their own is told as refused, without the secret."""

from __future__ import annotations

import pytest

from sensor_hub.web.callbacks import callback_routes
from sensor_hub.web.refusals import Why
from sensor_hub.web.session import Throttle
from tests.web.builders import make_hub
from tests.web.roles import Known, Told, open_site
from tests.web.visitor import Visitor


class Silent:
    def take(self, _: object) -> None:
        return


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("POST", "/login", "/login"),
        ("GET", "/answer/s3cret", "/answer/{text}"),
        ("POST", "/answer/s3cret/take", "/answer/{text}/take"),
        ("GET", "/calendar/s3cret.ics", "/calendar/{name}"),
        ("GET", "/confirm/s3cret", "/confirm/{text}"),
        ("POST", "/api/v1/join", "/api/v1/join"),
        ("GET", "/api/v1/receipts/kannel?token=s3cret&id=1&type=1", "/api/v1/receipts/kannel"),
    ],
)
def test_a_wrong_secret_is_told_without_it(method: str, path: str, route: str) -> None:
    told = Told()
    callbacks = callback_routes(Silent(), Silent(), "of sixteen letters", Throttle())
    visitor = Visitor(open_site(make_hub(), Known(), told, callbacks=callbacks))
    form = {"name": "Jo", "password": "s3cret"} if path == "/login" else None
    body = {"code": "ACDE-FGHJ", "version": "1"} if path == "/api/v1/join" else None
    assert visitor.ask(method, path, form=form, json=body).status_code >= 400
    assert [(each.what, each.where, each.why, each.who) for each in told.refused] == [
        (f"{method} {route}", route, Why.UNKNOWN, None)
    ]


def test_an_open_door_tells_nothing() -> None:
    told = Told()
    visitor = Visitor(open_site(make_hub(), Known(), told))
    for path in ("/login", "/healthz", "/static/nothing"):
        visitor.get(path)
    assert told.refused == []
