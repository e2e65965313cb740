"""Tokens are given within what one may oneself, end, and are revoked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor_hub.access.action import Action
from sensor_hub.access.api_token import PEOPLE_ONLY, ApiToken
from sensor_hub.access.principal import first_start
from sensor_hub.access.role import ROLES, Role
from sensor_hub.model.moment import DAY
from sensor_hub.web.account_ports import NewToken
from tests.accounts import Front, open_front

SEE = frozenset({Action.SEE_ALERTS})
HOME = frozenset({"elm-14"})


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with open_front(tmp_path) as front:
        front.add("jo")
        yield front


def made(found: object) -> tuple[ApiToken, str]:
    assert isinstance(found, tuple), found
    return found


def wrong(found: object) -> set[str]:
    assert isinstance(found, dict), found
    return set(found)


def test_ones_own_token_lets_a_program_in_as_oneself_with_less(front: Front) -> None:
    sam = front.add("sam", Role.DUTY_OFFICER, tenant="local")
    token, secret = made(front.tokens.add(sam.principal(), NewToken("rota", SEE, 90, HOME)))
    who = front.sign_ins.token(secret)
    assert who is not None
    assert (who.name, who.role, who.tenant) == ("Sam (rota)", Role.DUTY_OFFICER, "local")
    assert (who.homes, who.actions) == (HOME, SEE)
    assert front.told()[-1] == ("token_changed", token.id, "rota made for 90 days: alerts:see")
    assert secret not in str(front.told())


def test_a_token_ends_and_is_revoked(front: Front) -> None:
    sam = front.add("sam", Role.DUTY_OFFICER, tenant="local").principal()
    token, secret = made(front.tokens.add(sam, NewToken("rota", SEE, 90)))
    _, other = made(front.tokens.add(sam, NewToken("board", SEE, 1)))
    assert front.tokens.revoke(sam, token.id)
    assert not front.tokens.revoke(sam, token.id)
    assert front.sign_ins.token(secret) is None
    assert front.sign_ins.token(other) is not None
    front.at += DAY
    assert front.sign_ins.token(other) is None


def test_a_disabled_owner_ends_it(front: Front) -> None:
    sam = front.add("sam", Role.DUTY_OFFICER, tenant="local")
    _, secret = made(front.tokens.add(sam.principal(), NewToken("rota", SEE, 90)))
    front.book.disable(first_start("Jo"), sam.id, is_disabled=True)
    assert front.sign_ins.token(secret) is None


def test_when_it_was_used_is_kept_to_the_minute(front: Front) -> None:
    sam = front.add("sam", Role.DUTY_OFFICER, tenant="local").principal()
    token, secret = made(front.tokens.add(sam, NewToken("rota", SEE, 90)))
    for later, seen in ((0, 0), (59, 0), (60, 60)):
        front.at += later - (front.at - token.made_at)
        front.sign_ins.token(secret)
        assert front.tokens.all(sam)[0].used_at == token.made_at + seen


@pytest.mark.parametrize(
    ("new", "fields"),
    [
        (NewToken("", SEE, 90), {"label"}),
        (NewToken("x" * 61, SEE, 90), {"label"}),
        (NewToken("rota", frozenset(), 90), {"scopes"}),
        (NewToken("rota", frozenset({Action.MANAGE_ACCOUNTS}), 90), {"scopes"}),
        (NewToken("rota", frozenset({Action.OWN_ACCOUNT}), 90), {"scopes"}),
        (NewToken("rota", SEE, 0), {"days"}),
        (NewToken("rota", SEE, 367), {"days"}),
        (NewToken("rota", SEE, float("nan")), {"days"}),
        (NewToken("rota", SEE, 90, frozenset({"nowhere"})), {"homes"}),
        (NewToken("rota", SEE, 90, is_own=False, tenant="local"), {"scopes"}),
    ],
)
def test_nobody_gives_more_than_they_have(front: Front, new: NewToken, fields: set[str]) -> None:
    sam = front.add("sam", Role.DUTY_OFFICER, tenant="local").principal()
    assert wrong(front.tokens.add(sam, new)) == fields


def test_a_program_has_a_token_of_its_own(front: Front) -> None:
    admin = front.add("kim", Role.ADMINISTRATOR, tenant="local").principal()
    new = NewToken("Grafana", frozenset({Action.SEE_METRICS}), 365, is_own=False, tenant="local")
    _, secret = made(front.tokens.add(admin, new))
    who = front.sign_ins.token(secret)
    assert who is not None
    assert (who.role, who.name, who.tenant) == (Role.INTEGRATION, "Grafana", "local")
    assert front.tokens.grantable(admin, is_own=False) == ROLES[Role.INTEGRATION] - PEOPLE_ONLY
    for tenant in (None, "other"):
        assert wrong(front.tokens.add(admin, new._replace(tenant=tenant))) == {"tenant"}


def test_who_sees_some_homes_gives_tokens_for_these_alone(front: Front) -> None:
    admin = front.add("kim", Role.ADMINISTRATOR, tenant="local", homes=HOME).principal()
    new = NewToken("x", frozenset({Action.SEE_METRICS}), 9, is_own=False, tenant="local")
    for homes in (None, frozenset({"oak-2"}), HOME | {"oak-2"}):
        assert wrong(front.tokens.add(admin, new._replace(homes=homes))) == {"homes"}
    made(front.tokens.add(admin, new._replace(homes=HOME)))


def test_people_see_and_revoke_their_own_and_administrators_those_of_their_tenant(front: Front) -> None:
    sam, kim = (front.add(name, Role.DUTY_OFFICER, tenant="local").principal() for name in ("sam", "kim"))
    ours = front.add("ann", Role.ADMINISTRATOR, tenant="local").principal()
    theirs = front.add("bob", Role.ADMINISTRATOR, tenant="other").principal()
    token, _ = made(front.tokens.add(sam, NewToken("rota", SEE, 90)))
    for stranger in (kim, theirs):
        assert front.tokens.all(stranger) == []
        assert not front.tokens.revoke(stranger, token.id)
    assert front.tokens.all(ours) == front.tokens.all(first_start("Jo")) == front.tokens.all(sam) == [token]
    assert front.tokens.revoke(ours, token.id)


def test_the_hubs_own_password_has_no_token_of_its_own(front: Front) -> None:
    assert wrong(front.tokens.add(first_start("Jo"), NewToken("x", SEE, 9))) == {"label"}
