from __future__ import annotations

import pytest

from sensor_hub.joining.code import MOST_TRIES, JoinCode
from sensor_hub.storage.join_codes import JoinedGateway, SqlJoinCodes
from sensor_hub.storage.stores import SqlStores

T = 1_767_605_000.0


@pytest.fixture
def codes(stores: SqlStores) -> SqlJoinCodes:
    return stores.join_codes


def test_a_home_has_one_code_and_a_mark_one_home(codes: SqlJoinCodes) -> None:
    assert codes.keep(JoinCode("h1", "ACD", "first", T))
    assert codes.keep(JoinCode("h1", "EFG", "second", T))
    assert [code.mark for code in codes.all()] == ["EFG"]
    assert not codes.keep(JoinCode("h2", "EFG", "third", T))
    assert codes.keep(JoinCode("h2", "ACD", "third", T))
    assert [(code.home, code.secret_hash) for code in codes.all()] == [("h1", "second"), ("h2", "third")]


def test_tries_are_counted_before_they_are_judged_and_no_further_than_the_lock(codes: SqlJoinCodes) -> None:
    assert codes.begin_try("ACD") is None
    codes.keep(JoinCode("h1", "ACD", "hash", T))
    seen = [code.tries for code in (codes.begin_try("ACD") for _ in range(MOST_TRIES + 2)) if code is not None]
    assert seen == [0, 1, 2, 3, 4, 5, 5]


def test_a_code_is_spent_once_and_can_be_given_back(codes: SqlJoinCodes) -> None:
    codes.keep(JoinCode("h1", "ACD", "hash", T))
    codes.begin_try("ACD")
    assert codes.spend("ACD", T + 1)
    assert not codes.spend("ACD", T + 2)
    assert codes.all()[0].used_at == T + 1
    codes.give_back("ACD")
    assert codes.all() == [JoinCode("h1", "ACD", "hash", T)]
    assert codes.spend("ACD", T + 3)


def test_who_has_joined_is_remembered_until_it_is_removed(codes: SqlJoinCodes) -> None:
    codes.note_joined(JoinedGateway("h1", "local/h1", T, "1.0"))
    codes.note_joined(JoinedGateway("h1", "local/h1", T + 5, "1.1"))
    assert codes.joined() == [JoinedGateway("h1", "local/h1", T + 5, "1.1")]
    assert codes.note_removed("h1", 3.0)
    assert not codes.note_removed("h1", 3.0)
    assert codes.joined() == []
