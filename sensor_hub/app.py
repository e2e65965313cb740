"""Builds the hub from its settings, starts it and stops it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from fastapi import APIRouter

from sensor_hub.acts import QueuedActs
from sensor_hub.answer_links import StoredLinks
from sensor_hub.broker_door import door_of, embedded_broker, tenant_of
from sensor_hub.calendars import StoredCalendars
from sensor_hub.clock import Clock
from sensor_hub.contact_book import StoredContacts
from sensor_hub.dispatch.courier import Dispatch
from sensor_hub.dispatch.receipts import Receipts
from sensor_hub.dispatching import Dispatching, build_dispatching, letterhead_of, sweeper_of
from sensor_hub.hub_numbers import hub_numbers
from sensor_hub.ingest.settings_down import SettingsDown
from sensor_hub.ingest.uplink import BrokerAddress, Uplink
from sensor_hub.joins import StoredJoins
from sensor_hub.model.home import Home
from sensor_hub.model.moment import HOUR
from sensor_hub.model.pace import Pace
from sensor_hub.model.problem import InputError
from sensor_hub.page_server import PASSWORD_FILE, PageServer, made_password, password_hash, session_secret
from sensor_hub.pulse.heart import HEARTBEAT, Heart
from sensor_hub.pulse.switch import Switch
from sensor_hub.reads import StoredReads
from sensor_hub.restore import alone_on, refuse_half_restored
from sensor_hub.settings import EmbeddedMqtt, Settings
from sensor_hub.silencing import StoredSilences
from sensor_hub.storage.database import DATABASE, Database
from sensor_hub.storage.hub_memory import DatabaseProbe, SqliteHubMemory
from sensor_hub.storage.stores import SqliteStores
from sensor_hub.text_replies import StoredReplies
from sensor_hub.watch.telling import Telling
from sensor_hub.watch.watches import Watches
from sensor_hub.watch.worker import Worker
from sensor_hub.web.callbacks import callback_routes
from sensor_hub.web.session import Throttle
from sensor_hub.web.site import build_site

log = logging.getLogger(__name__)

WORKER_STOPS_WITHIN, THREAD_STOPS_WITHIN, HEART_STOPS_WITHIN = 2.0, 0.8, 0.2


class HubApp:
    """The whole hub. `start` returns when everything runs; `stop` undoes what was started, also after a failure."""

    def __init__(self, settings: Settings, homes: Sequence[Home]) -> None:
        self.settings = settings
        self.homes = homes
        self.clock = Clock()
        self._undo: list[Callable[[], object]] = []
        self._new_password: str | None = None
        """Made at this start: to be told once."""

    def start(self) -> None:
        """InputError where a setting, a port or the data cannot be used."""
        settings = self.settings
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._undo.append(self._lock().close)
        refuse_half_restored(settings.data)
        stores = self._open_stores()
        self.clock = _clock(settings.pace, stores.memory)
        if settings.tenant is not None:
            for home in self.homes:
                stores.tenants.give(home.id, settings.tenant)
        contacts = frozenset(contact.id for contact in settings.contacts)
        residents = frozenset(contact.id for contact in settings.contacts if contact.home)
        lasts = settings.web.link_hours * HOUR
        links = StoredLinks(stores, contacts, wall=self.clock.wall, lasts=lasts, residents=residents)
        dispatching = build_dispatching(settings, stores, self.homes, self.clock, links.sign)
        dispatch = dispatching.dispatch
        worker = self._worker(stores, dispatch)
        address = self._broker()
        uplink = self._uplink(stores, worker, address)
        pages = self._pages(stores, worker, uplink, links, dispatching)
        pages.start()
        self._undo.append(lambda: pages.stop(THREAD_STOPS_WITHIN))
        dispatch.start()
        self._undo.append(lambda: dispatch.stop(THREAD_STOPS_WITHIN))
        dispatching.heartbeats.start()
        self._undo.append(lambda: dispatching.heartbeats.stop(HEART_STOPS_WITHIN))
        uplink.start()
        self._undo.append(uplink.stop)
        worker.start()
        self._undo.append(lambda: worker.stop(WORKER_STOPS_WITHIN))
        heart = self._heart(stores, dispatch, worker)
        heart.start()
        self._undo.append(lambda: heart.stop(HEART_STOPS_WITHIN))
        sweeper = sweeper_of(settings, stores, self.clock)
        sweeper.start()
        self._undo.append(lambda: sweeper.stop(HEART_STOPS_WITHIN))
        _tell_unheard(settings)

    def stop(self) -> None:
        """In the opposite order. What was not stored was not answered, and comes again."""
        while self._undo:
            self._undo.pop()()

    def told(self) -> list[str]:
        """What somebody who starts the hub has to know."""
        settings = self.settings
        lines = [f"Pages: {settings.url}"]
        if self._new_password is not None:
            lines.append(f"Password: {self._new_password} (with any name; kept in {settings.data / PASSWORD_FILE})")
        elif settings.web.password is None:
            lines.append(f"Password: in {settings.data / PASSWORD_FILE} (with any name)")
        if isinstance(settings.mqtt, EmbeddedMqtt):
            file = settings.data / "broker" / "credentials.json"
            lines.append(f"Broker for gateways: 127.0.0.1:{settings.mqtt.port} (user and password in {file})")
        if not self.homes:
            lines.append(f"No homes yet: describe each in a file of its own ({settings.homes} beside {settings.file})")
        if settings.pace is not None:
            lines.append(f"Time is simulated, {settings.pace.speed:g} times as fast as real time")
        return lines

    def _lock(self) -> ExitStack:
        """Two hubs on the same data would both answer for it."""
        held = ExitStack()
        held.enter_context(alone_on(self.settings.data))
        return held

    def _open_stores(self) -> SqliteStores:
        database = Database(self.settings.data / DATABASE)
        self._undo.append(database.close)
        database.open()
        return SqliteStores(database)

    def _worker(self, stores: SqliteStores, dispatch: Dispatch) -> Worker:
        telling = Telling(self.settings.plan, letterhead_of(self.settings, self.clock))
        false_pages = self.settings.false_pages
        watches = Watches(self.homes, stores.for_watch(), self.clock, telling, false_pages=false_pages)
        return Worker(watches, self.clock, dispatch.ring)

    def _heart(self, stores: SqliteStores, dispatch: Dispatch, worker: Worker) -> Heart:
        watch = self.settings.watch
        probe = DatabaseProbe(stores.memory)
        return Heart(
            lambda: {**dispatch.turns(), "watch": worker.turns, "database": probe.turns()},
            self.settings.data / HEARTBEAT,
            switch=None if watch.ping_url is None else Switch(watch.ping_url),
            rhythm=watch.rhythm,
            time=self.clock,
        )

    def _broker(self) -> BrokerAddress:
        mqtt = self.settings.mqtt
        if isinstance(mqtt, BrokerAddress):
            return mqtt
        broker = embedded_broker(self.settings, self.homes)
        self._undo.append(broker.stop)
        return broker.start()

    def _uplink(self, stores: SqliteStores, worker: Worker, address: BrokerAddress) -> Uplink:
        uplink = Uplink(address, worker.offer, self.settings.tenant)
        down = SettingsDown(stores.gateway_settings, uplink.publish_retained)
        uplink.listen(down)
        worker.tell_gateways(down)
        worker.tell_link(lambda: uplink.is_connected)
        return uplink

    def _contacts(self, stores: SqliteStores, links: StoredLinks, dispatch: Dispatch) -> StoredContacts:
        letterhead = letterhead_of(self.settings, self.clock)
        return StoredContacts(stores, self.settings.plan, self.clock, letterhead, links, dispatch.ring)

    def _callbacks(self, stores: SqliteStores, receipts: Receipts, acts: QueuedActs) -> APIRouter | None:
        token = self.settings.callbacks.token
        if token is None:
            return None
        replies = StoredReplies(stores, self.settings.plan, acts, self.clock.now)
        return callback_routes(receipts, replies, token, Throttle())

    def _pages(
        self, stores: SqliteStores, worker: Worker, uplink: Uplink, links: StoredLinks, dispatching: Dispatching
    ) -> PageServer:
        # Its own log tells of every start and stop.
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        web = self.settings.web
        reads = StoredReads(stores, self.homes, lambda: worker.is_running and uplink.is_connected)
        acts = QueuedActs(worker)
        site = build_site(
            reads,
            acts,
            password_hash=password_hash(web.password or self._password(), stores.memory),
            secret=session_secret(stores.memory),
            url=self.settings.url,
            simulated=self.clock.is_simulated,
            now=self.clock.now,
            joins=self._joins(stores),
            links=links,
            plan=self.settings.plan,
            calendars=self._calendars(stores),
            reviews=stores.reviews,
            numbers=partial(hub_numbers, stores, uplink),
            callbacks=self._callbacks(stores, dispatching.receipts, acts),
            contacts=self._contacts(stores, links, dispatching.dispatch),
            silencing=StoredSilences(stores, reads.alert, acts.ask),
        )
        return PageServer(site, web.host, web.port)

    def _calendars(self, stores: SqliteStores) -> StoredCalendars:
        contacts = frozenset(contact.id for contact in self.settings.contacts)
        return StoredCalendars(stores.calendar_keys, contacts, url=self.settings.url, wall=self.clock.wall)

    def _password(self) -> str:
        password, is_new = made_password(self.settings.data)
        self._new_password = password if is_new else None
        return password

    def _joins(self, stores: SqliteStores) -> StoredJoins | None:
        """None where the hub has not been told how to let gateways in; `sensor-hub gateway add` says so."""
        settings = self.settings
        if isinstance(settings.mqtt, BrokerAddress) and settings.gateways.password_file is None:
            return None
        door = door_of(settings, self.homes)
        wall = self.clock.wall
        tenant = partial(tenant_of, settings)
        return StoredJoins(stores.join_codes, door, settings.gateways, tenant_of=tenant, wall=wall)


def open_stores(data: Path) -> SqliteStores:
    """The stores of a hub that may be running; InputError where there are none."""
    refuse_half_restored(data)
    path = data / DATABASE
    if not path.exists():
        raise InputError("no data yet", where=str(path), expected="a hub that has run; --config names its settings")
    database = Database(path)
    database.open()
    return SqliteStores(database)


def _clock(pace: Pace | None, memory: SqliteHubMemory) -> Clock:
    """The clock. Simulated time goes on over a restart, as the log's does: it began when the hub first ran with it."""
    if pace is None or pace.since is not None:
        return Clock(pace, 0.0)
    name = f"clock {pace.start!r} {pace.speed!r}"
    kept = memory.get(name)
    if kept is None:
        kept = repr(Clock().wall())
        memory.keep(name, kept)
    return Clock(pace, float(kept))


def _tell_unheard(settings: Settings) -> None:
    for audience in settings.plan.unheard():
        log.error("no contact or policy takes %s alerts: nobody will be told of them", audience.value)
