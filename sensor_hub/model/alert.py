"""The engine's side of an alert, as a list of changes: what `alerts.jsonl` holds, one change a line."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from sensor_hub.model.finding import Evidence
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import iso

HUB = "*"
"""Stands for the home in an alert about the hub as a whole: no home has this id."""


def whose(home: str) -> str:
    """`home flat-12`, or `the whole hub`."""
    return "the whole hub" if home == HUB else f"home {home}"


class AlertState(StrEnum):
    RAISED = "raised"
    UPDATED = "updated"
    CLEARED = "cleared"


class Outcome(StrEnum):
    """What people found when they looked."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AlertChange:
    """Change `number` (from 1) of the alert `id`. The pair is its key: the same change made again is nothing."""

    id: str
    number: int
    home: str
    kind: Kind
    subject: str
    urgency: Urgency
    state: AlertState
    at: float
    """The tick at which it was made."""
    since: float
    """When the condition began, as first raised."""
    summary: str
    evidence: Evidence


def alert_id(home: str, kind: Kind, subject: str, since: float) -> str:
    """The id of the one alert of an episode: the same episode, however often it is found, has the same id."""
    key = f"{home}\n{kind}\n{subject}\n{since:.3f}"
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


def alert_line(change: AlertChange) -> str:
    """The change as a line of `alerts.jsonl`, without the line's end."""
    row = {
        "id": change.id,
        "home": change.home,
        "kind": change.kind.value,
        "subject": change.subject,
        "urgency": change.urgency.value,
        "state": change.state.value,
        "at": iso(change.at),
        "since": iso(change.since),
        "summary": change.summary,
        "evidence": dict(change.evidence),
    }
    return json.dumps(row, ensure_ascii=False)
