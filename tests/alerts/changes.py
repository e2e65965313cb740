"""Changes of alerts, made in one line."""

from __future__ import annotations

from sensor_hub.model.alert import AlertChange, AlertState, alert_id
from sensor_hub.model.kind import Kind, Urgency
from tests.homes import moment

AT = moment("2026-01-05 09:40")
SINCE = moment("2026-01-05 05:12")
SUMMARY = {
    Kind.INACTIVITY: "No movement since 05:12; usually up by 08:10 (27 of 28 days).",
    Kind.COLD: "The bedroom has been below 16 °C since 05:12; it is 14.8 °C now.",
    Kind.DEVICE_SILENT: "The movement sensor in the bathroom has not been heard since 05:12.",
}


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
        summary=SUMMARY.get(kind, "Something is not as usual."),
        evidence={},
    )
