"""Accounts on the pages: signing in, one's own, and others'."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

from sensor_hub.access.action import Action
from sensor_hub.access.api_token import make_token
from sensor_hub.access.lockout import ACCOUNT_RULE
from sensor_hub.access.role import Role
from sensor_hub.desk.signing_in import SignInRules
from sensor_hub.web.account_ports import Caller, NewToken
from sensor_hub.web.session import COOKIE, Sessions
from tests.accounts import PASSWORD, Front, open_front
from tests.web.builders import HASH, make_hub, make_site
from tests.web.builders import PASSWORD as SHARED
from tests.web.visitor import Visitor

NEW = "cardigan pony radish"


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with open_front(tmp_path, SignInRules(second_step=frozenset({Role.CARE_MANAGER}))) as front:
        yield front


def visitor_of(front: Front) -> Visitor:
    return Visitor(make_site(make_hub(), accounts=front.doors()))


@pytest.fixture
def visitor(front: Front) -> Visitor:
    return visitor_of(front)


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def link_on(text: str) -> str:
    found = re.search(r"http://hub\.test(/password/[\w-]+)", text)
    assert found is not None
    return found.group(1)


def test_the_first_account_ends_the_hubs_own_password(front: Front, visitor: Visitor) -> None:
    visitor.sign_in("Jo", SHARED)
    assert "Make the first account" in visitor.get("/accounts").text
    refused = visitor.send("/accounts", name="Sam", login="sam", role="duty_officer")
    assert refused.status_code == 422
    assert "The first account must be an administrator" in refused.text
    made = visitor.send("/accounts", name="Jo", login="jo", role="administrator")
    assert made.status_code == 200
    assert visitor.get("/").status_code == 303
    assert visitor.sign_in("Jo", SHARED).status_code == 403
    for headers in (basic("Jo", SHARED), basic("jo", PASSWORD)):
        assert visitor.ask("GET", "/api/v1/alerts", headers=headers).status_code == 401
    link = link_on(made.text)
    form = {"password": NEW, "again": NEW}
    assert visitor.ask("POST", link, form=form).headers["location"] == "/login?told=password-set"
    assert "Your password is set" in visitor.get("/login?told=password-set").text
    assert visitor.sign_in("jo", NEW).status_code == 303
    assert visitor.get("/accounts").status_code == 200


def test_a_wrong_name_and_a_wrong_password_look_the_same(front: Front, visitor: Visitor) -> None:
    front.add("jo")
    first, second = visitor.sign_in("jo", "guess"), visitor.sign_in("eve", "guess")
    assert first.status_code == second.status_code == 403
    assert first.text.replace('value="jo"', "") == second.text.replace('value="eve"', "")
    assert "do not go together" in first.text


def test_a_lock_is_told_in_plain_words(front: Front, visitor: Visitor) -> None:
    front.add("jo")
    for name in ("jo", "nobody"):
        for _ in range(ACCOUNT_RULE.free):
            front.sign_ins.by_password(name, "guess", Caller("", ""))
        answer = visitor.sign_in(name, PASSWORD)
        assert answer.status_code == 429
        assert "Too many attempts. Try again in 1 minute." in answer.text


def test_the_session_is_opaque_and_ends_when_somebody_signs_out(front: Front, visitor: Visitor) -> None:
    front.add("jo")
    assert visitor.sign_in("jo", PASSWORD).status_code == 303
    cookie = visitor.cookies[COOKIE]
    assert len(cookie) == 43
    assert visitor.get("/account").status_code == 200
    visitor.cookies.clear()
    visitor.cookies.set(COOKIE, cookie)
    assert visitor.ask("POST", "/logout", form={"token": visitor.token("/account")}).headers["location"] == "/login"
    visitor.cookies.set(COOKIE, cookie)
    assert visitor.get("/account").status_code == 303


def test_by_https_the_cookie_is_bound_to_the_host(front: Front) -> None:
    front.add("jo")
    visitor = Visitor(make_site(make_hub(), url="https://hub.example", accounts=front.doors()))
    cookie = visitor.sign_in("jo", PASSWORD).headers["set-cookie"]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    for attribute in ("HttpOnly", "Secure", "Path=/", "SameSite=lax"):
        assert attribute in cookie
    assert "Domain" not in cookie


def test_a_signed_cookie_of_before_is_worth_nothing(front: Front, visitor: Visitor) -> None:
    front.add("jo")
    visitor.cookies.set(COOKIE, Sessions("for tests", HASH).begin("Eve"))
    assert visitor.get("/").status_code == 303


def test_a_second_step_stands_between_password_and_pages(front: Front, visitor: Visitor) -> None:
    totp = front.second_step(front.add("jo"))
    front.at += 30
    answer = visitor.sign_in("jo", PASSWORD, wanted="/account")
    assert answer.headers["location"] == "/login/code?next=%2Faccount"
    assert visitor.get("/account").status_code == 303
    assert visitor.get("/login/code?next=%2Faccount").status_code == 200
    wrong = visitor.ask("POST", "/login/code", form={"code": "000000", "next": "/account"})
    assert wrong.status_code == 403
    right = visitor.ask("POST", "/login/code", form={"code": totp.at(int(front.at)), "next": "/account"})
    assert right.headers["location"] == "/account"
    assert visitor.get("/account").status_code == 200


def test_nobody_comes_to_the_second_step_without_the_first(front: Front, visitor: Visitor) -> None:
    front.second_step(front.add("jo"))
    for path in ("/login/code", "/login/set-up"):
        for method in ("GET", "POST"):
            answer = visitor.ask(method, path, form={"code": "1"} if method == "POST" else None)
            assert answer.headers["location"] == "/login?next=%2F"


def test_a_role_that_needs_a_second_step_sets_it_up_on_the_way_in(front: Front, visitor: Visitor) -> None:
    front.add("jo")
    front.add("sam", Role.CARE_MANAGER, tenant="local")
    assert visitor.sign_in("sam", PASSWORD).headers["location"] == "/login/set-up?next=%2F"
    text = visitor.get("/login/set-up").text
    assert 'src="data:image/svg+xml' in text
    secret = re.search(r'name="secret" value="(\w+)"', text)
    assert secret is not None
    wrong = visitor.ask("POST", "/login/set-up", form={"secret": secret.group(1), "code": "000000"})
    assert wrong.status_code == 422
    assert secret.group(1) in wrong.text
    code = pyotp.TOTP(secret.group(1)).at(int(front.at))
    codes = visitor.ask("POST", "/login/set-up", form={"secret": secret.group(1), "code": code})
    assert len(re.findall(r"\b\w{4}-\w{4}-\w{4}-\w{4}\b", codes.text)) == 10
    assert visitor.get("/").status_code == 200


def test_a_link_sets_a_password_once(front: Front, visitor: Visitor) -> None:
    front.add("jo", address="jo@example.org")
    assert "/password" in visitor.get("/login").text
    assert visitor.get("/password").status_code == 200
    for name in ("jo", "nobody"):
        answer = visitor.ask("POST", "/password", form={"name": name})
        assert answer.headers["location"] == "/password?told=asked"
    link = link_on(front.mails[0][1])
    assert "signs in as" in visitor.get(link).text
    for form in ({"password": NEW, "again": "x"}, {"password": "short", "again": "short"}):
        assert visitor.ask("POST", link, form=form).status_code == 422
    assert visitor.ask("POST", link, form={"password": NEW, "again": NEW}).status_code == 303
    assert visitor.get(link).status_code == 404
    assert visitor.sign_in("jo", NEW).status_code == 303


def test_people_see_to_their_own_account(front: Front, visitor: Visitor) -> None:
    front.add("jo")
    other = visitor_of(front)
    for each in (visitor, other):
        each.sign_in("jo", PASSWORD)
    page = visitor.get("/account").text
    assert page.count("Sign out there") == 1
    session = re.search(r"/account/sessions/(\w+)/end", page)
    assert session is not None
    visitor.send(f"/account/sessions/{session.group(1)}/end")
    assert other.get("/account").status_code == 303
    other.sign_in("jo", PASSWORD)
    wrong = visitor.send("/account/password", old="guess", new=NEW, again=NEW)
    assert wrong.status_code == 422
    assert "That is not your password" in wrong.text
    assert visitor.send("/account/password", old=PASSWORD, new=NEW, again=NEW).status_code == 303
    assert visitor.get("/account").status_code == 200
    assert other.get("/account").status_code == 303


def test_administrators_change_disable_and_reset(front: Front, visitor: Visitor) -> None:
    front.add("jo")
    sam = front.add("sam", Role.DUTY_OFFICER, tenant="local")
    his = visitor_of(front)
    his.sign_in("sam", PASSWORD)
    assert his.get("/homes").status_code == 200
    assert his.get("/accounts").status_code == 404
    visitor.sign_in("jo", PASSWORD)
    assert visitor.get(f"/accounts/{sam.id}").status_code == 200
    path = f"/accounts/{sam.id}"
    assert visitor.send(f"{path}/role", role="administrator", tenant="local").status_code == 303
    assert his.get("/homes").status_code == 404
    reset = visitor.send(f"{path}/reset")
    assert link_on(reset.text)
    assert visitor.send(f"{path}/disable").status_code == 303
    assert his.get("/account").status_code == 303
    assert "Disabled" in visitor.get("/accounts").text
    assert visitor.send(f"{path}/enable").status_code == 303
    assert visitor.get("/accounts/nobody").status_code == 404


def test_a_token_is_shown_once_and_works_until_it_is_revoked(front: Front, visitor: Visitor) -> None:
    front.add("jo")
    front.add("sam", Role.DUTY_OFFICER, tenant="local")
    visitor.sign_in("sam", PASSWORD)
    made = visitor.ask(
        "POST",
        "/tokens",
        form={"token": visitor.token("/tokens"), "label": "rota", "scopes": "alerts:see", "days": "30"},
    )
    found = re.search(r"shub_\w{38}", made.text)
    assert found is not None
    assert found.group(0) not in visitor.get("/tokens").text
    program = visitor_of(front)
    headers = bearer(found.group(0))
    assert program.ask("GET", "/api/v1/alerts", headers=headers).status_code == 200
    assert program.ask("GET", "/api/v1/homes", headers=headers).status_code == 404
    revoke = re.search(r"/tokens/\w+/revoke", visitor.get("/tokens").text)
    assert revoke is not None
    visitor.send(revoke.group(0))
    assert program.ask("GET", "/api/v1/alerts", headers=headers).status_code == 401


def test_tokens_in_the_api(front: Front, visitor: Visitor) -> None:
    front.add("jo")
    front.add("sam", Role.DUTY_OFFICER, tenant="local")
    visitor.sign_in("sam", PASSWORD)
    made = visitor.ask("POST", "/api/v1/tokens", json={"label": "rota", "scopes": ["alerts:see"]})
    assert made.status_code == 201
    secret, token = made.json()["secret"], made.json()["token"]
    assert (token["label"], token["is_programs"], token["revoked_at"]) == ("rota", False, None)
    assert visitor.get(made.headers["location"]).json() == token
    assert visitor.get("/api/v1/tokens").json()["items"] == [token]
    program = visitor_of(front)
    assert program.ask("GET", "/api/v1/tokens", headers=bearer(secret)).status_code == 404
    for wrong in (
        {"label": "x", "scopes": ["accounts:manage"]},
        {"label": "x", "scopes": []},
        {"label": "", "days": 0},
    ):
        assert visitor.ask("POST", "/api/v1/tokens", json=wrong).status_code == 422
    assert visitor.ask("DELETE", f"/api/v1/tokens/{token['id']}").status_code == 204
    assert visitor.ask("DELETE", f"/api/v1/tokens/{token['id']}").status_code == 404
    assert visitor.get("/api/v1/tokens/none").status_code == 404


def test_expired_forged_and_revoked_are_refused_alike(front: Front, visitor: Visitor) -> None:
    front.add("jo")
    sam = front.add("sam", Role.DUTY_OFFICER, tenant="local").principal()
    revoked, expired = (front.tokens.add(sam, NewToken("x", frozenset({Action.SEE_ALERTS}), 1)) for _ in range(2))
    assert isinstance(revoked, tuple)
    assert isinstance(expired, tuple)
    front.tokens.revoke(sam, revoked[0].id)
    front.at += 2 * 86400
    shown = [revoked[1], expired[1], make_token(), "shub_x", ""]
    answers = [visitor.ask("GET", "/api/v1/alerts", headers=bearer(secret)) for secret in shown]
    answers += [visitor.ask("GET", "/api/v1/alerts", headers=basic("sam", PASSWORD)), visitor.get("/api/v1/alerts")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}


def test_a_command_on_the_hub_may_do_everything(front: Front, visitor: Visitor) -> None:
    front.add("jo")
    assert visitor.ask("GET", "/api/v1/alerts", headers=basic("root", "command key")).status_code == 200
    assert visitor.ask("GET", "/api/v1/alerts", headers=basic("root", "command kez")).status_code == 401


def test_forms_carry_their_sessions_token(front: Front, visitor: Visitor) -> None:
    front.add("jo")
    visitor.sign_in("jo", PASSWORD)
    for path in ("/account/password", "/account/sessions/end-others", "/accounts", "/tokens", "/account/second-step"):
        assert visitor.ask("POST", path, form={"token": "guess"}).status_code == 403
