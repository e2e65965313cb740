"""What each role may do, and what none may."""

from __future__ import annotations

import pytest

from sensor_hub.access.action import SEEN_AS, Action
from sensor_hub.access.principal import first_start, principal
from sensor_hub.access.role import ROLES, Role

CARE_DATA = {
    Action.SEE_CARE_ALERTS,
    Action.SEE_CHARTS,
    Action.EXPORT_READINGS,
    Action.SEE_STAYS,
    Action.SEE_PEOPLE,
    Action.SEE_CARD,
    Action.EXPORT_PERSON,
}
"""What tells of a resident."""


def test_every_role_has_its_line() -> None:
    assert set(ROLES) == set(Role)
    assert [role for role in Role if Action.OWN_ACCOUNT not in ROLES[role]] == [Role.INTEGRATION]


def test_every_action_is_somebodys() -> None:
    people = set(Role) - {Role.INTEGRATION}
    assert set(Action) == set().union(*(ROLES[role] for role in people))


@pytest.mark.parametrize("role", Role)
def test_whoever_does_a_thing_sees_it(role: Role) -> None:
    assert {SEEN_AS[action] for action in ROLES[role] & set(SEEN_AS)} <= ROLES[role]


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.COMMISSIONER, Role.TECHNICIAN])
def test_who_needs_no_care_data_sees_none(role: Role) -> None:
    assert not ROLES[role] & CARE_DATA


@pytest.mark.parametrize("role", [Role.FAMILY, Role.RESIDENT])
def test_one_homes_people_see_no_one_elses_data_and_answer_nothing(role: Role) -> None:
    others = {Action.SEE_CONTACTS, Action.SEE_TELLING, Action.SEE_LEDGER, Action.SEE_ROTAS, Action.ANSWER_ALERTS}
    assert not ROLES[role] & others


def test_only_the_administrator_makes_everybodys_accounts() -> None:
    assert [role for role in Role if Action.MANAGE_ACCOUNTS in ROLES[role]] == [Role.ADMINISTRATOR]


def test_no_program_changes_accounts_or_consents() -> None:
    mine = ROLES[Role.INTEGRATION]
    assert not mine & {Action.MANAGE_ACCOUNTS, Action.MANAGE_TOKENS, Action.SET_CONSENTS, Action.ERASE_PERSON}


def test_scopes_cut_a_role_down_and_add_nothing() -> None:
    wanted = [Action.SEE_ALERTS, Action.MANAGE_ACCOUNTS]
    program = principal("t1", "telecare", Role.INTEGRATION, tenant="oak", scopes=wanted)
    assert program.actions == {Action.SEE_ALERTS}


@pytest.mark.parametrize(
    ("tenant", "homes", "seen"),
    [
        (None, None, {("oak", "a"), ("oak", "b"), ("elm", "c"), (None, "d")}),
        ("oak", None, {("oak", "a"), ("oak", "b")}),
        ("oak", {"b", "c"}, {("oak", "b")}),
        ("oak", set(), set()),
    ],
)
def test_sight_is_the_tenants_homes_that_are_named(
    tenant: str | None, homes: set[str] | None, seen: set[tuple[str | None, str]]
) -> None:
    somebody = principal("p", "Jo", Role.DUTY_OFFICER, tenant=tenant, homes=homes)
    every = [("oak", "a"), ("oak", "b"), ("elm", "c"), (None, "d")]
    assert {(whose, home) for whose, home in every if somebody.sees(whose, home)} == seen


def test_a_family_account_without_a_home_sees_none() -> None:
    assert not principal("p", "Jo", Role.FAMILY, tenant="oak").sees("oak", "a")


def test_the_hubs_own_password_lets_do_everything() -> None:
    somebody = first_start("Jo")
    assert somebody.actions == set(Action)
    assert somebody.sees(None, "a")
