"""People change their own password and second step, and end their own sessions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor_hub.access.api_token import secret_hash
from sensor_hub.access.lockout import ACCOUNT_RULE
from sensor_hub.access.role import Role
from sensor_hub.desk.own_account import TOO_OFTEN, WRONG
from tests.accounts import PASSWORD, Front, open_front

NEW = "cardigan pony radish"


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with open_front(tmp_path) as front:
        yield front


def test_a_new_password_ends_all_other_sessions(front: Front) -> None:
    jo = front.add("jo")
    here, there = front.sign_in("jo"), front.sign_in("jo")
    assert front.own.change_password(jo.id, PASSWORD, NEW, but=secret_hash(here)) == {}
    assert front.sign_ins.seat(here) is not None
    assert front.sign_ins.seat(there) is None


def test_what_is_wrong_changes_nothing(front: Front) -> None:
    jo = front.add("jo")
    assert front.own.change_password(jo.id, "guess", NEW, but="") == {"old": WRONG}
    assert set(front.own.change_password(jo.id, PASSWORD, "short", but="")) == {"new"}
    front.sign_in("jo")


def test_who_sits_at_an_open_session_cannot_guess_for_ever(front: Front) -> None:
    jo = front.add("jo")
    for _ in range(ACCOUNT_RULE.free):
        assert front.own.drop_second_step(jo.id, "guess") == WRONG
    assert front.own.change_password(jo.id, PASSWORD, NEW, but="") == {"old": TOO_OFTEN}


def test_a_second_step_is_set_up_and_taken_away(front: Front) -> None:
    jo = front.add("jo")
    totp = front.second_step(jo)
    assert front.own.set_second_step(jo.id, totp.secret, totp.at(int(front.at))) is None
    assert front.own.recovery_codes_left(jo.id) == 10
    assert front.own.drop_second_step(jo.id, PASSWORD) is None
    found = front.own.find(jo.id)
    assert found is not None
    assert not found.has_second_step
    assert [detail for _, _, detail in front.told()[-2:]] == ["second step set up", "second step taken away"]


def test_a_code_that_is_not_the_secrets_sets_nothing_up(front: Front) -> None:
    jo = front.add("jo")
    assert front.own.set_second_step(jo.id, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "000000") is None
    assert front.own.set_second_step(jo.id, "not base 32!", "000000") is None


def test_people_see_and_end_their_own_sessions_alone(front: Front) -> None:
    jo, sam = front.add("jo"), front.add("sam", Role.DUTY_OFFICER)
    first, second, sams = front.sign_in("jo"), front.sign_in("jo"), front.sign_in("sam")
    assert {each.id_hash for each in front.own.sessions(jo.id)} == {secret_hash(first), secret_hash(second)}
    assert not front.own.end_session(jo.id, secret_hash(sams))
    assert front.own.end_session(jo.id, secret_hash(second))
    assert front.sign_ins.seat(second) is None
    front.sign_in("jo")
    assert front.own.end_other_sessions(jo.id, but=secret_hash(first)) == 1
    assert [each.id_hash for each in front.own.sessions(sam.id)] == [secret_hash(sams)]
