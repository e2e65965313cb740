"""People get in with what is theirs; what is forged, over or ended lets nobody in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest

from sensor_hub.access.api_token import make_token
from sensor_hub.access.lockout import ACCOUNT_RULE, ADDRESS_RULE
from sensor_hub.access.oidc_claims import ClaimRule
from sensor_hub.access.role import Role
from sensor_hub.access.second_step import make_secret
from sensor_hub.access.session import SessionRule, Stage
from sensor_hub.desk.signing_in import CODE_OVER, DISABLED, NOT_FIRST, UNKNOWN, SignInRules
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.storage.vault import Vault
from sensor_hub.web.account_ports import Begun, Caller, Denied, Locked
from tests.accounts import HERE, PASSWORD, Front, open_front

RULES = SignInRules(
    SessionRule(longest=12 * HOUR, idle=2 * HOUR),
    frozenset({Role.CARE_MANAGER}),
    (ClaimRule("groups", "admins", Role.ADMINISTRATOR), ClaimRule("groups", "duty", Role.DUTY_OFFICER, "local")),
)
JO = {"iss": "https://id.example", "sub": "7", "name": "Jo Brown", "groups": ["admins"], "preferred_username": "jo"}


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with open_front(tmp_path, RULES) as front:
        yield front


def test_until_there_is_an_account_it_is_the_first_start(front: Front) -> None:
    assert front.sign_ins.is_first_start()
    front.add("jo")
    assert not front.sign_ins.is_first_start()


def test_a_password_lets_its_owner_in(front: Front) -> None:
    account = front.add("jo")
    begun = front.sign_ins.by_password(" JO ", PASSWORD, HERE)
    assert isinstance(begun, Begun)
    assert begun.stage is Stage.FULL
    seat = front.sign_ins.seat(begun.cookie)
    assert seat is not None
    assert (seat.account.id, seat.session.address, seat.session.agent) == (account.id, "10.0.0.9", "Firefox")
    assert seat.account.signed_in_at == front.at
    assert front.told()[-1] == ("signed_in", "jo", "with a password, from 10.0.0.9")


@pytest.mark.parametrize(("login", "password"), [("jo", "guess"), ("jo", ""), ("eve", PASSWORD), ("", "")])
def test_what_does_not_go_together_says_no_more(front: Front, login: str, password: str) -> None:
    front.add("jo")
    assert front.sign_ins.by_password(login, password, HERE) is None


def test_an_account_without_a_password_and_a_disabled_one_let_nobody_in(front: Front) -> None:
    front.add("jo")
    sam = front.add("sam", Role.DUTY_OFFICER)
    front.stores.accounts.change(replace(sam, disabled_at=front.at))
    assert front.sign_ins.by_password("sam", PASSWORD, HERE) is None
    front.sign_ins.by_provider({**JO, "preferred_username": "kim"}, HERE)
    for guess in ("", "None"):
        assert front.sign_ins.by_password("kim", guess, HERE) is None


@pytest.mark.parametrize("login", ["jo", "nobody"])
def test_failures_lock_for_a_time_whether_or_not_the_account_exists(front: Front, login: str) -> None:
    front.add("jo")
    for _ in range(ACCOUNT_RULE.free):
        assert front.sign_ins.by_password(login, "guess", HERE) is None
    assert front.sign_ins.by_password(login, PASSWORD, Caller("10.0.0.77", "")) == Locked(front.at + MINUTE)
    front.at += MINUTE
    found = front.sign_ins.by_password(login, PASSWORD, HERE)
    assert isinstance(found, Begun) == (login == "jo")


def test_success_forgets_the_failures_before(front: Front) -> None:
    front.add("jo")
    for _ in range(3):
        for _ in range(ACCOUNT_RULE.free - 1):
            assert front.sign_ins.by_password("jo", "guess", HERE) is None
        front.sign_in("jo")


def test_an_address_is_locked_for_all_accounts_but_not_this_machine(front: Front) -> None:
    front.add("jo")
    for address, is_locked in (("10.0.0.9", True), ("127.0.0.1", False)):
        for number in range(ADDRESS_RULE.free):
            assert front.sign_ins.by_password(f"user{number}", "guess", Caller(address, "")) is None
        found = front.sign_ins.by_password("jo", PASSWORD, Caller(address, ""))
        assert isinstance(found, Locked) == is_locked


def test_a_second_step_is_asked_for(front: Front) -> None:
    totp = front.second_step(front.add("jo"))
    begun = front.sign_ins.by_password("jo", PASSWORD, HERE)
    assert isinstance(begun, Begun)
    assert begun.stage is Stage.CODE
    assert front.sign_ins.seat(begun.cookie) is None
    front.at += 30
    assert front.sign_ins.by_code(begun.cookie, "000000", HERE) is None
    done = front.sign_ins.by_code(begun.cookie, totp.at(int(front.at)), HERE)
    assert isinstance(done, Begun)
    assert done.cookie != begun.cookie
    assert front.sign_ins.seat(done.cookie) is not None
    assert front.sign_ins.by_code(begun.cookie, totp.at(int(front.at)), HERE) == Denied(CODE_OVER)
    assert front.told()[-1][2] == "with a password and a code, from 10.0.0.9"


def test_a_recovery_code_stands_for_a_lost_telephone_once(front: Front) -> None:
    account = front.add("jo")
    front.second_step(account)
    for expected in (Begun, type(None)):
        begun = front.sign_ins.by_password("jo", PASSWORD, HERE)
        assert isinstance(begun, Begun)
        assert isinstance(front.sign_ins.by_code(begun.cookie, front.codes[0].lower(), HERE), expected)
    assert front.own.recovery_codes_left(account.id) == len(front.codes) - 1


def test_codes_cannot_be_guessed_for_ever_also_by_who_has_the_password(front: Front) -> None:
    totp = front.second_step(front.add("jo"))
    front.at += 30
    for _ in range(ACCOUNT_RULE.free):
        assert front.sign_ins.by_code(front.sign_in("jo"), "000000", HERE) is None
    assert isinstance(front.sign_ins.by_code(front.sign_in("jo"), totp.at(int(front.at)), HERE), Locked)


def test_a_lost_key_locks_out_nobody_who_has_recovery_codes(front: Front) -> None:
    account = front.add("jo")
    front.second_step(account)
    vault = front.stores.accounts._seal
    assert isinstance(vault, Vault)
    vault.file.path.unlink()
    front.stores.accounts._seal = Vault(vault.file, vault.remembered)
    assert isinstance(front.sign_ins.by_code(front.sign_in("jo"), front.codes[0], HERE), Begun)


def test_a_role_that_needs_a_second_step_sets_one_up_first(front: Front) -> None:
    front.add("jo")
    front.add("sam", Role.CARE_MANAGER, tenant="local")
    begun = front.sign_ins.by_password("sam", PASSWORD, HERE)
    assert isinstance(begun, Begun)
    assert begun.stage is Stage.ENROL
    assert front.sign_ins.seat(begun.cookie) is None
    secret = make_secret()
    assert front.sign_ins.enrol(begun.cookie, secret, "000000", HERE) is None
    enrolled = front.sign_ins.enrol(begun.cookie, secret, pyotp.TOTP(secret).at(int(front.at)), HERE)
    assert enrolled is not None
    assert front.sign_ins.seat(enrolled[0].cookie) is not None
    assert len(enrolled[1]) == 10


@pytest.mark.parametrize("cookie", ["", "x", "é"])
def test_a_forged_cookie_is_nobodys(front: Front, cookie: str) -> None:
    front.add("jo")
    assert front.sign_ins.seat(cookie) is None


def test_a_session_ends_by_its_age_and_for_want_of_use(front: Front) -> None:
    front.add("jo")
    unused, used = front.sign_in("jo"), front.sign_in("jo")
    start = front.at
    front.at = start + HOUR
    assert front.sign_ins.seat(used) is not None
    front.at = start + 2 * HOUR
    assert front.sign_ins.seat(unused) is None
    for hour in range(2, 12):
        front.at = start + hour * HOUR
        assert front.sign_ins.seat(used) is not None
    front.at = start + 12 * HOUR
    assert front.sign_ins.seat(used) is None
    front.at = start
    assert front.sign_ins.seat(used) is None


def test_a_session_of_the_future_is_none(front: Front) -> None:
    front.add("jo")
    cookie = front.sign_in("jo")
    front.at -= 1
    assert front.sign_ins.seat(cookie) is None


def test_signing_out_ends_the_session(front: Front) -> None:
    front.add("jo")
    cookie = front.sign_in("jo")
    front.sign_ins.sign_out(cookie)
    assert front.sign_ins.seat(cookie) is None
    assert front.told()[-1] == ("signed_out", "jo", "")
    front.sign_ins.sign_out(cookie)
    assert len(front.told()) == 4


def test_a_changed_role_holds_in_sessions_that_are_open(front: Front) -> None:
    front.add("jo")
    sam = front.add("sam", Role.DUTY_OFFICER, tenant="local")
    cookie = front.sign_in("sam")
    front.stores.accounts.change(replace(sam, role=Role.COMMISSIONER))
    seat = front.sign_ins.seat(cookie)
    assert seat is not None
    assert seat.account.principal().role is Role.COMMISSIONER


def test_whom_the_provider_vouches_for_gets_an_account(front: Front) -> None:
    begun = front.sign_ins.by_provider(JO, HERE)
    assert isinstance(begun, Begun)
    seat = front.sign_ins.seat(begun.cookie)
    assert seat is not None
    assert (seat.account.login, seat.account.name, seat.account.role) == ("jo", "Jo Brown", Role.ADMINISTRATOR)
    again = front.sign_ins.by_provider({**JO, "groups": ["duty"], "name": "Jo Black"}, HERE)
    assert isinstance(again, Begun)
    changed = front.sign_ins.seat(begun.cookie)
    assert changed is not None
    assert (changed.account.id, changed.account.name, changed.account.tenant) == (seat.account.id, "Jo Black", "local")


def test_it_never_takes_the_account_of_who_signs_in_here(front: Front) -> None:
    front.add("jo")
    begun = front.sign_ins.by_provider(JO, HERE)
    assert isinstance(begun, Begun)
    seat = front.sign_ins.seat(begun.cookie)
    assert seat is not None
    assert seat.account.login.startswith("jo#")


def test_whom_no_rule_knows_is_refused_and_put_out(front: Front) -> None:
    begun = front.sign_ins.by_provider(JO, HERE)
    assert isinstance(begun, Begun)
    assert front.sign_ins.by_provider({**JO, "groups": []}, HERE) == Denied(UNKNOWN)
    assert front.sign_ins.seat(begun.cookie) is None


def test_the_provider_makes_no_first_account_that_is_not_an_administrators(front: Front) -> None:
    assert front.sign_ins.by_provider({**JO, "groups": ["duty"]}, HERE) == Denied(NOT_FIRST)
    assert front.sign_ins.is_first_start()


def test_a_disabled_account_is_not_let_in_by_the_provider(front: Front) -> None:
    front.sign_ins.by_provider(JO, HERE)
    account = front.stores.accounts.by_login("jo")
    assert account is not None
    front.stores.accounts.change(replace(account, disabled_at=front.at))
    assert front.sign_ins.by_provider(JO, HERE) == Denied(DISABLED)


def test_a_forged_token_and_the_command_key(front: Front) -> None:
    assert front.sign_ins.token(make_token()) is front.sign_ins.token("shub_") is front.sign_ins.token("") is None
    assert front.sign_ins.is_command_key("command key")
    assert not front.sign_ins.is_command_key("")
    assert not front.sign_ins.is_command_key("command kéy")
