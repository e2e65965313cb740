"""What a provider says makes somebody what a rule says, or nobody."""

from __future__ import annotations

from typing import Any

import pytest

from sensor_hub.access.oidc_claims import ClaimRule, judge_claims, subject_of
from sensor_hub.access.role import Role

RULES = (
    ClaimRule("groups", "telecare-admins", Role.ADMINISTRATOR),
    ClaimRule("groups", "telecare-duty", Role.DUTY_OFFICER, "local", frozenset({"elm-14"})),
    ClaimRule("realm_access.roles", "fitter", Role.TECHNICIAN, "local"),
    ClaimRule("https://example.org/role", "payer", Role.COMMISSIONER, "local"),
)
JO: dict[str, Any] = {
    "iss": "https://id.example",
    "sub": "7",
    "name": "Jo Brown",
    "email": "Jo@Example.org",
    "email_verified": True,
    "preferred_username": "jbrown",
    "groups": ["telecare-duty"],
}


def test_the_first_rule_that_fits_says_what_they_are() -> None:
    found = judge_claims(JO, RULES)
    assert found is not None
    assert (found.subject, found.login, found.name) == ("https://id.example 7", "jo@example.org", "Jo Brown")
    assert (found.address, found.rule) == ("Jo@Example.org", RULES[1])
    both = judge_claims({**JO, "groups": ["telecare-duty", "telecare-admins"]}, RULES)
    assert both is not None
    assert both.rule.role is Role.ADMINISTRATOR


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"groups": "telecare-duty"}, Role.DUTY_OFFICER),
        ({"realm_access": {"roles": ["fitter"]}}, Role.TECHNICIAN),
        ({"https://example.org/role": "payer"}, Role.COMMISSIONER),
    ],
)
def test_claims_are_texts_or_lists_nested_or_not(claims: dict[str, Any], role: Role) -> None:
    found = judge_claims({"iss": "i", "sub": "s", **claims}, RULES)
    assert found is not None
    assert (found.rule.role, found.name, found.address) == (role, "s", None)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"groups": []},
        {"groups": ["telecare"]},
        {"groups": [["telecare-duty"]]},
        {"groups": {"telecare-duty": True}},
        {"realm_access": "fitter"},
        {"roles": ["fitter"]},
    ],
)
def test_whom_no_rule_knows_is_nobody(claims: dict[str, Any]) -> None:
    assert judge_claims({"iss": "i", "sub": "s", **claims}, RULES) is None


def test_an_address_that_was_not_checked_is_none() -> None:
    for verified in (False, "true", None):
        found = judge_claims({**JO, "email_verified": verified}, RULES)
        assert found is not None
        assert (found.address, found.login) == (None, "jbrown")


def test_a_name_that_cannot_be_shown_is_not() -> None:
    found = judge_claims({**JO, "name": "Jo\n[admin]", "email": 7, "preferred_username": "two words"}, RULES)
    assert found is not None
    assert (found.name, found.login) == ("two words", "")


def test_a_person_is_known_by_provider_and_subject_alone() -> None:
    assert subject_of(JO) != subject_of({**JO, "iss": "https://other.example"})
