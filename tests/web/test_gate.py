"""Nobody passes without the password, no other site acts, and every answer is guarded."""

from __future__ import annotations

import base64

import pytest
from itsdangerous import URLSafeTimedSerializer

from sensor_hub.web.forms import local_path
from sensor_hub.web.ports import Handled
from sensor_hub.web.session import COOKIE, SESSION_SECONDS, Sessions
from tests.web.builders import HASH, PASSWORD, make_hub, make_site
from tests.web.visitor import ORIGIN, Visitor

PAGES = ["/", "/homes", "/homes/elm-14", "/alerts/a1", "/nothing", "/login/x"]
PROGRAMS = ["/metrics", "/api/openapi.json", "/api/v1/alerts", "/api/v1/homes/elm-14/chart?days=1", "/api/nothing"]


@pytest.fixture
def visitor() -> Visitor:
    return Visitor(make_site(make_hub()))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_without_the_password_leads_to_the_login(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2F")
    assert "elm-14" not in answer.text


@pytest.mark.parametrize("path", PROGRAMS)
def test_the_api_without_the_password_is_a_problem(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Sign in first"


@pytest.mark.parametrize("path", ["/login", "/healthz", "/readyz", "/static/site.css", "/static/site.js"])
def test_what_needs_no_password(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status_code == 200


def test_signing_in_leads_to_the_page_that_was_wanted(visitor: Visitor) -> None:
    answer = visitor.sign_in(wanted="/homes/elm-14?days=3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/homes/elm-14?days=3")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert visitor.get("/").status_code == 200


def test_by_https_the_cookie_never_travels_without_it() -> None:
    visitor = Visitor(make_site(make_hub(), url="https://hub.example"))
    assert "Secure" in visitor.sign_in().headers["set-cookie"]


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "/\n/evil.example"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(wanted: str) -> None:
    assert local_path(wanted) == "/"


def test_a_wrong_password_is_refused_and_says_so(visitor: Visitor) -> None:
    answer = visitor.sign_in(password="guess")
    assert answer.status_code == 403
    assert "That is not the password" in answer.text
    assert visitor.get("/").status_code == 303


def test_a_forged_cookie_and_one_of_an_old_password_are_worth_nothing(visitor: Visitor) -> None:
    for cookie in ("x", Sessions("another secret", HASH).begin("Eve"), Sessions("for tests", "old hash").begin("Eve")):
        visitor.cookies.set(COOKIE, cookie)
        assert visitor.get("/").status_code == 303


def test_a_session_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions("for tests", HASH)
    cookie = sessions.begin("Jo")
    assert sessions.read(cookie) is not None
    later = sessions._signer.make_signer().get_timestamp() + SESSION_SECONDS + 1
    monkeypatch.setattr(URLSafeTimedSerializer.default_signer, "get_timestamp", lambda _: later)
    assert sessions.read(cookie) is None


def test_signing_out_ends_it(visitor: Visitor) -> None:
    visitor.sign_in()
    assert visitor.send("/logout").headers["location"] == "/login"
    assert visitor.get("/").status_code == 303


@pytest.mark.parametrize("path", ["/", "/login", "/healthz", "/static/site.css", "/api/v1/alerts", "/nothing"])
def test_every_answer_is_guarded(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == ("max-age=300" if path.startswith("/static") else "no-store")


def test_a_form_without_its_token_does_nothing() -> None:
    hub = make_hub()
    visitor = Visitor(make_site(hub))
    visitor.sign_in()
    for token in ("", "guess", "naïve"):
        answer = visitor.ask("POST", "/alerts/a1/acknowledge", form={"by": "Eve", "token": token})
        assert answer.status_code == 403
        assert "out of date" in answer.text
    assert hub.histories["a1"].alert.handled is Handled.OPEN


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://hub.test:81"])
def test_a_form_of_another_site_does_nothing(origin: str) -> None:
    hub = make_hub()
    visitor = Visitor(make_site(hub))
    visitor.sign_in()
    form = {"by": "Eve", "token": visitor.token()}
    answer = visitor.ask("POST", "/alerts/a1/acknowledge", form=form, headers={"Origin": origin})
    assert answer.status_code == 403
    assert hub.histories["a1"].alert.handled is Handled.OPEN


def test_a_body_is_bounded(visitor: Visitor) -> None:
    assert visitor.sign_in(name="x" * 70_000).status_code == 413
    assert visitor.ask("POST", "/login", headers={"Transfer-Encoding": "chunked"}).status_code in {411, 422}


def test_a_program_sends_the_password_with_each_request(visitor: Visitor) -> None:
    def basic(password: str) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(f"rota:{password}".encode()).decode()}

    assert visitor.ask("GET", "/api/v1/alerts", headers=basic(PASSWORD)).status_code == 200
    assert visitor.ask("GET", "/api/v1/alerts", headers=basic("guess")).status_code == 401
    assert visitor.ask("GET", "/api/v1/alerts", headers={"Authorization": "Basic %%%"}).status_code == 401
    taken = visitor.ask("POST", "/api/v1/alerts/a1/acknowledge", json={}, headers=basic(PASSWORD))
    assert taken.json()["acknowledged_by"] == "rota"


def test_the_api_takes_no_form_of_another_site(visitor: Visitor) -> None:
    visitor.sign_in()
    plain = {"Content-Type": "text/plain", "Origin": ORIGIN}
    answer = visitor.ask("POST", "/api/v1/alerts/a1/acknowledge", form={"by": "Eve"}, headers=plain)
    assert answer.status_code == 422
