"""A token is known by its look; an invented one is told without a look into the database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.access.account import Account
from sensor_hub.access.action import Action
from sensor_hub.access.api_token import (
    LASTS_AT_MOST_DAYS,
    PEOPLE_ONLY,
    PREFIX,
    ApiToken,
    ends_at,
    is_token,
    make_token,
    secret_hash,
)
from sensor_hub.access.role import Role
from sensor_hub.model.moment import DAY


def test_a_token_that_was_made_is_one() -> None:
    tokens = [make_token() for _ in range(50)]
    assert len(set(tokens)) == 50
    assert all(is_token(token) and token.startswith(PREFIX) and len(token) == 43 for token in tokens)


def test_one_letter_changed_makes_it_none() -> None:
    token = make_token()
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        assert not is_token(token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize("text", ["", PREFIX, "shub_" + "ä" * 38, "x" * 43, PREFIX + "0" * 38])
def test_what_is_no_token(text: str) -> None:
    assert not is_token(text)


def test_what_is_kept_of_it_does_not_give_it_away() -> None:
    token = make_token()
    assert token[5:] not in secret_hash(token)
    assert secret_hash(token) != secret_hash(make_token())


def test_every_token_ends() -> None:
    assert ends_at(1000.0, 90) == 1000.0 + 90 * DAY
    for days in (0.0, -1.0, LASTS_AT_MOST_DAYS + 1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="at most"):
            ends_at(1000.0, days)


AT = 1_800_000_000.0
JO = Account("jo1", "jo", "Jo", Role.CARE_MANAGER, AT, tenant="local", homes=frozenset({"elm-14", "oak-2"}))
TOKEN = ApiToken(
    "t1",
    "rota",
    frozenset({Action.SEE_ALERTS, Action.SEE_SETTINGS, Action.ERASE_PERSON}),
    "Jo",
    AT,
    AT + 60,
    account="jo1",
)


def test_a_token_is_good_until_it_ends_or_is_revoked() -> None:
    assert [TOKEN.is_good(AT + later) for later in (-1, 0, 59.999, 60)] == [False, True, True, False]
    assert not replace(TOKEN, revoked_at=AT + 1).is_good(AT + 2)


def test_a_token_may_no_more_than_its_owner_and_its_scopes() -> None:
    who = TOKEN.principal(JO)
    assert who is not None
    assert (who.id, who.name, who.tenant, who.homes) == ("token:t1", "Jo (rota)", "local", JO.homes)
    assert who.actions == {Action.SEE_ALERTS}
    narrow = replace(TOKEN, homes=frozenset({"elm-14", "fir-3"})).principal(JO)
    assert narrow is not None
    assert narrow.homes == {"elm-14"}


def test_it_changes_with_its_owner() -> None:
    commissioner = TOKEN.principal(replace(JO, role=Role.COMMISSIONER, tenant="other", homes=None))
    assert commissioner is not None
    assert (commissioner.tenant, commissioner.homes, commissioner.actions) == ("other", None, frozenset())
    assert TOKEN.principal(replace(JO, disabled_at=AT)) is TOKEN.principal(None) is None


def test_a_programs_token_has_a_tenant_of_its_own_and_no_power_over_people() -> None:
    everything = replace(TOKEN, account=None, tenant="local", scopes=frozenset(Action), homes=frozenset({"elm-14"}))
    who = everything.principal(None)
    assert who is not None
    assert (who.role, who.name, who.tenant, who.homes) == (Role.INTEGRATION, "rota", "local", {"elm-14"})
    assert Action.SEE_ALERTS in who.actions
    assert not who.actions & PEOPLE_ONLY
