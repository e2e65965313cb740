"""Gives a home's gateway a new password without a visit.

The new one goes down in the retained settings, which that gateway alone may hear. Once its status says that it keeps
it, the broker's file is switched, and the settings are left without it; the gateway tries both until the new one works.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

import paho.mqtt.client as mqtt

from sensor_hub.ingest.logins import Login, make_login
from sensor_hub.ingest.uplink import BrokerAddress, new_client
from sensor_hub.model.problem import InputError
from sensor_hub.model.wire import topic

CONNECTS_WITHIN = 10.0
SETTLES_WITHIN = 1.5
"""Seconds for which retained messages may still come after a subscription: none says that there is none."""
READS_WITHIN = 3.0
COMES_BACK_WITHIN = 90.0
"""More than a gateway's longest pause between attempts."""


class Rotated(Enum):
    """What became of it."""

    DONE = "the gateway uses its new password; the old one is void"
    AWAY = "the new password is the only one now; the gateway keeps it and has not come back with it yet"
    SILENT = "abandoned, the old password stays: the gateway did not say in time that it keeps the new one"
    REFUSED = "abandoned, the old password stays: the gateway does not take a new one"

    @property
    def is_abandoned(self) -> bool:
        return self in (Rotated.SILENT, Rotated.REFUSED)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for the gateway to keep the new password, and to come back with it."""

    keeps: float
    comes_back: float = COMES_BACK_WITHIN


def rotate(
    talk: Talk, admit: Callable[[Login], None], patience: Patience, is_stopped: Callable[[], bool] = lambda: False
) -> Rotated:
    """Whatever happens, no settings with a password stay at the broker, unless it cannot be reached any more.

    `admit` makes the broker take this login and none before it. `is_stopped`: nothing is waited for any more, and
    `Talk.look` lets it be asked. InputError where broker or file cannot be used.
    """
    login = make_login(talk.tenant, talk.home)
    kept = {key: value for key, value in talk.settings.items() if key not in ("version", "password")}
    version = max(version_in(talk.settings), version_in(talk.applied)) + 1
    try:
        talk.say({"version": version, **kept, "password": login.password})
        talk.wait(lambda: _keeps(talk.applied, version) is not None or is_stopped(), patience.keeps)
        if _keeps(talk.applied, version) is None:
            return Rotated.SILENT
        if not _keeps(talk.applied, version):
            return Rotated.REFUSED
        admit(login)
        # Some brokers read their file a moment later. One that drops the gateway at once has it back at once.
        talk.wait(lambda: _uses(talk.applied, version), READS_WITHIN)
    finally:
        # With it gone the gateway knows that it is time to come back with the new one.
        talk.say({"version": version + 1, **kept})
    talk.wait(lambda: _uses(talk.applied, version) or is_stopped(), patience.comes_back)
    return Rotated.DONE if _uses(talk.applied, version) else Rotated.AWAY


def _keeps(applied: Mapping[str, object], version: int) -> bool | None:
    """Whether the gateway keeps the password of these settings; None: it has not said so or otherwise."""
    refused = applied.get("refused")
    if version_in(applied) == version and isinstance(refused, dict) and "password" in refused:
        return False
    return True if applied.get("password") == f"kept {version}" else None


def _uses(applied: Mapping[str, object], version: int) -> bool:
    return applied.get("password") == f"in use {version}"


def version_in(said: Mapping[str, object]) -> int:
    """The version of these settings; 0 where they have none."""
    version = said.get("version")
    return version if isinstance(version, int) and not isinstance(version, bool) else 0


class Talk:
    """The hub's side of one home's settings and status: `with Talk(…) as talk`. InputError where there is no way in."""

    def __init__(self, address: BrokerAddress, tenant: str, home: str) -> None:
        self.address = address
        self.tenant = tenant
        self.home = home
        self.settings: Mapping[str, object] = {}
        """As the broker keeps them."""
        self.applied: Mapping[str, object] = {}
        """What the gateway says of them."""
        self._where = f"broker {address.host}:{address.port}"
        self._refusal = ""
        self._is_subscribed = False
        self._change = threading.Condition()
        self._client = new_client(address, "")

    def __enter__(self) -> Self:
        client = self._client
        client.on_connect, client.on_message, client.on_subscribe = self._connected, self._came, self._subscribed
        try:
            client.connect(self.address.host, self.address.port)
        except (OSError, ValueError) as error:
            expected = "the hub's broker, running"
            raise InputError(f"cannot be reached ({error})", where=self._where, expected=expected) from error
        client.loop_start()
        if not self.wait(lambda: self._is_subscribed or bool(self._refusal), CONNECTS_WITHIN) or self._refusal:
            self._close()
            raise InputError(self._refusal or "does not answer", where=self._where, expected="a broker that lets us in")
        self.wait(lambda: bool(self.settings and self.applied), SETTLES_WITHIN)
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def say(self, values: Mapping[str, object]) -> None:
        """Leaves the settings at the broker; InputError unless it has shown them again: some acknowledge and deny."""
        payload = json.dumps(values, separators=(",", ":")).encode()
        self._client.publish(topic(self.tenant, self.home, "settings"), payload, qos=1, retain=True)
        if not self.wait(lambda: self.settings == values, CONNECTS_WITHIN):
            raise InputError(
                "did not keep the settings", where=self._where, expected="a broker that lets the hub write"
            )

    def wait(self, holds: Callable[[], bool], within: float) -> bool:
        """Whether it holds within so many seconds."""
        with self._change:
            return self._change.wait_for(holds, within)

    def look(self) -> None:
        """Whoever waits looks again whether it holds."""
        with self._change:
            self._change.notify_all()

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            with self._change:
                self._refusal = f"refuses the hub ({reason})"
                self._change.notify_all()
            return
        client.subscribe([(topic(self.tenant, self.home, leaf), 1) for leaf in ("settings", "status")])

    def _subscribed(self, *_: object) -> None:
        with self._change:
            self._is_subscribed = True
            self._change.notify_all()

    def _came(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        row = object_in(bytes(message.payload))
        with self._change:
            if message.topic.endswith("/settings"):
                self.settings = row
            else:
                # The last will holds too: what it says of settings was true.
                told = row.get("settings")
                self.applied = told if isinstance(told, dict) else {}
            self._change.notify_all()


def object_in(payload: bytes) -> dict[str, object]:
    """The JSON object in a message. Empty where it is no JSON object."""
    try:
        row = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}
