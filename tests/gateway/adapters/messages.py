"""Messages of sources in one line each."""

from __future__ import annotations

import json
from collections.abc import Sequence

from gateway.adapters.message import Message
from sensor_hub.model.moment import iso
from sensor_hub.model.reading import Reading

NOON = 1767614400.0
IEEE = "0x00158d0001a2b3c4"
EUI = "a84041ffff123456"

Expose = dict[str, object]


def message(topic: str, payload: object, *, retain: bool = False, received: float = NOON) -> Message:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Message(topic, body, retain, received)


def numeric(name: str, unit: str = "", **more: object) -> Expose:
    return {"type": "numeric", "name": name, "property": name, "access": 1, "unit": unit, **more}


def binary(name: str, *, on: object = True, off: object = False, **more: object) -> Expose:
    row = {"type": "binary", "name": name, "property": name, "access": 1, "value_on": on, "value_off": off}
    return {**row, **more}


def action(*values: str) -> Expose:
    return {"type": "enum", "name": "action", "property": "action", "access": 1, "values": list(values)}


def device(exposes: Sequence[Expose], *, address: str = IEEE, name: str = "hall", **more: object) -> dict[str, object]:
    definition = {"model": "X", "vendor": "Y", "exposes": list(exposes)}
    row = {"ieee_address": address, "friendly_name": name, "type": "EndDevice", "definition": definition}
    return {**row, "power_source": "Battery", **more}


def devices(*rows: dict[str, object]) -> Message:
    return message("zigbee2mqtt/bridge/devices", list(rows), retain=True)


def state(*, name: str = "hall", at: float | None = None, retain: bool = False, **values: object) -> Message:
    """A state; with `at` it has a `last_seen` and comes a fifth of a second later."""
    seen = {} if at is None else {"last_seen": iso(at)}
    received = NOON if at is None else at + 0.2
    return message(f"zigbee2mqtt/{name}", {**values, **seen}, retain=retain, received=received)


def chirpstack(decoded: object, *, frame: int = 1, at: float = NOON, key: str = "", event: str = "up") -> Message:
    body = {
        "deduplicationId": key or f"k{frame}@{at}",
        "time": iso(at),
        "deviceInfo": {"devEui": EUI},
        "fPort": 2,
        "data": "AWcA1w==",
        "object": decoded,
    }
    if frame:
        body["fCnt"] = frame
    return message(f"application/app/device/{EUI}/event/{event}", body, received=at + 1)


def tts(decoded: object, **more: object) -> Message:
    uplink = {"f_port": 2, "f_cnt": 7, "frm_payload": "AWcA1w==", "decoded_payload": decoded, "received_at": iso(NOON)}
    body = {"end_device_ids": {"device_id": "eui-1", "dev_eui": EUI.upper()}, "uplink_message": {**uplink, **more}}
    return message("v3/home@ttn/devices/eui-1/up", body, received=NOON + 1)


def told(readings: Sequence[Reading]) -> list[tuple[str, float | str]]:
    """Metric and value of each reading, without how well the device was heard."""
    return [(one.metric.value, one.value) for one in readings if one.metric != "link_quality"]
