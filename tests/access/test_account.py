"""Who may make and change whose account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.access.account import Account, login_fault, may_manage, plain_login
from sensor_hub.access.principal import first_start, principal
from sensor_hub.access.role import ROLES, Role

ALL = None
OURS = frozenset({"elm-14"})


def test_a_login_has_one_spelling() -> None:
    assert plain_login("  Jo@Example.ORG ") == plain_login("jo@example.org") == "jo@example.org"
    assert plain_login("Ｊｏ") == "jo"


@pytest.mark.parametrize("login", ["", "two words", "a" * 101, "a:b", "a/b", "a\nb", "a\x00"])
def test_what_is_no_login(login: str) -> None:
    assert login_fault(login) is not None


@pytest.mark.parametrize("login", ["jo", "jo@example.org", "o'brien", "jo#1"])
def test_what_is_one(login: str) -> None:
    assert login_fault(login) is None


def test_an_account_is_somebody_with_its_role() -> None:
    account = Account("a1", "jo", "Jo", Role.DUTY_OFFICER, 0.0, tenant="local", homes=OURS)
    who = account.principal()
    assert (who.id, who.name, who.tenant, who.homes) == ("a1", "Jo", "local", OURS)
    assert who.actions == ROLES[Role.DUTY_OFFICER]
    assert replace(account, role=Role.FAMILY, homes=None).principal().homes == frozenset()


def test_whoever_runs_the_hub_manages_all() -> None:
    for who in (first_start("Jo"), principal("a", "Jo", Role.ADMINISTRATOR, tenant=None)):
        assert all(may_manage(who, role, tenant, ALL) for role in Role for tenant in (None, "local", "other"))


def test_an_administrator_of_a_tenant_gives_away_nothing_else() -> None:
    who = principal("a", "Jo", Role.ADMINISTRATOR, tenant="local")
    assert may_manage(who, Role.ADMINISTRATOR, "local", ALL)
    assert not may_manage(who, Role.DUTY_OFFICER, None, ALL)
    assert not may_manage(who, Role.DUTY_OFFICER, "other", OURS)


def test_who_sees_some_homes_gives_away_none_of_the_others() -> None:
    who = principal("a", "Jo", Role.ADMINISTRATOR, tenant="local", homes=OURS)
    assert may_manage(who, Role.FAMILY, "local", OURS)
    assert not may_manage(who, Role.FAMILY, "local", OURS | {"oak-2"})
    assert not may_manage(who, Role.DUTY_OFFICER, "local", ALL)


def test_a_care_manager_manages_families_alone_and_others_nobody() -> None:
    manager = principal("a", "Jo", Role.CARE_MANAGER, tenant="local")
    assert may_manage(manager, Role.FAMILY, "local", OURS)
    assert may_manage(manager, Role.RESIDENT, "local", OURS)
    assert not may_manage(manager, Role.DUTY_OFFICER, "local", ALL)
    for role in set(Role) - {Role.ADMINISTRATOR, Role.CARE_MANAGER}:
        who = principal("a", "Jo", role, tenant=None, homes=OURS)
        assert not any(may_manage(who, other, "local", OURS) for other in Role)
