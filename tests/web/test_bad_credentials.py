"""What is forged, over, revoked or of who is out lets nobody in anywhere, and the answer does not say what it was."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from sensor_hub.access.action import Action
from sensor_hub.access.api_token import make_token, secret_hash
from sensor_hub.access.principal import first_start
from sensor_hub.access.role import Role
from sensor_hub.desk.signing_in import SignInRules
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.web.account_credentials import AccountCredentials
from sensor_hub.web.account_ports import NewToken
from sensor_hub.web.credentials import SharedPassword
from sensor_hub.web.problems import is_for_programs
from sensor_hub.web.quota import Quota
from sensor_hub.web.refusals import Why
from sensor_hub.web.session import COOKIE, Password, Sessions, Throttle
from tests.accounts import Front, open_front
from tests.web.builders import HASH, make_hub
from tests.web.builders import PASSWORD as SHARED
from tests.web.roles import THINGS, Told, open_site
from tests.web.route_table import BODIES, NEEDED
from tests.web.visitor import ORIGIN, Visitor

JO = first_start("Jo")


@dataclass
class Gatehouse:
    """The site with all its doors, and the accounts of a duty officer, of one who is out and of one half signed in."""

    front: Front

    def __post_init__(self) -> None:
        shared = SharedPassword(Sessions("for tests", HASH), Password(HASH, Throttle()))
        self.told = Told()
        self.site = open_site(
            make_hub(), AccountCredentials(self.front.sign_ins, shared), self.told, quota=Quota(10**9)
        )
        self.front.add("root")
        self.sam = self.front.add("sam", Role.DUTY_OFFICER, tenant="elmham")
        self.out = self.front.add("out", Role.DUTY_OFFICER, tenant="elmham")
        self.front.add("ann", Role.CARE_MANAGER, tenant="elmham")

    def token(self, days: float = 30) -> tuple[str, str]:
        """The id and the secret of one of Sam's that may do all that a token may."""
        scopes = self.front.tokens.grantable(self.sam.principal(), is_own=True)
        made = self.front.tokens.add(self.sam.principal(), NewToken("t", scopes, days))
        assert isinstance(made, tuple)
        return made[0].id, made[1]

    def ask(self, route: str, *, cookie: str = "", header: str = "") -> httpx.Response:
        method, path = route.split(" ")
        for name, value in THINGS.items():
            path = path.replace(f"{{{name}}}", value)
        visitor, body = Visitor(self.site), BODIES.get(route, {})
        if cookie:
            visitor.cookies.set(COOKIE, cookie)
        headers = {"Authorization": header} if header else {}
        if is_for_programs(path):
            return visitor.ask(method, path, json=body, headers=headers)
        form = {name: str(value) for name, value in body.items()}
        return visitor.ask(method, path, form=form, headers=headers | {"Origin": ORIGIN})


@pytest.fixture(scope="module")
def gatehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    folder: Path = tmp_path_factory.mktemp("accounts")
    with open_front(folder, SignInRules(second_step=frozenset({Role.CARE_MANAGER}))) as front:
        yield Gatehouse(front)


def ended(at: Gatehouse) -> str:
    cookie = at.front.sign_in("sam")
    at.front.stores.sessions.end(secret_hash(cookie))
    return cookie


def put_out(at: Gatehouse) -> str:
    cookie = at.front.sign_in("out")
    at.front.book.disable(JO, at.out.id, is_disabled=True)
    return cookie


def idle(at: Gatehouse) -> str:
    cookie = at.front.sign_in("sam")
    at.front.at += 3 * HOUR
    return cookie


COOKIES: dict[str, Callable[[Gatehouse], str]] = {
    "made up": lambda at: "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA",
    "of the hub's own password, which has ended": lambda at: Sessions("for tests", HASH).begin("Eve"),
    "ended": ended,
    "of an account that is disabled": put_out,
    "too long unused": idle,
    "without the second step": lambda at: at.front.sign_in("ann"),
}


def revoked(at: Gatehouse) -> str:
    token, secret = at.token()
    assert at.front.tokens.revoke(at.sam.principal(), token)
    return f"Bearer {secret}"


def too_old(at: Gatehouse) -> str:
    _, secret = at.token(days=1)
    at.front.at += DAY
    return f"Bearer {secret}"


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


HEADERS: dict[str, Callable[[Gatehouse], str]] = {
    "a token made up": lambda at: f"Bearer {make_token()}",
    "a token that is none": lambda at: "Bearer shub_x",
    "a token that was revoked": revoked,
    "a token that is over": too_old,
    "the hub's own password, which has ended": lambda at: basic("Eve", SHARED),
    "an account's password, which is for the sign-in page": lambda at: basic("sam", "kettle orbit mango"),
    "a session's cookie": lambda at: f"Bearer {at.front.sign_in('sam')}",
    "nothing that can be read": lambda at: "Basic %%%",
}


def plain(answer: httpx.Response) -> tuple[object, ...]:
    return answer.status_code, answer.text, answer.headers.get("location"), answer.headers.get("www-authenticate")


@pytest.mark.parametrize("cookie", COOKIES)
def test_a_cookie_that_is_worth_nothing_is_answered_as_none_is(gatehouse: Gatehouse, cookie: str) -> None:
    value = COOKIES[cookie](gatehouse)
    for route in NEEDED:
        none = gatehouse.ask(route)
        gatehouse.told.refused.clear()
        answer = gatehouse.ask(route, cookie=value)
        assert plain(answer) == plain(none), route
        assert answer.status_code == (401 if is_for_programs(route.split(" ")[1]) else 303)
        assert [(each.who, each.why) for each in gatehouse.told.refused] == [(None, Why.UNKNOWN)]


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_that_is_worth_nothing_is_answered_as_none_is(gatehouse: Gatehouse, header: str) -> None:
    value = HEADERS[header](gatehouse)
    for route in (each for each in NEEDED if is_for_programs(each.split(" ")[1])):
        none = gatehouse.ask(route)
        gatehouse.told.refused.clear()
        answer = gatehouse.ask(route, header=value)
        assert (answer.status_code, plain(answer)) == (401, plain(none)), route
        assert [(each.who, each.why) for each in gatehouse.told.refused] == [(None, Why.UNKNOWN)]


def test_a_session_and_a_token_that_hold_let_in_until_they_are_revoked(gatehouse: Gatehouse) -> None:
    cookie, (token, secret) = gatehouse.front.sign_in("sam"), gatehouse.token()
    calls = {"cookie": cookie}, {"header": f"Bearer {secret}"}
    assert [gatehouse.ask("GET /api/v1/homes", **each).status_code for each in calls] == [200, 200]
    gatehouse.front.stores.sessions.end(secret_hash(cookie))
    gatehouse.front.tokens.revoke(gatehouse.sam.principal(), token)
    assert [gatehouse.ask("GET /api/v1/homes", **each).status_code for each in calls] == [401, 401]


def test_a_token_for_the_api_opens_no_page(gatehouse: Gatehouse) -> None:
    _, secret = gatehouse.token()
    for route in (each for each in NEEDED if not is_for_programs(each.split(" ")[1])):
        assert gatehouse.ask(route, header=f"Bearer {secret}").status_code == 303, route


def test_a_tokens_scopes_are_all_that_it_does(gatehouse: Gatehouse) -> None:
    made = gatehouse.front.tokens.add(
        gatehouse.sam.principal(), NewToken("board", frozenset({Action.SEE_ALERTS, Action.SEE_HOMES}), 30)
    )
    assert isinstance(made, tuple)
    header = f"Bearer {made[1]}"
    wanted = {"GET /api/v1/alerts": 200, "GET /api/v1/homes/{home}": 200, "GET /api/v1/homes/{home}/chart": 404}
    wanted |= {"PUT /api/v1/homes/{home}/devices/{device}": 403, "GET /api/v1/ledger": 404, "GET /api/v1/tokens": 404}
    assert {route: gatehouse.ask(route, header=header).status_code for route in wanted} == wanted
