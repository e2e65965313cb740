"""Signing in by a real OpenID provider (oidc-provider), there and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sensor_hub.access.oidc_claims import ClaimRule
from sensor_hub.access.role import Role
from sensor_hub.desk.signing_in import UNKNOWN, SignInRules
from sensor_hub.web.account_paths import PROVIDER, PROVIDER_BACK
from sensor_hub.web.provider import Provider
from sensor_hub.web.provider_pages import COOKIE as STATE
from sensor_hub.web.provider_pages import NOT_NOW
from sensor_hub.web.session import COOKIE
from tests.accounts import Front, open_front
from tests.oidc.server import BACK, CLIENT, SECRET, provider_of, sign_in_there
from tests.web.builders import make_hub, make_site
from tests.web.visitor import ORIGIN, Visitor

PEOPLE = {
    "ann": {"name": "Ann Brown", "groups": ["admins"], "email": "ann@example.org", "email_verified": True},
    "sam": {"name": "Sam Reed", "groups": ["staff", "duty"], "preferred_username": "sreed"},
    "eve": {"name": "Eve", "groups": ["staff"]},
}
RULES = SignInRules(
    claims=(ClaimRule("groups", "admins", Role.ADMINISTRATOR), ClaimRule("groups", "duty", Role.DUTY_OFFICER, "local"))
)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with provider_of(PEOPLE, tmp_path_factory.mktemp("provider")) as address:
        yield address


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with open_front(tmp_path, RULES) as front:
        front.add("jo")
        yield front


def visitor_of(front: Front, issuer: str, *, secret: str = SECRET, client: str = CLIENT) -> Visitor:
    provider = Provider(issuer, client, secret, label="the council")
    return Visitor(make_site(make_hub(), accounts=front.doors(provider)))


@pytest.fixture
def visitor(front: Front, issuer: str) -> Visitor:
    return visitor_of(front, issuer)


def begin(visitor: Visitor, wanted: str = "/") -> str:
    """Where the hub sends the browser."""
    answer = visitor.get(f"{PROVIDER}?next={wanted}")
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def back(visitor: Visitor, name: str, wanted: str = "/") -> httpx.Response:
    """The hub's answer to who has signed in there."""
    return visitor.get(sign_in_there(begin(visitor, wanted), name).removeprefix(ORIGIN))


def test_the_login_offers_it(visitor: Visitor) -> None:
    assert "Sign in with the council" in visitor.get("/login").text


def test_the_way_there_carries_state_nonce_and_a_challenge(visitor: Visitor) -> None:
    asked = parse_qs(urlsplit(begin(visitor)).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [BACK]
    assert all(len(asked[name][0]) >= 16 for name in ("state", "nonce", "code_challenge"))
    other = parse_qs(urlsplit(begin(visitor)).query)
    assert all(asked[name] != other[name] for name in ("state", "nonce", "code_challenge"))


def test_whom_the_provider_vouches_for_comes_in_with_their_role(front: Front, visitor: Visitor) -> None:
    answer = back(visitor, "sam", wanted="/homes")
    assert (answer.status_code, answer.headers["location"]) == (303, "/homes")
    assert visitor.get("/homes").status_code == 200
    assert visitor.get("/accounts").status_code == 404
    account = front.stores.accounts.by_login("sreed")
    assert account is not None
    assert (account.name, account.role, account.tenant) == ("Sam Reed", Role.DUTY_OFFICER, "local")
    assert not account.has_password


def test_an_administrator_by_the_provider(front: Front, visitor: Visitor) -> None:
    assert back(visitor, "ann").status_code == 303
    assert visitor.get("/accounts").status_code == 200
    assert front.stores.accounts.by_login("ann@example.org") is not None


def test_whom_no_rule_knows_is_told_so(front: Front, visitor: Visitor) -> None:
    answer = back(visitor, "eve")
    assert answer.status_code == 403
    assert UNKNOWN in answer.text
    assert visitor.get("/").status_code == 303
    assert [account.login for account in front.stores.accounts.all()] == ["jo"]


def test_signing_out_ends_the_hubs_session(visitor: Visitor) -> None:
    back(visitor, "sam")
    cookie = visitor.cookies[COOKIE]
    assert visitor.send("/logout").headers["location"] == "/login"
    visitor.cookies.set(COOKIE, cookie)
    assert visitor.get("/").status_code == 303


def test_what_came_back_counts_once_and_in_the_browser_that_began(front: Front, issuer: str, visitor: Visitor) -> None:
    address = sign_in_there(begin(visitor), "sam").removeprefix(ORIGIN)
    stranger = visitor_of(front, issuer)
    assert stranger.get(address).status_code == 403
    begin(stranger)
    assert stranger.get(address).status_code == 403
    assert COOKIE not in stranger.cookies
    assert visitor.get(address).status_code == 303
    assert visitor.get(address).status_code == 403


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=y", "?error=access_denied&state=y", "?state="])
def test_what_nobody_asked_for_is_refused(visitor: Visitor, query: str) -> None:
    begin(visitor)
    answer = visitor.get(f"{PROVIDER_BACK}{query}")
    assert answer.status_code == 403
    assert NOT_NOW in answer.text
    assert COOKIE not in visitor.cookies


def test_a_code_that_was_changed_is_refused(visitor: Visitor) -> None:
    address = sign_in_there(begin(visitor), "sam").removeprefix(ORIGIN)
    assert visitor.get(address.replace("code=", "code=x")).status_code == 403


def test_a_hub_with_a_wrong_secret_lets_nobody_in(front: Front, issuer: str) -> None:
    visitor = visitor_of(front, issuer, secret="another secret")
    assert back(visitor, "sam").status_code == 403
    assert COOKIE not in visitor.cookies


def test_a_description_of_another_provider_is_not_followed(front: Front, issuer: str) -> None:
    visitor = visitor_of(front, issuer.replace("127.0.0.1", "localhost"))
    assert visitor.get(PROVIDER).status_code == 502


def test_a_provider_out_of_reach_is_told(front: Front) -> None:
    answer = visitor_of(front, "http://127.0.0.1:9").get(PROVIDER)
    assert answer.status_code == 502
    assert NOT_NOW in answer.text


def test_the_cookie_of_the_way_goes_nowhere_else(front: Front, issuer: str) -> None:
    site = make_site(make_hub(), url="https://hub.test", accounts=front.doors(Provider(issuer, CLIENT, label="x")))
    cookie = Visitor(site).get(PROVIDER).headers["set-cookie"].lower()
    assert cookie.startswith(f"{STATE}=")
    for attribute in (f"path={PROVIDER}", "httponly", "secure", "samesite=lax", "max-age=600"):
        assert attribute in cookie
    assert "set-cookie" not in Visitor(site).get("/login").headers
