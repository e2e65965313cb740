"""Short visits to a broker, for tests of who may do what there."""

from __future__ import annotations

import threading
from typing import Any

from sensor_hub.ingest.logins import Login
from sensor_hub.ingest.uplink import BrokerAddress, new_client


def gets_in(address: BrokerAddress, login: Login) -> bool:
    """Whether the broker takes this login."""
    answered, reasons = threading.Event(), list[Any]()

    def connected(_client: object, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        reasons.append(reason)
        answered.set()

    client = new_client(_as(address, login), "")
    client.on_connect = connected
    client.connect(address.host, address.port)
    client.loop_start()
    assert answered.wait(60)
    client.disconnect()
    client.loop_stop()
    return not reasons[0].is_failure


def heard(address: BrokerAddress, login: Login, topic: str, within: float = 1.0) -> bytes | None:
    """What the broker has kept for this topic and lets this login hear."""
    came, payloads = threading.Event(), list[bytes]()

    def message(_client: object, _data: object, told: Any) -> None:
        payloads.append(bytes(told.payload))
        came.set()

    client = new_client(_as(address, login), "")
    client.on_connect = lambda client, *_: client.subscribe(topic, qos=1)
    client.on_message = message
    client.connect(address.host, address.port)
    client.loop_start()
    came.wait(within)
    client.disconnect()
    client.loop_stop()
    return payloads[0] if payloads else None


def _as(address: BrokerAddress, login: Login) -> BrokerAddress:
    return BrokerAddress(address.host, address.port, login.user, login.password)
