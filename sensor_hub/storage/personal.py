"""Which tables hold what of a home and of who lives there, and what becomes of it when the home is erased.

Every table with a column of `NAMING` stands in exactly one of `ERASED`, `PSEUDONYMISED` and `KEPT`; a test says which
does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, select

from sensor_hub.access.role import Role
from sensor_hub.storage.tables import (
    accounts,
    alerts,
    changes,
    chronology,
    consents,
    homes,
    kept_answers,
    log,
    notices,
    people,
)

NAMING = frozenset(
    {
        *("home", "homes", "gateway", "alert", "reference", "resident", "person", "subject", "contact", "who", "by"),
        *("name", "reader", "series", "number", "principal", "account", "email"),
    }
)
"""Columns by which a row can be about a home, or about somebody."""

Which = Callable[[str], ColumnElement[bool]]
"""The rows of a home, by the home's id."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a table holds of a home: which rows, and in plain words what they are."""

    table: Table
    which: Which
    what: str


@dataclass(frozen=True, slots=True)
class Blanked:
    """Rows that stay by their own retention, without what tells of the person: `values` take the place of that."""

    table: Table
    which: Which
    what: str
    values: Mapping[str, object]
    is_named: bool = False
    """It has the home's id, in the place of which stands a pseudonym."""


def _by_home(table: Table) -> Which:
    return lambda home: table.c.home == home


def _home_id(home: str) -> Select[Any]:
    return select(homes.home.c.id).where(homes.home.c.name == home)


def _alerts_of(home: str) -> Select[Any]:
    return select(alerts.alert.c.id).where(alerts.alert.c.home == home)


def _by_alert(table: Table) -> Which:
    return lambda home: table.c.alert.in_(_alerts_of(home))


def _series_of(home: str) -> Select[Any]:
    return select(homes.series.c.id).where(homes.series.c.home.in_(_home_id(home)))


def _notices_of(home: str) -> Select[Any]:
    return select(notices.notice.c.reference).where(notices.notice.c.alert.in_(_alerts_of(home)))


def _accounts_of(home: str) -> Select[Any]:
    """Those of who lives in this home and their family, and of no other home."""
    is_theirs = accounts.account.c.role.in_([Role.RESIDENT.value, Role.FAMILY.value])
    return select(accounts.account.c.id).where(is_theirs & (accounts.account.c.homes == json.dumps([home])))


def _by_account(table: Table) -> Which:
    return lambda home: table.c.account.in_(_accounts_of(home))


ERASED = (
    Held(log.reading, lambda home: log.reading.c.series.in_(_series_of(home)), "readings of its sensors"),
    Held(log.hour, lambda home: log.hour.c.series.in_(_series_of(home)), "what its older readings were in each hour"),
    Held(
        log.entry,
        lambda home: log.entry.c.home.in_(_home_id(home)),
        "its log: descriptions, placements, absences, visits, outcomes, scopes",
    ),
    Held(homes.series, lambda home: homes.series.c.home.in_(_home_id(home)), "which device measured what"),
    Held(homes.snapshot, _by_home(homes.snapshot), "what was learned of its routine"),
    Held(homes.coverage, _by_home(homes.coverage), "what could be seen"),
    Held(homes.unseen, _by_home(homes.unseen), "when it could not be seen"),
    Held(homes.own_limit, _by_home(homes.own_limit), "what outcomes moved"),
    Held(alerts.alert_now, _by_home(alerts.alert_now), "how open alerts are now"),
    Held(alerts.escalation, _by_alert(alerts.escalation), "how far alerts have come"),
    Held(alerts.held_telling, _by_alert(alerts.held_telling), "who is told later"),
    Held(alerts.digest_line, _by_alert(alerts.digest_line), "lines of digests"),
    Held(alerts.page, _by_home(alerts.page), "alerts that count against its budget"),
    Held(changes.change, _by_home(changes.change), "that something of it changed, for a week"),
    Held(homes.rejected, _by_home(homes.rejected), "messages that could not be used"),
    Held(homes.rejected_count, _by_home(homes.rejected_count), "how many these were"),
    Held(homes.gateway, _by_home(homes.gateway), "what its gateway said last"),
    Held(homes.gateway_boot, _by_home(homes.gateway_boot), "starts of its gateway"),
    Held(homes.gateway_clone, _by_home(homes.gateway_clone), "whether there were two gateways"),
    Held(
        homes.gateway_settings,
        lambda home: homes.gateway_settings.c.gateway.endswith(f"/{home}", autoescape=True),
        "its gateway's settings",
    ),
    Held(homes.join_code, _by_home(homes.join_code), "the code of its gateway"),
    Held(homes.joined_gateway, _by_home(homes.joined_gateway), "its gateway's login"),
    Held(homes.stream, _by_home(homes.stream), "how far its gateway's rows are stored"),
    Held(people.card, _by_home(people.card), "the response card"),
    Held(people.resident, _by_home(people.resident), "who lives there"),
    Held(people.record_change, _by_home(people.record_change), "who changed these"),
    Held(
        consents.consent_words, _by_home(consents.consent_words), "who decided about its data, and notes on decisions"
    ),
    Held(consents.consent, _by_home(consents.consent), "what was agreed"),
    Held(kept_answers.kept_answer, _by_home(kept_answers.kept_answer), "answers to requests of the last day"),
    Held(accounts.session, _by_account(accounts.session), "where who lives there, or their family, signed in"),
    Held(accounts.recovery_code, _by_account(accounts.recovery_code), "their recovery codes"),
    Held(accounts.account_link, _by_account(accounts.account_link), "links by which they set a password"),
    Held(accounts.api_token, _by_account(accounts.api_token), "their tokens"),
    Held(
        accounts.account,
        lambda home: accounts.account.c.id.in_(_accounts_of(home)),
        "accounts of who lives there and their family, with this home alone",
    ),
)
"""In this order; the home's own row and whose it is go last (`LAST`)."""
LAST = (
    Held(homes.tenant_of_home, _by_home(homes.tenant_of_home), "whose it is"),
    Held(homes.home, lambda home: homes.home.c.name == home, "its id in the log"),
)
PSEUDONYMISED = (
    Blanked(
        notices.reply,
        _by_alert(notices.reply),
        "text messages about its alerts: when, from which contact",
        {"text": "", "number": "", "sealed": None},
    ),
    Blanked(
        notices.notice,
        _by_alert(notices.notice),
        "notices: to whom, when, by which way, what became of each",
        {"title": "", "body": ""},
    ),
    Blanked(
        alerts.alert_change,
        _by_home(alerts.alert_change),
        "changes of alerts: kind, urgency, when",
        {"summary": "", "evidence": "{}", "subject": ""},
        is_named=True,
    ),
    Blanked(
        alerts.alert,
        _by_home(alerts.alert),
        "alerts: kind, urgency, when, who took and closed them, outcome",
        {"summary": "", "evidence": "{}", "subject": "", "note": None},
        is_named=True,
    ),
)
"""Before what they are found by goes."""
KEPT: Mapping[str, str] = {
    "alert_act": "what was decided about an alert, by whom: names staff and contacts, and no home",
    "calendar_key": "of staff: the address of their shifts",
    "channel": "of staff and contacts: the ways to them",
    "chronology": "who saw and did what: a chain from which nothing can be taken; names the home by its id alone",
    "delivery": "what became of each notice: names no home and no resident",
    "erasure": "that it was erased: once it is, a hash in the place of the home's id",
    "hub": "of the hub itself",
    "receipt": "what services said of notices: names no home and no resident",
    "sign_in_failure": "with which names somebody failed to sign in: forgotten after a day",
    "silence": "a pattern of homes that staff silenced, with their reason",
    "stand_in": "of staff: who stands in for whom on a rota, and who said so",
    "told_round": "of staff: which reviews and digests they had",
}
"""The tables that stay as they are, and why."""
FOUND_BY: Mapping[str, Which] = {
    "alert_act": _by_alert(alerts.alert_act),
    "delivery": lambda home: notices.delivery.c.reference.in_(_notices_of(home)),
    "silence": lambda home: alerts.silence.c.homes == home,
    "erasure": lambda home: consents.erasure.c.home == home,
    "chronology": lambda home: chronology.chronology.c.home == home,
}
"""Of those, what is shown to somebody who asks for all that is held on them."""
