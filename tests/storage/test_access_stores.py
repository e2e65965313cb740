"""Accounts and what lets somebody in, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.access.account import Account
from sensor_hub.access.action import Action
from sensor_hub.access.api_token import ApiToken, make_token, secret_hash
from sensor_hub.access.lockout import FORGOTTEN_AFTER, Attempts
from sensor_hub.access.role import Role
from sensor_hub.access.session import SignedIn, Stage
from sensor_hub.storage.access_stores import AccessStores
from tests.accounts import open_access
from tests.postgres import fresh_database

AT = 1_800_000_000.0
JO = Account("jo1", "jo@example.org", "Jo", Role.DUTY_OFFICER, AT, tenant="local")
SAM = Account("sam1", "sam", "Sam", Role.FAMILY, AT, tenant="local", homes=frozenset({"elm-14", "oak-2"}))


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AccessStores]:
    if request.param == "sqlite":
        with open_access(tmp_path / "hub.db", tmp_path) as stores:
            yield stores
        return
    with fresh_database() as address, open_access(address, tmp_path) as stores:
        yield stores


def signed_in(name: str, account: str = "jo1", at: float = AT) -> SignedIn:
    return SignedIn(name, account, Stage.FULL, at, at, at + 3600, "10.0.0.9", "Firefox")


def test_an_account_comes_back_as_it_was_kept(stores: AccessStores) -> None:
    accounts = stores.accounts
    assert not accounts.exist()
    assert accounts.add(JO, "jo@example.org")
    assert accounts.add(SAM)
    assert accounts.exist()
    assert accounts.by_login("jo@example.org") == replace(JO, has_address=True)
    assert accounts.by_id("sam1") == SAM
    assert [each.id for each in accounts.all()] == ["jo1", "sam1"]
    assert accounts.by_login("eve") is accounts.by_id("eve") is accounts.by_subject("eve") is None


def test_a_login_and_a_subject_are_one_accounts(stores: AccessStores) -> None:
    accounts = stores.accounts
    assert accounts.add(replace(JO, subject="https://id.example 7"))
    assert not accounts.add(replace(SAM, login="jo@example.org"))
    assert not accounts.add(replace(SAM, subject="https://id.example 7"))
    with stores.database.transaction():
        assert not accounts.add(replace(SAM, login="jo@example.org"))
        assert accounts.add(SAM)
    assert accounts.by_subject("https://id.example 7") == replace(JO, subject="https://id.example 7")


def test_an_address_and_a_secret_are_sealed(stores: AccessStores) -> None:
    accounts = stores.accounts
    accounts.add(JO, "jo@example.org")
    accounts.set_second_step("jo1", "JBSWY3DPEHPK3PXP", 7, ["a"])
    assert accounts.address_of("jo1") == "jo@example.org"
    assert accounts.second_step_of("jo1") == ("JBSWY3DPEHPK3PXP", 7)
    row = stores.database.connection.exec_driver_sql("SELECT address, second_step FROM account").one()
    assert b"example" not in bytes(row[0])
    assert b"JBSW" not in bytes(row[1])


def test_it_changes_and_is_disabled(stores: AccessStores) -> None:
    accounts = stores.accounts
    accounts.add(JO)
    now = replace(JO, name="Joan", role=Role.CARE_MANAGER, tenant=None, homes=frozenset({"elm-14"}), disabled_at=AT + 1)
    assert accounts.change(now)
    accounts.signed_in("jo1", AT + 2)
    assert accounts.by_id("jo1") == replace(now, signed_in_at=AT + 2)
    assert not accounts.change(replace(now, id="eve"))


def test_a_password_and_a_second_step_are_set_and_dropped(stores: AccessStores) -> None:
    accounts = stores.accounts
    accounts.add(JO)
    assert accounts.password_of("jo1") is accounts.second_step_of("jo1") is None
    accounts.set_password("jo1", "hash")
    accounts.set_second_step("jo1", "SECRET", 7, ["a", "b"])
    found = accounts.by_id("jo1")
    assert found is not None
    assert (found.has_password, found.has_second_step, accounts.password_of("jo1")) == (True, True, "hash")
    accounts.drop_second_step("jo1")
    assert (accounts.second_step_of("jo1"), accounts.recovery_codes_left("jo1")) == (None, 0)


def test_a_step_and_a_recovery_code_are_good_once(stores: AccessStores) -> None:
    accounts = stores.accounts
    accounts.add(JO)
    accounts.set_second_step("jo1", "SECRET", 7, ["a", "b"])
    assert [accounts.use_step("jo1", step) for step in (7, 9, 9, 8)] == [False, True, False, False]
    used = [accounts.use_recovery_code(who, code) for who, code in (("sam1", "a"), ("jo1", "a"), ("jo1", "a"))]
    assert used == [False, True, False]
    assert accounts.recovery_codes_left("jo1") == 1


def test_sessions_begin_are_seen_and_end(stores: AccessStores) -> None:
    sessions = stores.sessions
    for name, account in (("a", "jo1"), ("b", "jo1"), ("c", "sam1")):
        sessions.begin(signed_in(name, account))
    assert sessions.find("a") == signed_in("a")
    sessions.seen("b", AT + 5)
    assert [each.id_hash for each in sessions.of_account("jo1")] == ["b", "a"]
    assert [sessions.end("a"), sessions.end("a")] == [True, False]
    sessions.begin(signed_in("d"))
    assert sessions.end_all_of("jo1", but="d") == 1
    assert [each.id_hash for each in sessions.of_account("jo1")] == ["d"]
    assert sessions.find("c") is not None


def test_sessions_that_are_over_are_struck(stores: AccessStores) -> None:
    for name, at in (("old", AT), ("unused", AT + 2000), ("good", AT + 2000)):
        stores.sessions.begin(signed_in(name, at=at))
    stores.sessions.seen("good", AT + 3700)
    assert stores.sessions.forget(ended_before=AT + 3600, seen_before=AT + 3000) == 2
    assert stores.sessions.find("good") is not None


def test_a_link_is_good_once_until_it_ends_or_another_is_made(stores: AccessStores) -> None:
    links = stores.links
    links.keep("first", "jo1", at=AT, ends_at=AT + 60)
    assert (links.account_of("first", AT), links.account_of("first", AT + 60)) == ("jo1", None)
    links.keep("second", "jo1", at=AT + 1, ends_at=AT + 60)
    assert links.account_of("first", AT + 2) is None
    assert links.last_made("jo1") == AT + 1
    assert [links.use("second"), links.use("second")] == [True, False]
    assert links.last_made("jo1") is None


def test_failures_are_counted_and_forgotten(stores: AccessStores) -> None:
    failures = stores.failures
    assert failures.of("who") == Attempts()
    assert [failures.add("who", AT + more).failures for more in range(3)] == [1, 2, 3]
    assert failures.of("who") == Attempts(3, AT + 2)
    assert failures.add("who", AT + 3 + FORGOTTEN_AFTER).failures == 1
    failures.add("other", AT)
    failures.forget("who")
    assert failures.forget_before(AT) == 1
    assert failures.of("who") == failures.of("other") == Attempts()


def test_a_token_is_found_by_its_secret_used_and_revoked(stores: AccessStores) -> None:
    tokens, secret = stores.tokens, make_token()
    scopes = frozenset({Action.SEE_ALERTS, Action.SEE_METRICS})
    token = ApiToken("t1", "rota", scopes, "Jo", AT, AT + 60, "jo1", homes=frozenset({"elm-14"}))
    tokens.add(token, secret_hash(secret))
    tokens.add(ApiToken("t2", "Grafana", scopes, "Jo", AT + 1, AT + 90, tenant="local"), secret_hash(make_token()))
    assert tokens.by_secret(secret_hash(secret)) == tokens.by_id("t1") == token
    assert tokens.by_secret(secret_hash(make_token())) is tokens.by_id("t3") is None
    assert [each.id for each in tokens.all()] == ["t2", "t1"]
    assert tokens.of_account("jo1") == [token]
    tokens.used("t1", AT + 5)
    assert [tokens.revoke("t1", AT + 6), tokens.revoke("t1", AT + 7)] == [True, False]
    assert tokens.by_id("t1") == replace(token, used_at=AT + 5, revoked_at=AT + 6)
    assert tokens.forget(ended_before=AT + 61) == 1
    assert [each.id for each in tokens.all()] == ["t2"]
