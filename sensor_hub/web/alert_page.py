"""One alert in words: what was seen, who was told, who took it, and what they found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.home import Home
from sensor_hub.model.kind import Urgency
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.web.ledger_row import Ledger
from sensor_hub.web.overview import OUTCOME_WORDS, AlertView, view_alert
from sensor_hub.web.ports import AlertHistory, AlertRow, DecisionRow
from sensor_hub.web.wording import UTC_ZONE, evidence_words, moment_words

URGENCY_WORDS = {Urgency.URGENT: "needs someone now", Urgency.SOON: "today", Urgency.NOTICE: "weekly review"}


KEPT_BACK = {
    "covered": ("Covered by a wider alert", "/alerts/"),
    "silenced": ("Held back by a silence", "/silences#"),
    "held": ("To be told later", ""),
}
"""What is said of each act that keeps an alert back, and where its cause stands."""


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the chronology."""

    at: float
    when: str
    what: str
    detail: str = ""
    is_bad: bool = False
    """Somebody should look: a notice that did not arrive."""
    link: str = ""
    """To what keeps it back."""


@dataclass(frozen=True, slots=True)
class HistoryView:
    alert: AlertView
    urgency: str
    evidence: Sequence[tuple[str, str]]
    events: Sequence[Event]
    timezone: str
    is_home_known: bool
    chart_until: float
    """The end of a day's chart that has the beginning of the alert in it."""


def view_history(history: AlertHistory, home: Home | None, now: float) -> HistoryView:
    """The alert, and everything that happened to it, oldest first."""
    zone = home.zone if home is not None else UTC_ZONE
    row = history.alert
    told = [*_decisions(history.decisions), *_told(history.ledger), *_passed(history.passed)]
    found = [*_changes(history.changes), *told, *_acts(row)]
    events = [
        replace(event, when=moment_words(event.at, now, zone)) for event in sorted(found, key=lambda event: event.at)
    ]
    return HistoryView(
        alert=view_alert(row, home, now),
        urgency=URGENCY_WORDS[row.urgency],
        evidence=evidence_words(row.evidence, now, home),
        events=events,
        timezone=home.timezone if home is not None else "UTC",
        is_home_known=home is not None,
        chart_until=min(now, max(row.since + DAY - 6 * HOUR, row.raised_at + HOUR)),
    )


def _heading(urgency: Urgency) -> str:
    """As the page of all alerts is divided: "today" alone would be taken for a date."""
    words = URGENCY_WORDS[urgency]
    return f"“{words[:1].upper()}{words[1:]}”"


def _changes(changes: Sequence[AlertChange]) -> Iterator[Event]:
    for change in changes:
        match change.state:
            case AlertState.RAISED:
                yield Event(change.at, "", f"Raised under {_heading(change.urgency)}", change.summary)
            case AlertState.UPDATED:
                yield Event(change.at, "", f"Now under {_heading(change.urgency)}", change.summary)
            case AlertState.CLEARED:
                yield Event(change.at, "", "The condition ended")


def _decisions(decisions: Sequence[DecisionRow]) -> Iterator[Event]:
    for decision in decisions:
        what, link = KEPT_BACK.get(
            decision.act, ("To be told" if decision.contacts else "Nobody told at this moment", "")
        )
        if decision.contacts and not link:
            what = f"{what}: {decision.contacts}"
        reason = f"{decision.reason[:1].upper()}{decision.reason[1:]}"
        yield Event(decision.at, "", what, reason, link=link and link + decision.contacts)


def _passed(passed: Sequence[DecisionRow]) -> Iterator[Event]:
    for act in passed:
        yield Event(act.at, "", f"Passed on by {act.contacts}")


def _told(ledger: Ledger) -> Iterator[Event]:
    for row in ledger:
        yield Event(row.at, "", row.words, row.detail, is_bad=row.is_bad)


def _acts(row: AlertRow) -> Iterator[Event]:
    if row.acknowledged_at is not None:
        yield Event(row.acknowledged_at, "", f"Acknowledged by {row.acknowledged_by}")
    if row.closed_at is not None:
        found = "" if row.outcome is None else f": {OUTCOME_WORDS[row.outcome]}"
        by = f"Closed by {row.closed_by}" if row.closed_by else "Closed by itself, since the condition ended"
        yield Event(row.closed_at, "", by + found, row.note)
