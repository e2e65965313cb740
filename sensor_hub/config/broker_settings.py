"""The parts of `hub.toml` that say which broker there is, and how gateways reach it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sensor_hub.config.secret import read_secret
from sensor_hub.ingest.uplink import BrokerAddress
from sensor_hub.model.table import Table

MQTT_PORT = 1883


@dataclass(frozen=True, slots=True)
class EmbeddedMqtt:
    """The hub runs its own broker on this port of the loopback."""

    port: int


@dataclass(frozen=True, slots=True)
class GatewayAccess:
    """How gateways reach the broker, and where their passwords go."""

    host: str
    port: int
    has_tls: bool
    ca: Path | None = None
    password_file: Path | None = None
    """Mosquitto's; None: the hub's own broker keeps them, and where there is none no gateway can join."""
    pid_file: Path | None = None
    log_file: Path | None = None
    """Mosquitto's, in which the hub reads what was refused."""


def read_mqtt(table: Table, folder: Path) -> EmbeddedMqtt | BrokerAddress:
    """InputError where it cannot be used."""
    host = table.text("host", " ").strip()
    has_tls = table.flag("tls", default=False)
    port = table.whole("port", 8883 if has_tls else MQTT_PORT, low=1, high=65535)
    if not host:
        table.done()
        return EmbeddedMqtt(port)
    username = table.text("username", " ").strip()
    password = read_secret(table, "password", folder) or ""
    ca = table.text("ca", " ").strip()
    table.done()
    if ca and not (folder / ca).is_file():
        raise table.wrong("ca", "a file with a certificate")
    return BrokerAddress(host, port, username, password, has_tls or bool(ca), str(folder / ca) if ca else None)


def read_gateways(table: Table, folder: Path, mqtt: EmbeddedMqtt | BrokerAddress) -> GatewayAccess:
    """As the hub does, unless the table says otherwise."""
    own = BrokerAddress("127.0.0.1", mqtt.port) if isinstance(mqtt, EmbeddedMqtt) else mqtt
    ca, passwords, pid, log = (table.text(key, " ").strip() for key in ("ca", "password_file", "pid_file", "log_file"))
    access = GatewayAccess(
        host=table.text("host", own.host),
        port=table.whole("port", own.port, low=1, high=65535),
        has_tls=table.flag("tls", default=own.has_tls or bool(ca)),
        ca=folder / ca if ca else None if own.ca is None else Path(own.ca),
        password_file=folder / passwords if passwords else None,
        pid_file=folder / pid if pid else None,
        log_file=folder / log if log else None,
    )
    table.done()
    if isinstance(mqtt, EmbeddedMqtt) and passwords:
        raise table.wrong("password_file", "a host in [mqtt]: the hub's own broker keeps its passwords itself")
    return access
