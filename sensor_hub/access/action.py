"""What can be seen or done, one thing each. Its value is its name in a token's scopes and in the chronology."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Action(StrEnum):
    """`see` changes nothing. Who may do a thing does not therefore see it: roles list both."""

    SEE_ALERTS = "alerts:see"
    """Those about equipment; the page of alerts itself."""
    SEE_CARE_ALERTS = "alerts:see-care"
    """Also those about the resident."""
    SEE_TELLING = "alerts:see-telling"
    """Whom an alert was told to, by which way, and what became of it."""
    ANSWER_ALERTS = "alerts:answer"
    """Take and close those that one sees."""

    SEE_HOMES = "homes:see"
    """Which homes there are, their devices, gateways and coverage."""
    SEE_CHARTS = "charts:see"
    """Where and when somebody moved, and how warm it was."""
    SEE_FIGURES = "figures:see"
    """Counts and shares over many homes, without a name of any."""
    EXPORT_READINGS = "readings:export"

    PLACE_DEVICES = "devices:place"
    """Say in which room a device stands, and replace one."""
    FORGET_OUTCOMES = "outcomes:forget"
    """Undo what people's answers taught a home's limits."""
    ADD_GATEWAYS = "gateways:add"
    """Codes by which gateways join, and their passwords."""
    SET_GATEWAYS = "gateways:set"
    """The settings that a gateway follows."""

    SEE_STAYS = "stays:see"
    """Absences and visits."""
    TELL_STAYS = "stays:tell"
    SEE_SILENCES = "silences:see"
    SILENCE = "silences:set"

    SEE_CONTACTS = "contacts:see"
    TEST_CONTACTS = "contacts:test"
    VERIFY_CONTACTS = "contacts:verify"
    """Send codes and enter what came."""
    SET_CONTACTS = "contacts:set"
    SEE_ROTAS = "rotas:see"
    """Who is on call."""
    SET_ROTAS = "rotas:set"
    SEE_POLICIES = "policies:see"
    SET_POLICIES = "policies:set"
    RENEW_CALENDAR = "calendar:renew"
    """The address of one's own shifts."""
    SEE_LEDGER = "ledger:see"
    """What became of every notice."""
    SEE_REVIEW = "review:see"
    """What became of the week's alerts."""
    SEE_REPORTS = "reports:see"

    SEE_PEOPLE = "people:see"
    """Residents by their names and addresses."""
    SET_PEOPLE = "people:set"
    SEE_CARD = "card:see"
    """How to get in, whom to call, what to mind: the card of those who respond."""
    SET_CARD = "card:set"
    SEE_CONSENTS = "consents:see"
    SET_CONSENTS = "consents:set"
    EXPORT_PERSON = "person:export"
    """All that is held on one person."""
    ERASE_PERSON = "person:erase"

    SEE_CHRONOLOGY = "chronology:see"
    """Who saw and did what."""
    EXPORT_CHRONOLOGY = "chronology:export"

    MANAGE_FAMILY_ACCOUNTS = "accounts:manage-family"
    """Those of residents and their families."""
    MANAGE_ACCOUNTS = "accounts:manage"
    """Anybody's: role, homes, reset, ending sessions."""
    MANAGE_TOKENS = "tokens:manage"
    OWN_ACCOUNT = "account:own"
    """Sign out, change one's own password, end one's own sessions."""
    SEE_SETTINGS = "settings:see"
    SET_SETTINGS = "settings:set"
    """How long what is kept, and whose homes are."""
    SEE_METRICS = "metrics:see"
    SEE_EVENTS = "events:see"
    """Hear, as it changes, of what else one may see."""
    SEE_API = "api:see"
    """The description of the API."""


SEEN_AS: Mapping[Action, Action] = MappingProxyType(
    {
        Action.ANSWER_ALERTS: Action.SEE_ALERTS,
        Action.PLACE_DEVICES: Action.SEE_HOMES,
        Action.FORGET_OUTCOMES: Action.SEE_HOMES,
        Action.ADD_GATEWAYS: Action.SEE_HOMES,
        Action.SET_GATEWAYS: Action.SEE_HOMES,
        Action.TELL_STAYS: Action.SEE_STAYS,
        Action.SILENCE: Action.SEE_SILENCES,
        Action.TEST_CONTACTS: Action.SEE_CONTACTS,
        Action.VERIFY_CONTACTS: Action.SEE_CONTACTS,
        Action.SET_CONTACTS: Action.SEE_CONTACTS,
        Action.SET_ROTAS: Action.SEE_ROTAS,
        Action.SET_POLICIES: Action.SEE_POLICIES,
        Action.RENEW_CALENDAR: Action.SEE_ROTAS,
        Action.SET_PEOPLE: Action.SEE_PEOPLE,
        Action.ERASE_PERSON: Action.SEE_PEOPLE,
        Action.SET_CARD: Action.SEE_CARD,
        Action.SET_CONSENTS: Action.SEE_CONSENTS,
        Action.EXPORT_CHRONOLOGY: Action.SEE_CHRONOLOGY,
        Action.SET_SETTINGS: Action.SEE_SETTINGS,
    }
)
"""Who may see a thing and not do this to it is told so; to others it is not there."""
