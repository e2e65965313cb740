"""The pages of a hub: the site with all its doors, and what stands behind each."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from fastapi import APIRouter

from sensor_hub.broker_door import door_of, tenant_of
from sensor_hub.clock import Clock
from sensor_hub.desk.account_parts import AccountParts
from sensor_hub.desk.acts import QueuedActs
from sensor_hub.desk.answer_links import StoredLinks
from sensor_hub.desk.calendars import StoredCalendars
from sensor_hub.desk.change_feed import ChangeFeed
from sensor_hub.desk.chronology_reads import StoredChronology
from sensor_hub.desk.consenting import StoredConsents, StoredPersons
from sensor_hub.desk.contact_book import StoredContacts
from sensor_hub.desk.gateways import GatewayMeans, StoredGateways
from sensor_hub.desk.hub_numbers import hub_numbers
from sensor_hub.desk.joins import StoredJoins
from sensor_hub.desk.people import StoredPeople
from sensor_hub.desk.reads import StoredReads
from sensor_hub.desk.repeating import StoredRepeats
from sensor_hub.desk.rotations import Rotations
from sensor_hub.desk.silencing import StoredSilences
from sensor_hub.desk.standing_in import StoredStandIns
from sensor_hub.desk.tenancy import StoredTenancy
from sensor_hub.desk.text_replies import StoredReplies
from sensor_hub.desk.viewing import StoredViews
from sensor_hub.dispatching import Dispatching, letterhead_of
from sensor_hub.histories import Histories
from sensor_hub.ingest.settings_down import SettingsDown
from sensor_hub.ingest.uplink import BrokerAddress, Uplink
from sensor_hub.keeping.refusing import StoredRefusals
from sensor_hub.model.home import LOCAL_TENANT, Home
from sensor_hub.model.moment import HOUR
from sensor_hub.page_server import PageServer, password_hash, session_secret
from sensor_hub.password_files import made_command_key
from sensor_hub.settings import Settings
from sensor_hub.storage.people import SqlPeople
from sensor_hub.storage.stores import SqlStores
from sensor_hub.storage.vault import Vault
from sensor_hub.watch.worker import Worker
from sensor_hub.web.callbacks import callback_routes
from sensor_hub.web.doors import Doors
from sensor_hub.web.quota import Quota
from sensor_hub.web.session import Throttle
from sensor_hub.web.site import build_site


@dataclass(frozen=True, slots=True)
class Ways:
    """To the broker, and to gateways."""

    uplink: Uplink
    down: SettingsDown
    rotations: Rotations


@dataclass(frozen=True, slots=True)
class Parts:
    """What pages are about."""

    settings: Settings
    homes: Sequence[Home]
    clock: Clock
    stores: SqlStores
    vault: Vault
    worker: Worker
    ways: Ways
    links: StoredLinks
    dispatching: Dispatching
    histories: Histories


def links_of(settings: Settings, stores: SqlStores, clock: Clock) -> StoredLinks:
    """The links by which people answer."""
    contacts = frozenset(contact.id for contact in settings.contacts)
    residents = frozenset(contact.id for contact in settings.contacts if contact.home)
    return StoredLinks(stores, contacts, wall=clock.wall, lasts=settings.web.link_hours * HOUR, residents=residents)


def pages_of(parts: Parts, password: str, refusals: StoredRefusals) -> PageServer:
    """The server of the pages, not started yet."""
    # Its own log tells of every start and stop.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    settings, stores, clock = parts.settings, parts.stores, parts.clock
    reads = StoredReads(
        stores, parts.homes, lambda: parts.worker.is_running and parts.ways.uplink.is_connected, parts.histories.history
    )
    acts = QueuedActs(parts.worker)
    tenancy = StoredTenancy(stores.tenants, reads.described, settings.plan)
    changes = ChangeFeed(stores.changes, tenancy, clock.now)
    accounts = AccountParts(settings, stores, parts.vault, clock, tenancy)
    site = build_site(
        reads,
        acts,
        password_hash=password_hash(password, stores.memory),
        secret=session_secret(stores.memory),
        url=settings.url,
        simulated=clock.is_simulated,
        now=clock.now,
        plan=settings.plan,
        doors=replace(_doors(parts, reads, acts, refusals), changes=changes),
        accounts=accounts.doors(made_command_key(settings.data)),
        tenancy=tenancy,
        refusals=refusals,
        views=StoredViews(stores, clock.now, clock.wall),
        quota=Quota(settings.web.requests_a_minute),
        repeats=StoredRepeats(stores.kept_answers, clock.wall),
    )
    return PageServer(site, settings.web.host, settings.web.port, settings.web.trusted_proxies, changes)


def _doors(parts: Parts, reads: StoredReads, acts: QueuedActs, refusals: StoredRefusals) -> Doors:
    settings, stores, clock = parts.settings, parts.stores, parts.clock
    contacts = frozenset(contact.id for contact in settings.contacts)
    letterhead = letterhead_of(settings, clock)
    ring = parts.dispatching.dispatch.ring
    return Doors(
        joins=_joins(parts),
        gateways=_gateways(parts),
        links=parts.links,
        calendars=StoredCalendars(stores.calendar_keys, contacts, url=settings.url, wall=clock.wall),
        reviews=stores.reviews,
        contacts=StoredContacts(stores, settings.plan, clock, letterhead, parts.links, ring),
        silencing=StoredSilences(stores, reads.alert, acts.ask),
        numbers=lambda: hub_numbers(
            stores,
            parts.ways.uplink,
            parts.histories.numbers,
            is_full=parts.worker.is_full,
            refused=dict(refusals.totals),
        ),
        is_full=lambda: parts.worker.is_full,
        people=StoredPeople(SqlPeople(stores.database, parts.vault), stores.chronology, stores.tenants.of, clock.now),
        chronology=StoredChronology(stores.chronology),
        callbacks=_callbacks(parts, acts),
        sights=stores.coverage,
        standing_in=StoredStandIns(stores, settings.plan, clock.now),
        consents=StoredConsents(stores, acts.ask),
        persons=StoredPersons(stores, acts.ask, clock.now, settings.data),
    )


def _callbacks(parts: Parts, acts: QueuedActs) -> APIRouter | None:
    token = parts.settings.callbacks.token
    if token is None:
        return None
    replies = StoredReplies(parts.stores, parts.settings.plan, acts, parts.clock.now)
    return callback_routes(parts.dispatching.receipts, replies, token, Throttle())


def _gateways(parts: Parts) -> StoredGateways:
    settings, stores = parts.settings, parts.stores
    means = GatewayMeans(
        door=partial(door_of, settings, parts.homes),
        access=settings.gateways,
        url=settings.url,
        is_embedded=not isinstance(settings.mqtt, BrokerAddress),
        tenant_of=lambda home: stores.tenants.of(home) or settings.tenant or LOCAL_TENANT,
        wall=parts.clock.wall,
    )
    return StoredGateways(stores, means, parts.ways.down, parts.ways.rotations)


def _joins(parts: Parts) -> StoredJoins | None:
    """None where the hub has not been told how to let gateways in; `sensor-hub gateway add` says so."""
    settings = parts.settings
    if isinstance(settings.mqtt, BrokerAddress) and settings.gateways.password_file is None:
        return None
    door = door_of(settings, parts.homes)
    tenant = partial(tenant_of, settings)
    return StoredJoins(parts.stores.join_codes, door, settings.gateways, tenant_of=tenant, wall=parts.clock.wall)
