"""A home's readings, alerts and notices as FHIR R4 resources (https://hl7.org/fhir/R4). Pure.

The home is a Location, and the subject of everything: no person is named. What has no code of LOINC has one of ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sensor_hub.alerts.delivery import NoticeState
from sensor_hub.model.home import Home
from sensor_hub.model.kind import KINDS, Audience, Kind, Urgency
from sensor_hub.model.metric import BINARY, METRICS, Metric
from sensor_hub.model.moment import iso
from sensor_hub.model.reading import Reading

Resource = dict[str, object]

OURS = "urn:sensor-hub:"
"""Begins the names of our own code systems and identifiers."""
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
LOINC_CODES = {Metric.TEMPERATURE: ("60832-3", "Room temperature")}
UCUM_CODES = {
    Metric.TEMPERATURE: "Cel",
    Metric.HUMIDITY: "%",
    Metric.ILLUMINANCE: "lx",
    Metric.BATTERY: "%",
    Metric.BATTERY_VOLTAGE: "V",
    Metric.CO2: "[ppm]",
    Metric.NOISE: "dB",
    Metric.POWER: "W",
}
"""What has none is a number without a unit."""
STATUS = {
    NoticeState.WAITING: "preparation",
    NoticeState.SENDING: "in-progress",
    NoticeState.DELIVERED: "completed",
    NoticeState.ARRIVED: "completed",
    NoticeState.FAILED: "stopped",
    NoticeState.UNKNOWN: "unknown",
    NoticeState.WITHHELD: "not-done",
}
"""Communication.status for each state of a notice."""
PRIORITY = {Urgency.URGENT: "stat", Urgency.SOON: "urgent", Urgency.NOTICE: "routine"}


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """An alert as it stands; `ended` is when its condition ended or it was closed, None while it is open."""

    id: str
    kind: Kind
    subject: str
    since: float
    ended: float | None
    summary: str


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """A notice of an alert; it is in its state since `at`."""

    reference: str
    alert: str
    contact: str
    urgency: Urgency
    state: NoticeState
    at: float
    title: str


def places(home: Home) -> Iterator[Resource]:
    """The home, its rooms and its devices."""
    here = _place(home.id)
    yield {"resourceType": "Location", "id": here, "identifier": [_identifier("home", home.id)], "status": "active"}
    for room in sorted({device.room for device in home.devices}):
        yield {
            "resourceType": "Location",
            "id": _place(home.id, room),
            "status": "active",
            "name": room.value,
            "partOf": _to("Location", here),
        }
    for device in home.devices:
        yield {
            "resourceType": "Device",
            "id": _device(home.id, device.id),
            "identifier": [_identifier("device", device.id)],
            "location": _to("Location", _place(home.id, device.room)),
        }


def observation(home: str, reading: Reading) -> Resource:
    """One reading."""
    metric = reading.metric
    codings = [{"system": f"{OURS}metric", "code": metric.value}]
    if metric in LOINC_CODES:
        code, display = LOINC_CODES[metric]
        codings.insert(0, {"system": LOINC, "code": code, "display": display})
    return {
        "resourceType": "Observation",
        "id": _id(home, reading.device, metric, iso(reading.at)),
        "status": "final",
        "code": {"coding": codings, "text": metric.value},
        "subject": _to("Location", _place(home)),
        "effectiveDateTime": iso(reading.at),
        "device": _to("Device", _device(home, reading.device)),
        **_value(reading),
    }


def flag(home: str, alert: ToldAlert) -> Resource:
    """An alert. Its text is the sentence that people were told; it is no diagnosis."""
    info = KINDS[alert.kind]
    category = "safety" if info.audience is Audience.CARE else "admin"
    period = {"start": iso(alert.since)} | ({} if alert.ended is None else {"end": iso(alert.ended)})
    system = "http://terminology.hl7.org/CodeSystem/flag-category"
    return {
        "resourceType": "Flag",
        "id": _id(alert.id),
        "identifier": [_identifier("alert", alert.id)],
        "status": "active" if alert.ended is None else "inactive",
        "category": [{"coding": [{"system": system, "code": category}]}],
        "code": {
            "coding": [{"system": f"{OURS}kind", "code": alert.kind.value, "display": info.title}],
            "text": alert.summary,
        },
        "subject": _to("Location", _place(home)),
        "period": period,
    }


def communication(notice: ToldNotice) -> Resource:
    """A notice that was, or was to be, sent to a contact."""
    status = STATUS[notice.state]
    return {
        "resourceType": "Communication",
        "id": _id(notice.alert, notice.reference),
        "identifier": [_identifier("notice", notice.reference)],
        "status": status,
        "priority": PRIORITY[notice.urgency],
        "about": [_to("Flag", _id(notice.alert))],
        "recipient": [{"identifier": _identifier("contact", notice.contact)}],
        "payload": [{"contentString": notice.title}],
        **({"sent": iso(notice.at)} if status == "completed" else {}),
    }


def entry(resource: Resource) -> Resource:
    """The resource as an entry of a bundle."""
    return {"fullUrl": f"{OURS}{resource['resourceType']}:{resource['id']}", "resource": resource}


def _value(reading: Reading) -> Resource:
    metric, value = reading.metric, reading.value
    if isinstance(value, str):
        return {"valueString": value}
    if metric in BINARY:
        return {"valueBoolean": value == 1}
    quantity: Resource = {"value": value}
    if metric in UCUM_CODES:
        quantity |= {"unit": METRICS[metric].unit, "system": UCUM, "code": UCUM_CODES[metric]}
    return {"valueQuantity": quantity}


def _identifier(what: str, value: str) -> Resource:
    return {"system": f"{OURS}{what}", "value": value}


def _to(kind: str, id_: str) -> Resource:
    return {"reference": f"{kind}/{id_}"}


def _place(home: str, *room: str) -> str:
    return _readable("-".join((home, *room)))


def _device(home: str, device: str) -> str:
    return _id(home, device)


def _readable(text: str) -> str:
    """The text itself where FHIR takes it as an id (letters, digits, "-" and ".", at most 64)."""
    return text if re.fullmatch(r"[A-Za-z0-9.-]{1,64}", text) else _id(text)


def _id(*parts: str) -> str:
    """The same parts give the same id: exported again, a resource is the same one."""
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
