"""What people are to the hub, and what each role may see and do.

Whoever has two duties has two accounts or the wider role: roles are not added up, so that one line says what an account
can do. The table stands in `deploy/access.md`, with the reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from sensor_hub.access.action import Action


class Role(StrEnum):
    DUTY_OFFICER = "duty_officer"
    """Answers alerts."""
    CARE_MANAGER = "care_manager"
    """Answers for the care of a tenant's residents."""
    TECHNICIAN = "technician"
    """Fits and mends devices and gateways."""
    COMMISSIONER = "commissioner"
    """Pays, and sees figures."""
    FAMILY = "family"
    """Of one resident, as far as that resident's consent goes."""
    RESIDENT = "resident"
    ADMINISTRATOR = "administrator"
    """Accounts, settings and the chronology; of residents nothing."""
    INTEGRATION = "integration"
    """A program with a token; what it may do are the token's scopes."""


EVERYBODY = frozenset({Action.OWN_ACCOUNT, Action.SEE_API})
_ALERTS = frozenset({Action.SEE_ALERTS, Action.SEE_CARE_ALERTS, Action.SEE_TELLING, Action.ANSWER_ALERTS})
_ON_CALL = frozenset({Action.SEE_ROTAS, Action.RENEW_CALENDAR})
_DUTY = (
    _ALERTS
    | _ON_CALL
    | {
        Action.SEE_HOMES,
        Action.SEE_CHARTS,
        Action.SEE_STAYS,
        Action.TELL_STAYS,
        Action.SEE_SILENCES,
        Action.SILENCE,
        Action.SEE_CONTACTS,
        Action.TEST_CONTACTS,
        Action.VERIFY_CONTACTS,
        Action.SEE_LEDGER,
        Action.SEE_REVIEW,
        Action.SEE_PEOPLE,
        Action.SEE_CARD,
        Action.SEE_EVENTS,
    }
)
_CARE = _DUTY | {
    Action.SEE_FIGURES,
    Action.EXPORT_READINGS,
    Action.PLACE_DEVICES,
    Action.FORGET_OUTCOMES,
    Action.SET_CONTACTS,
    Action.SET_ROTAS,
    Action.SEE_POLICIES,
    Action.SET_POLICIES,
    Action.SEE_REPORTS,
    Action.SET_PEOPLE,
    Action.SET_CARD,
    Action.SEE_CONSENTS,
    Action.SET_CONSENTS,
    Action.EXPORT_PERSON,
    Action.ERASE_PERSON,
    Action.SEE_CHRONOLOGY,
    Action.MANAGE_FAMILY_ACCOUNTS,
}
_TECHNICAL = _ON_CALL | {
    Action.SEE_ALERTS,
    Action.SEE_TELLING,
    Action.ANSWER_ALERTS,
    Action.SEE_HOMES,
    Action.PLACE_DEVICES,
    Action.ADD_GATEWAYS,
    Action.SET_GATEWAYS,
    Action.SEE_SILENCES,
    Action.SILENCE,
    Action.SEE_METRICS,
    Action.SEE_EVENTS,
}
_OWN_HOME = frozenset(
    {
        Action.SEE_ALERTS,
        Action.SEE_CARE_ALERTS,
        Action.SEE_HOMES,
        Action.SEE_CHARTS,
        Action.SEE_STAYS,
        Action.TELL_STAYS,
        Action.SEE_CONSENTS,
        Action.SEE_EVENTS,
    }
)
_ADMINISTRATION = frozenset(
    {
        Action.SEE_CHRONOLOGY,
        Action.EXPORT_CHRONOLOGY,
        Action.MANAGE_FAMILY_ACCOUNTS,
        Action.MANAGE_ACCOUNTS,
        Action.MANAGE_TOKENS,
        Action.SEE_SETTINGS,
        Action.SET_SETTINGS,
        Action.SEE_METRICS,
        Action.SEE_FIGURES,
    }
)
_PEOPLE_ONLY = frozenset(
    {
        Action.OWN_ACCOUNT,
        Action.MANAGE_ACCOUNTS,
        Action.MANAGE_FAMILY_ACCOUNTS,
        Action.MANAGE_TOKENS,
        Action.SET_SETTINGS,
        Action.SET_CONSENTS,
        Action.ERASE_PERSON,
        Action.RENEW_CALENDAR,
    }
)
"""What a person answers for in their own name, no program."""

ROLES: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.DUTY_OFFICER: EVERYBODY | _DUTY,
        Role.CARE_MANAGER: EVERYBODY | _CARE,
        Role.TECHNICIAN: EVERYBODY | _TECHNICAL,
        Role.COMMISSIONER: EVERYBODY | {Action.SEE_FIGURES, Action.SEE_REPORTS},
        Role.FAMILY: EVERYBODY | _OWN_HOME,
        Role.RESIDENT: EVERYBODY | _OWN_HOME | {Action.EXPORT_PERSON, Action.SEE_CHRONOLOGY},
        Role.ADMINISTRATOR: EVERYBODY | _ADMINISTRATION,
        Role.INTEGRATION: frozenset(Action) - _PEOPLE_ONLY,
    }
)
"""What each role may see and do, at most: a token's scopes cut it down."""

OF_ONE_HOME = frozenset({Role.FAMILY, Role.RESIDENT})
"""Roles whose accounts name their homes; without one they see none."""
