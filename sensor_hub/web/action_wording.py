"""What can be seen or done, in the words of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sensor_hub.access.action import Action

ACTION_WORDS: Mapping[Action, str] = MappingProxyType(
    {
        Action.SEE_ALERTS: "See alerts about equipment",
        Action.SEE_CARE_ALERTS: "See alerts about residents, too",
        Action.SEE_TELLING: "See who was told of an alert",
        Action.ANSWER_ALERTS: "Take and close alerts",
        Action.SEE_HOMES: "See homes, their devices and gateways",
        Action.SEE_CHARTS: "See charts of movement and temperature",
        Action.SEE_FIGURES: "See figures over homes, without names",
        Action.EXPORT_READINGS: "Take away readings",
        Action.PLACE_DEVICES: "Place and replace devices",
        Action.FORGET_OUTCOMES: "Undo what answers taught a home's limits",
        Action.ADD_GATEWAYS: "Let gateways join, and change their passwords",
        Action.SET_GATEWAYS: "Change gateways' settings",
        Action.SEE_STAYS: "See absences and visits",
        Action.TELL_STAYS: "Tell absences and visits",
        Action.SEE_SILENCES: "See silences",
        Action.SILENCE: "Silence alerts",
        Action.SEE_CONTACTS: "See contacts",
        Action.TEST_CONTACTS: "Send test notices",
        Action.VERIFY_CONTACTS: "Confirm contacts by a code",
        Action.SET_CONTACTS: "Change contacts",
        Action.SEE_ROTAS: "See who is on call",
        Action.SET_ROTAS: "Change who is on call",
        Action.SEE_POLICIES: "See whom alerts are told to",
        Action.SET_POLICIES: "Change whom alerts are told to",
        Action.RENEW_CALENDAR: "Get a new address for one's own shifts",
        Action.SEE_LEDGER: "See what became of each notice",
        Action.SEE_REVIEW: "See the week's review",
        Action.SEE_REPORTS: "See reports",
        Action.SEE_PEOPLE: "See residents' names and addresses",
        Action.SET_PEOPLE: "Change residents' names and addresses",
        Action.SEE_CARD: "See response cards: how to get in, whom to call",
        Action.SET_CARD: "Change response cards",
        Action.SEE_CONSENTS: "See consents",
        Action.SET_CONSENTS: "Record and withdraw consents",
        Action.EXPORT_PERSON: "Take away all that is held on a resident",
        Action.ERASE_PERSON: "Erase what is held on a resident",
        Action.SEE_CHRONOLOGY: "See who saw and did what",
        Action.EXPORT_CHRONOLOGY: "Take away who saw and did what",
        Action.MANAGE_FAMILY_ACCOUNTS: "Manage accounts of residents and families",
        Action.MANAGE_ACCOUNTS: "Manage everybody's accounts",
        Action.MANAGE_TOKENS: "Manage tokens of programs",
        Action.OWN_ACCOUNT: "Look after one's own account",
        Action.SEE_SETTINGS: "See the hub's settings",
        Action.SET_SETTINGS: "Change the hub's settings",
        Action.SEE_METRICS: "Read the hub's metrics",
        Action.SEE_EVENTS: "Hear of changes as they happen",
        Action.SEE_API: "Read the description of the API",
    }
)
