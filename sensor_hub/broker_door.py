"""The broker of the settings: where it is, and where it looks who may come in."""

from __future__ import annotations

from collections.abc import Sequence

from sensor_hub.ingest.broker import EmbeddedBroker
from sensor_hub.ingest.logins import MosquittoPasswords
from sensor_hub.ingest.uplink import BrokerAddress
from sensor_hub.joins import Door
from sensor_hub.model.home import Home
from sensor_hub.model.problem import InputError
from sensor_hub.settings import Settings

LOCAL_TENANT = "local"


def tenant_of(settings: Settings) -> str:
    """The tenant of the gateways that join."""
    return settings.tenant or LOCAL_TENANT


def embedded_broker(settings: Settings, homes: Sequence[Home]) -> EmbeddedBroker:
    """The hub's own, not started; beside a running hub it reaches the one that the hub has started."""
    tenant = tenant_of(settings)
    return EmbeddedBroker(settings.data / "broker", settings.mqtt.port, [f"{tenant}/{home.id}" for home in homes])


def broker_address(settings: Settings, homes: Sequence[Home]) -> BrokerAddress:
    """Where a command beside the hub reaches the broker; InputError where the hub's own has never run."""
    if isinstance(settings.mqtt, BrokerAddress):
        return settings.mqtt
    return embedded_broker(settings, homes).address()


def door_of(settings: Settings, homes: Sequence[Home]) -> Door:
    """Where gateways' passwords go; InputError where the hub has not been told."""
    access = settings.gateways
    if not isinstance(settings.mqtt, BrokerAddress):
        return embedded_broker(settings, homes)
    if access.password_file is None:
        expected = "password_file under [gateways]: mosquitto's, which the hub may write"
        raise InputError("gateways cannot join", where=str(settings.file), expected=expected)
    return MosquittoPasswords(access.password_file, access.pid_file)
