"""Messages as broken devices, brokers and jokers send them: real ones of every source, then damaged."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator

from gateway.adapters.message import Message
from tests.gateway.adapters.messages import EUI, NOON, action, binary, device, numeric

ODD: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1e308, -0.0, 2**63, 10**320, 85.0, 655.35, "", "nan", "ON", "21.5", "22 °C", "\x00"),
    *("é" * 300, [], {}, [[]], [None], {"value": None}, {"value": {"value": 1}}, [1, 2, 3], {"1": 2}),
    *("1970-01-01T00:00:00", "2026-01-05T12:00:00Z", "{{ value }}", "a/b", "#", "+", "~"),
)
_LARGE = 1_100_000
_EXPOSES = [
    numeric("temperature", "°C"),
    numeric("battery", "%"),
    binary("occupancy"),
    binary("contact", on=False, off=True),
    action("single"),
]
_TEMPLATES = (
    "{{ value_json.a }}",
    "{{ value_json['a'] | float(0) | round(1) }}",
    "{% if value_json.a > 3 %}ON{% else %}OFF{% endif %}",
    "{{ (value | float - 32) * 5 / 9 }}",
    "{{ value_json.a.b[0] if value_json.a is defined else value }}",
    "{{ value.split(',')[1] | replace('a', value * 9) }}",
    "{{ " + "(" * 60 + "1" + ")" * 60 + " }}",
    "{{ 9 ** 9 ** 9 }}",
)


def samples(chance: random.Random) -> tuple[str, object]:
    """A good message of some source: its topic and payload."""
    number = chance.randrange(3000)
    name, place = f"n{number}", f"{chance.choice('abc')}{number % 200}"
    sensor = {"Temperature": 21.5, "Humidity": 40, "Id": f"{number:012X}", "Battery": 90, "Voltage": 3.0}
    template = chance.choice(_TEMPLATES)
    config = {"~": place, "stat_t": "~/s", "dev_cla": "temperature", "unit_of_meas": "°C", "val_tpl": template}
    switch = {"stat_t": f"{place}/s", "dev_cla": "motion", "dev": {"ids": [name]}, "pl_on": 1, "val_tpl": template}
    uplink = {"fCnt": number, "fPort": 2, "time": "2026-01-05T12:00:00Z", "rxInfo": [{"rssi": -60}]}
    data = base64.b64encode(chance.randbytes(chance.randrange(0, 24))).decode()
    profile = chance.choice(("elsys", "milesight ws203", "em300-sld", "tbms100", "lht65", "cayenne lpp", "x"))
    info = {"devEui": f"{number:016x}", "deviceProfileName": profile}
    decoded = {"temperature": 21.5, "motion_counter": number, "history": [{"timestamp": NOON, "humidity": 4}], "bat": 3}
    known = device(_EXPOSES, address=f"0x{number:016x}", name=name)
    options: tuple[tuple[str, object], ...] = (
        ("zigbee2mqtt/bridge/devices", [known, device(_EXPOSES)]),
        (f"zigbee2mqtt/{name}", {"temperature": 21.5, "occupancy": True, "contact": False, "action": "single"}),
        (f"application/a/device/{EUI}/event/up", {**uplink, "object": decoded, "deviceInfo": info, "data": data}),
        (f"application/a/device/{name}/event/up", {**uplink, "deviceInfo": info, "data": data}),
        ("application/a/device/x/event/status", {"batteryLevel": 90.0, "deviceInfo": info}),
        (
            f"v3/a/devices/{name}/up",
            {"uplink_message": {"f_port": 5, "frm_payload": data, "decoded_payload": chance.choice((decoded, None))}},
        ),
        (f"tele/{name}/SENSOR", {"Time": "2026-01-05T12:00:00", "DS18B20-1": sensor, "TempUnit": "C"}),
        (f"tele/{name}/RESULT", {"ZbReceived": {f"0x{number:04X}": {**sensor, "Occupancy": 1, "Contact": 1}}}),
        (f"homeassistant/sensor/{name}/t/config", config),
        (f"homeassistant/binary_sensor/{name}/config", switch),
        (f"homeassistant/device/{name}/config", {"cmps": {"x": {**config, "p": "sensor"}, "y": {"p": "climate"}}}),
        (f"{place}/s", {"a": chance.randrange(9), "temperature": 20, "door_open": True}),
        (f"home/{name}", {"temperature": 21.5, "hum": 40, "batt": 50, "volt": 2.9}),
    )
    return chance.choice(options)


def fuzzed(chance: random.Random, number: int) -> Message:
    """Message `number` of a long row: most damaged in one of many ways, some good."""
    topic, payload = samples(chance)
    body = json.dumps(_bent(chance, payload) if chance.random() < 0.6 else payload).encode()
    if chance.random() < 0.3:
        body = _damaged(chance, body)
    if chance.random() < 0.05:
        topic = _odd_topic(chance, topic)
    return Message(topic, body, chance.random() < 0.1, NOON + number * 0.01)


def _bent(chance: random.Random, value: object, depth: int = 0) -> object:
    """The value with a part of it replaced by something of another shape."""
    if depth > 5 or chance.random() < 0.15:
        return chance.choice(ODD)
    if isinstance(value, dict) and value:
        key = chance.choice(list(value))
        name = chance.choice(("", "__proto__", "é", "x" * 200)) if chance.random() < 0.05 else key
        return {**value, name: _bent(chance, value[key], depth + 1)}
    if isinstance(value, list) and value:
        place = chance.randrange(len(value))
        return [*value[:place], _bent(chance, value[place], depth + 1), *value[place + 1 :]]
    return chance.choice(ODD)


def _damaged(chance: random.Random, body: bytes) -> bytes:
    match chance.randrange(12):
        case 0:
            return body[: chance.randrange(len(body) + 1)]
        case 1:
            return chance.randbytes(chance.randrange(60))
        case 2:
            return body.replace(b"21.5", b"nan").replace(b"true", b"-NaN")
        case 3:
            return b""
        case 4:
            return b"\xef\xbb\xbf" + body + b"\x00"
        case 5 if chance.random() < 0.05:
            return b"[" * chance.choice((100, 100_000))
        case 6 if chance.random() < 0.005:
            return b'"' + b'\\"' * (_LARGE // 2) if chance.random() < 0.5 else b"A" * _LARGE
        case 7:
            return b'{"a":' * 40 + body + b"}" * 40
    place = chance.randrange(len(body) + 1)
    return body[:place] + chance.randbytes(1) + body[place + 1 :]


def _odd_topic(chance: random.Random, topic: str) -> str:
    place = chance.randrange(len(topic) + 1)
    return topic[:place] + chance.choice(("/", "//", "\t", "é", " ", "x" * 300, "+", "\u202e", "")) + topic[place + 1 :]


def row(seed: int, length: int) -> Iterator[Message]:
    chance = random.Random(seed)
    return (fuzzed(chance, number) for number in range(length))
