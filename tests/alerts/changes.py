"""Changes of alerts, made in one line."""

from __future__ import annotations

from pathlib import Path

from sensor_hub.model.alert import AlertChange, AlertState, alert_id
from sensor_hub.model.kind import Kind, Urgency
from tests.homes import moment

AT = moment("2026-01-05 09:40")
SINCE = moment("2026-01-05 05:12")
WORDS = Path(__file__).parent.parent / "golden" / "words"


def summary(kind: Kind) -> str:
    """What the engine says of this kind, in the first of its golden texts."""
    if kind is Kind.HOMES_SILENT:
        return "201 of 2000 homes fell silent within minutes of each other: nobody sees them."
    return (WORDS / f"{kind}.txt").read_text(encoding="utf-8").splitlines()[0].partition("): ")[2]


def change(kind: Kind, urgency: Urgency = Urgency.SOON, home: str = "flat-12") -> AlertChange:
    return AlertChange(
        id=alert_id(home, kind, "", SINCE),
        number=1,
        home=home,
        kind=kind,
        subject="",
        urgency=urgency,
        state=AlertState.RAISED,
        at=AT,
        since=SINCE,
        summary=summary(kind),
        evidence={},
    )
