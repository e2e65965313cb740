"""What the hub sends down to a gateway besides its answers: the retained settings (design, 4.4)."""

from __future__ import annotations

import json
import threading
import tomllib
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt

from sensor_hub.ingest.uplink import BrokerAddress, new_client
from sensor_hub.model.problem import InputError
from sensor_hub.model.wire import topic

ARRIVES_WITHIN = 10.0
MOST_BYTES = 64 * 1024


def read_gateway_settings(path: Path) -> bytes:
    """The message with the settings in a JSON or TOML file; InputError where a gateway could not take them."""
    expected = 'JSON or TOML with version = 1 or more, such as {"version": 1}'
    try:
        text = path.read_text(encoding="utf-8")
        values: Any = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        payload = json.dumps(values, separators=(",", ":"), allow_nan=False).encode()
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise InputError(f"cannot be used ({error})", where=str(path), expected=expected) from error
    version = values.get("version") if isinstance(values, dict) else None
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise InputError(f"version is {version!r}", where=str(path), expected=expected)
    for own in sorted({"rooms", "gone"} & values.keys()):
        raise InputError(f"has {own}", where=str(path), expected="none: sensor-hub place and device … say them")
    need_room(len(payload), str(path))
    return payload


def need_room(length: int, where: str) -> None:
    """InputError where settings of so many bytes are more than a gateway takes."""
    if length > MOST_BYTES:
        raise InputError(f"holds {length} bytes", where=where, expected=f"at most {MOST_BYTES}")


def publish_settings(address: BrokerAddress, tenant: str, home: str, payload: bytes) -> None:
    """Leaves the settings at the broker for this home's gateway; InputError unless the broker has shown them again.

    A broker's acknowledgement proves nothing: some acknowledge what they deny.
    """
    name, arrived = topic(tenant, home, "settings"), threading.Event()
    refusals: list[str] = []

    def connected(client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            refusals.append(str(reason))
            arrived.set()
        else:
            client.subscribe(name, qos=1)

    def came(_client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        if bytes(message.payload) == payload:
            arrived.set()

    client = new_client(address, "")
    client.on_connect, client.on_message = connected, came
    client.on_subscribe = lambda client, *_: client.publish(name, payload, qos=1, retain=True)
    where = f"broker {address.host}:{address.port}"
    try:
        client.connect(address.host, address.port)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be reached ({error})", where=where, expected="the hub's broker, running") from error
    client.loop_start()
    arrived.wait(ARRIVES_WITHIN)
    client.disconnect()
    client.loop_stop()
    if refusals or not arrived.is_set():
        why = f"refuses the hub ({refusals[0]})" if refusals else "did not keep the settings"
        raise InputError(why, where=where, expected=f"a broker that lets the hub write and read {name}")
