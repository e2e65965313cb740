"""Accounts of others by the API, over the stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor_hub.access.account import Account
from sensor_hub.access.role import Role
from sensor_hub.web.session import COOKIE
from tests.accounts import PASSWORD, Front, open_front
from tests.web.builders import make_hub, make_site
from tests.web.visitor import Visitor

ACCOUNTS = "/api/v1/accounts"
SAM = {"login": "sam", "name": "Sam", "role": "family", "tenant": "local", "homes": ["elm-14"]}


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with open_front(tmp_path) as front:
        front.add("jo", Role.ADMINISTRATOR)
        yield front


@pytest.fixture
def jo(front: Front) -> Visitor:
    """The administrator, signed in."""
    visitor = Visitor(make_site(make_hub(), accounts=front.doors()))
    assert visitor.sign_in("jo", PASSWORD).status_code == 303
    return visitor


def test_somebody_is_made_invited_changed_and_put_out(front: Front, jo: Visitor) -> None:
    made = jo.ask("POST", ACCOUNTS, json=SAM)
    assert made.status_code == 201
    told = made.json()
    where = f"{ACCOUNTS}/{told['account']['id']}"
    assert made.headers["location"] == where
    assert told["link"].startswith("http://hub.test/password/")
    assert told["account"]["comes_by"] is None

    read = jo.ask("GET", where)
    assert read.json() == told["account"]
    now = {"role": "duty_officer", "tenant": "local", "homes": None}
    assert jo.ask("PUT", where, json=now).status_code == 428
    changed = jo.ask("PUT", where, json=now, headers={"If-Match": read.headers["etag"]})
    assert (changed.status_code, changed.json()["role"], changed.json()["homes"]) == (200, "duty_officer", None)
    stale = jo.ask("PUT", where, json=now | {"role": "technician"}, headers={"If-Match": read.headers["etag"]})
    assert stale.status_code == 412
    assert account(front, "sam").role is Role.DUTY_OFFICER

    assert jo.ask("POST", f"{where}/disable").json()["disabled_at"] is not None
    assert jo.ask("POST", f"{where}/reset", json={}).status_code == 409
    assert jo.ask("POST", f"{where}/enable").json()["disabled_at"] is None
    link = jo.ask("POST", f"{where}/reset", json={"second_step": True}).json()["link"]
    assert link.startswith("http://hub.test/password/")
    assert link != told["link"]


def test_what_cannot_be_says_which_field(front: Front, jo: Visitor) -> None:
    jo.ask("POST", ACCOUNTS, json=SAM)
    for wrong, field in (({}, "login"), ({"login": "kim", "homes": None}, "homes"), ({"login": "a b"}, "login")):
        answer = jo.ask("POST", ACCOUNTS, json=SAM | wrong)
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith(f"{field}: ")
    own = f"{ACCOUNTS}/{account(front, 'jo').id}"
    last = jo.ask("POST", f"{own}/disable")
    assert (last.status_code, "last administrator" in last.json()["detail"]) == (409, True)
    assert jo.ask("GET", f"{ACCOUNTS}/nobody").status_code == 404


def test_pages_hold_each_account_that_one_manages_once(front: Front, jo: Visitor) -> None:
    for number in range(7):
        front.add(f"care-{number}", Role.CARE_MANAGER, tenant="local")
        front.add(f"kin-{number}", Role.FAMILY, tenant="local", homes=frozenset({"elm-14"}))
    assert logins(jo, 4) == sorted(["jo", *(f"{kind}-{number}" for kind in ("care", "kin") for number in range(7))])
    jo.cookies.delete(COOKIE)
    assert jo.sign_in("care-3", PASSWORD).status_code == 303
    assert logins(jo, 3) == [f"kin-{number}" for number in range(7)]
    assert jo.ask("GET", f"{ACCOUNTS}/{account(front, 'jo').id}").status_code == 404


def logins(visitor: Visitor, limit: int) -> list[str]:
    found: list[str] = []
    page = visitor.ask("GET", f"{ACCOUNTS}?limit={limit}").json()
    while True:
        found += [each["login"] for each in page["items"]]
        if page["following"] is None:
            return found
        assert len(page["items"]) == limit
        page = visitor.ask("GET", f"{ACCOUNTS}?limit={limit}&cursor={page['following']}").json()


def account(front: Front, login: str) -> Account:
    found = front.stores.accounts.by_login(login)
    assert found is not None
    return found
