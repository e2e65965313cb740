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
    Kind.LOW_INTAKE: "Hot (27.4 °C) for 8 h, and in the last 24 h fewer visits to the kitchen (3, usual 9–14) and the "
    "bathroom (4, usual 8–12): check that they drink.",
    Kind.ROUTINE_CHANGE: "The day's pattern has changed: more in the living room at night (9 %, usual 0 %), less in "
    "the bedroom at night (1 %, usual 5 %), of all movement. The last 7 days seen against 10 weeks.",
    Kind.ACTIVITY_DECLINE: "Doing less for weeks: kitchen visits 4 a day (was 6) and times into another room 41 a day "
    "(was 44.5). The last 4 weeks against the 8 before (28 and 56 days seen).",
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
