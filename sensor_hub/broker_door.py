"""The broker of the settings: where it is, and where it looks who may come in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sensor_hub.database_door import database_of, has_data
from sensor_hub.desk.joins import Door
from sensor_hub.ingest.broker import EmbeddedBroker
from sensor_hub.ingest.logins import MosquittoPasswords
from sensor_hub.ingest.uplink import BrokerAddress
from sensor_hub.model.home import LOCAL_TENANT, Home
from sensor_hub.model.problem import InputError
from sensor_hub.settings import Settings
from sensor_hub.storage.tenants import SqlTenants


def tenant_of(settings: Settings, home: str) -> str:
    """Whose the home is; see `tenants_of`."""
    return tenants_of(settings, [home])[home]


def tenants_of(settings: Settings, homes: Iterable[str]) -> dict[str, str]:
    """Whose each home is: the settings' tenant, else the one that it was first heard of, else `local`."""
    names = list(homes)
    return dict.fromkeys(names, settings.tenant or LOCAL_TENANT) | heard_tenants(settings, names)


def heard_tenants(settings: Settings, homes: Iterable[str]) -> dict[str, str]:
    """The same of those homes that were heard of."""
    if settings.tenant is not None:
        return dict.fromkeys(homes, settings.tenant)
    if not has_data(settings):
        return {}
    database = database_of(settings)
    database.open()
    try:
        return SqlTenants(database).of_each(list(homes))
    finally:
        database.close()


def embedded_broker(settings: Settings, homes: Sequence[Home]) -> EmbeddedBroker:
    """The hub's own, not started; beside a running hub it reaches the one that the hub has started."""
    names = [f"{tenant}/{home}" for home, tenant in tenants_of(settings, [home.id for home in homes]).items()]
    return EmbeddedBroker(settings.data / "broker", settings.mqtt.port, names)


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
