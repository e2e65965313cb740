"""Where the hub is to be reached, as far as that would not work: a part of `sensor-hub check`."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from sensor_hub.broker_door import embedded_broker
from sensor_hub.config.broker_settings import EmbeddedMqtt, GatewayAccess
from sensor_hub.dispatch.loopback import LOOPBACK
from sensor_hub.ingest.broker import HOST
from sensor_hub.remark import Remark
from sensor_hub.settings import Settings

CONNECTS_WITHIN = 5.0


def ports(settings: Settings) -> Iterator[Remark]:
    """Ports that the hub could not open. Of one that runs they are its own."""
    if is_running(settings.data):
        return
    mqtt, web = settings.mqtt, settings.web
    # The broker of a hub that was killed is ended by the next one.
    if isinstance(mqtt, EmbeddedMqtt) and not embedded_broker(settings, []).is_running and _is_taken(HOST, mqtt.port):
        yield Remark(
            "mqtt.port", f"{mqtt.port} is taken by another program", "give [mqtt] another port, or that broker's host"
        )
    if _is_taken(web.host, web.port):
        yield Remark("web.port", f"{web.port} is taken by another program", "give [web] another port")


def gateways(settings: Settings) -> Iterator[Remark]:
    """What gateways are told when they join, and what the hub does for it."""
    access = settings.gateways
    try:
        socket.getaddrinfo(access.host, access.port)
    except (OSError, UnicodeError) as error:
        yield Remark(
            "gateways.host", f"{access.host} cannot be resolved ({error})", "gateways that join are told this name"
        )
    is_alone = isinstance(settings.mqtt, EmbeddedMqtt) and not access.has_tls
    if is_alone and access.host not in LOOPBACK:
        yield Remark(
            "gateways.host", f"{access.host} leads to no broker, the hub's own listens on the loopback", "see [mqtt]"
        )
    if access.ca is not None and access.has_tls:
        yield from _certificate(access.ca)
    yield from _passwords(access)


def reach_gateways_broker(settings: Settings) -> Iterator[Remark]:
    """Whether a gateway that was told this would find the broker."""
    access = settings.gateways
    is_own = isinstance(settings.mqtt, EmbeddedMqtt)
    if is_own and not is_running(settings.data):
        return
    try:
        with socket.create_connection((access.host, access.port), CONNECTS_WITHIN) as plain:
            if access.has_tls:
                ca = None if access.ca is None else str(access.ca)
                ssl.create_default_context(cafile=ca).wrap_socket(plain, server_hostname=access.host).close()
    except (OSError, ValueError) as error:
        yield Remark(
            "gateways.port", f"{access.host}:{access.port} cannot be reached ({error})", "check host, port, tls and ca"
        )


def is_running(data: Path) -> bool:
    """Whether a hub runs on this data."""
    try:
        with (data / "lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _certificate(file: Path) -> Iterator[Remark]:
    try:
        ssl.create_default_context(cafile=str(file))
    except (OSError, ValueError) as error:
        yield Remark(
            "gateways.ca", f"{file} cannot be used ({error})", "name the certificate (PEM) of the broker's authority"
        )


def _passwords(access: GatewayAccess) -> Iterator[Remark]:
    file, pid = access.password_file, access.pid_file
    if file is not None:
        if not os.access(file.parent, os.W_OK | os.X_OK):
            yield Remark("gateways.password_file", f"the hub may not write in {file.parent}", "see deploy/mosquitto")
        elif file.exists() and not os.access(file, os.R_OK):
            yield Remark("gateways.password_file", f"{file} cannot be read by this user", "see deploy/mosquitto")
    if pid is not None and not pid.exists():
        yield Remark(
            "gateways.pid_file", f"there is no {pid}", "start mosquitto, or leave it out and use the path unit"
        )


def _is_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False
