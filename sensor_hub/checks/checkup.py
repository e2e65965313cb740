"""What would not work, each with a hint: `sensor-hub check`."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sensor_hub.alerts.notice import Letterhead
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.plan_gaps import gaps
from sensor_hub.broker_door import heard_tenants, tenants_of
from sensor_hub.checks.access_checkup import access_noted, provider_troubles
from sensor_hub.checks.consent_checkup import consent_noted
from sensor_hub.checks.contact_checkup import channels, unconfirmed_noted, unconfirmed_refused
from sensor_hub.checks.database_checkup import database
from sensor_hub.checks.history_checkup import history
from sensor_hub.checks.key_checkup import key_noted, key_troubles
from sensor_hub.checks.listening_checkup import gateways, ports, reach_gateways_broker
from sensor_hub.checks.tenant_checkup import tenants, tenants_noted
from sensor_hub.clock import Clock
from sensor_hub.config.broker_settings import EmbeddedMqtt
from sensor_hub.database_door import has_data, open_stores
from sensor_hub.dispatch.carriers import is_text_message, service_trouble, stays_here
from sensor_hub.dispatch.loopback import LOOPBACK
from sensor_hub.dispatch.notifier import CONSOLE
from sensor_hub.dispatch.text_message import link_overhang
from sensor_hub.ingest.broker import find_program
from sensor_hub.ingest.uplink import BrokerAddress, new_client
from sensor_hub.model.home import Home, read_home
from sensor_hub.model.metric import Metric
from sensor_hub.model.problem import InputError
from sensor_hub.remark import Remark, remark_of
from sensor_hub.settings import Settings, home_files, read_homes, read_settings
from sensor_hub.storage.stores import SqlStores

ANSWERS_WITHIN = 5.0
SERVICE_HINT = "check what its address says of the server and of the login"


def problems(config: Path, *, tries: bool = False) -> Iterator[Remark]:
    """Each problem; none: everything would work. `tries`: also asks the servers of others."""
    try:
        settings = read_settings(config)
    except InputError as error:
        yield remark_of(error)
        return
    yield from _data(settings)
    unreached = list(database(settings))
    yield from unreached
    if unreached:
        # Nothing of what is kept can be asked.
        return
    yield from key_troubles(settings)
    yield from _contacts(settings)
    yield from channels(settings)
    yield from unconfirmed_refused(settings)
    yield from _links(settings)
    yield from _broker(settings)
    yield from ports(settings)
    yield from gateways(settings)
    yield from history(settings.history)
    if tries:
        yield from reach_gateways_broker(settings)
        yield from _services(settings)
        yield from provider_troubles(settings)
    homes, wrong = _homes(settings)
    yield from wrong
    whose = tenants_of(settings, [home.id for home in homes])
    yield from tenants(settings.plan, whose, heard_tenants(settings, whose).values())
    yield from _gaps(settings, homes, whose)
    yield from _watched(settings, homes)


def notes(config: Path) -> Iterator[Remark]:
    """Each thing that is no fault, but that whoever runs the hub should know."""
    try:
        settings = read_settings(config)
    except InputError:
        return
    if any(database(settings)):
        return
    yield from unconfirmed_noted(settings)
    yield from key_noted(settings)
    yield from access_noted(settings)
    yield from consent_noted(settings)
    yield from tenants_noted(settings.plan, tenants_of(settings, [home.id for home in _homes(settings)[0]]))
    if not settings.plan.rounds.reviewers:
        yield Remark(
            "review.nobody",
            "nobody gets it, so alerts that only wait for it are on the pages alone",
            "say to whom in [review]",
        )


def _data(settings: Settings) -> Iterator[Remark]:
    folder = next(path for path in (settings.data, *settings.data.parents) if path.exists())
    if not os.access(folder, os.W_OK):
        yield Remark("data.unwritable", f"{folder} cannot be written", "give it to the user that runs the hub")


def _contacts(settings: Settings) -> Iterator[Remark]:
    plan = settings.plan
    for part, whom in ((part, f" of tenant {tenant}") for tenant, part in plan.parts().items()):
        for audience in part.unheard():
            yield Remark(
                "contact.unheard",
                f"nobody receives {audience.value} alerts{whom if plan.names_tenants else ''}",
                f'add "{audience.value}" to receives of a [[contact]]',
            )


def _links(settings: Settings) -> Iterator[Remark]:
    addresses = {contact.id: [channel.address for channel in contact.channels] for contact in settings.contacts}
    told = [who for who, each in addresses.items() if not all(one.startswith(f"{CONSOLE}:") for one in each)]
    away = [who for who, each in addresses.items() if not all(map(stays_here, each))]
    if told and settings.notice_url is None:
        yield Remark(
            "url.missing",
            f"url is not set, so notices to {', '.join(told)} carry no link",
            "say where people reach the pages",
        )
    elif away and urlsplit(settings.url).hostname in LOOPBACK:
        yield Remark(
            "url.loopback",
            f"{settings.url} leads nowhere on the telephones of {', '.join(away)}",
            "name the hub's own address",
        )
    yield from _texts(settings)


def _texts(settings: Settings) -> Iterator[Remark]:
    """Text messages in which the link finds no room."""
    letterhead = Letterhead(settings.notice_url, settings.pace is not None)
    for contact in settings.contacts:
        over = link_overhang(letterhead, contact.detail)
        if over and any(is_text_message(channel.address) for channel in contact.channels):
            yield Remark(
                "url.long",
                f"{over} letters too long: some text messages to {contact.id} have no room for the link and send "
                "their reader to the login",
                "give the hub a shorter name",
            )


def _gaps(settings: Settings, homes: list[Home], whose: Mapping[str, str]) -> Iterator[Remark]:
    """When alerts would go to nobody, from now on, or from when simulated time starts."""
    at = Clock().now() if settings.pace is None else settings.pace.start
    plan = settings.plan
    for tenant, part in plan.parts().items():
        if not part.fallback and part.has_policies:
            whom = f" of tenant {tenant}" if plan.names_tenants else ""
            yield Remark(
                "policy.fallback",
                f"nobody{whom} hears of an urgent alert that nobody took",
                'name a contact: fallback = "...", or a list of one for each tenant',
            )
    yield from (Remark(gap.id, gap.what, gap.hint) for gap in gaps(plan, homes, at, whose))
    yield from _residents(plan, homes)


def _residents(plan: Plan, homes: list[Home]) -> Iterator[Remark]:
    """Residents whom nobody asks, and questions that nobody gets."""
    asking = [policy for policy in plan.policies if any(step.asks_resident for step in policy.steps)]
    residents = [contact for contact in plan.contacts if contact.home]
    known = {home.id for home in homes}
    for resident in residents:
        if resident.home not in known:
            yield Remark(
                "resident.home", f"resident {resident.id}: there is no home {resident.home!r}", "give the id of one"
            )
        elif not any(policy.is_for(resident.home) for policy in asking):
            yield Remark(
                "resident.unasked", f"resident {resident.id}: no policy asks them", 'add a step with ask = "resident"'
            )
    for policy in asking:
        if not any(policy.is_for(resident.home) for resident in residents):
            yield Remark(
                "policy.ask",
                f"policy {policy.id!r} asks residents, and none of its homes has one",
                "add a [[resident]]",
            )


def _services(settings: Settings) -> Iterator[Remark]:
    for contact in settings.contacts:
        for channel in contact.channels:
            trouble = service_trouble(channel.address)
            if trouble is not None:
                which = f", channel {channel.label}" if contact.further else ""
                yield Remark("contact.service", f"contact {contact.id}{which}: {trouble}", SERVICE_HINT)
    operator = settings.watch.operator
    trouble = None if operator is None else service_trouble(operator)
    if trouble is not None:
        yield Remark("watch.operator", trouble, SERVICE_HINT)


def _broker(settings: Settings) -> Iterator[Remark]:
    mqtt = settings.mqtt
    if isinstance(mqtt, EmbeddedMqtt):
        if find_program("nats-server") is None and find_program("mosquitto") is None:
            yield Remark(
                "mqtt.program", "neither nats-server nor mosquitto is installed", "install one, or give [mqtt] a host"
            )
    else:
        yield from _reach(mqtt)


def _reach(address: BrokerAddress) -> Iterator[Remark]:
    answered, reasons = threading.Event(), []

    def connected(_client: object, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        reasons.append(reason)
        answered.set()

    client = new_client(address, "")
    client.on_connect = connected
    try:
        client.connect(address.host, address.port)
        client.loop_start()
        answered.wait(ANSWERS_WITHIN)
        client.disconnect()
        client.loop_stop()
    except (OSError, ValueError) as error:
        yield Remark(
            "mqtt.unreachable",
            f"{address.host}:{address.port} cannot be reached ({error})",
            "check host, port and tls in [mqtt]",
        )
        return
    if not reasons:
        yield Remark(
            "mqtt.silent",
            f"{address.host}:{address.port} does not answer as an MQTT broker",
            "check port and tls in [mqtt]",
        )
    elif reasons[0].is_failure:
        yield Remark(
            "mqtt.refused", f"the broker refuses the hub ({reasons[0]})", "check username and password in [mqtt]"
        )


def _homes(settings: Settings) -> tuple[list[Home], list[Remark]]:
    files = home_files(settings)
    if not files:
        return [], [
            Remark("homes.none", f"no file matches {settings.homes}", "describe each home in a file of its own")
        ]
    homes, wrong = [], []
    for file in files:
        try:
            homes.append(read_home(file))
        except InputError as error:
            wrong.append(remark_of(error, "home.wrong"))
    if not wrong:
        try:
            read_homes(files)
        except InputError as error:
            wrong.append(remark_of(error, "home.wrong"))
    return homes, wrong


def _home(home: Home) -> Iterator[Remark]:
    if home.gateway() is None:
        yield Remark(
            "home.gateway",
            f'home {home.id}: no device has the metric "online"',
            "add its gateway, or its silence is not noticed",
        )
    if not any(device.has_activity for device in home.devices):
        yield Remark(
            "home.movement",
            f"home {home.id}: no device senses movement, presence or doors",
            "add one: stillness cannot be noticed",
        )
    moving = [device.pet for device in home.devices if device.has_activity and Metric.CONTACT not in device.metrics]
    if moving and all(moving):
        yield Remark(
            "home.pet",
            f"home {home.id}: a pet is at every movement sensor, so it is seldom still",
            "leave one without pet = true where the pet does not go",
        )


def _watched(settings: Settings, homes: list[Home]) -> Iterator[Remark]:
    """What of the homes is not watched; of a hub that has run also what it cannot see now."""
    if not has_data(settings):
        for home in homes:
            yield from _home(home)
        return
    stores = open_stores(settings)
    try:
        for home in homes:
            described = stores.log.description(home.id)
            if described is not None:
                # What its file says now holds from the hub's next start.
                described.tell(home, math.inf)
            yield from _home(home if described is None else described.home())
            yield from _coverage(stores, home.id)
    finally:
        stores.database.close()


def _coverage(stores: SqlStores, home: str) -> Iterator[Remark]:
    shown = stores.coverage.shown(home)
    rows = [row for row in ([] if shown is None else shown[1]) if row.state == "blind"]
    for reason in sorted({row.reason for row in rows}):
        kinds = ", ".join(sorted({row.kind for row in rows if row.reason == reason}))
        yield Remark(
            "home.blind", f"home {home}: cannot be watched for {kinds} ({reason})", "check its sensors and gateway"
        )
