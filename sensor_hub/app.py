"""Builds the hub from its settings, starts it and stops it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Protocol

from sensor_hub.access.actor import Actor
from sensor_hub.access.chronology import Act
from sensor_hub.act_notes import note_act
from sensor_hub.broker_door import door_of, embedded_broker
from sensor_hub.clock import Clock
from sensor_hub.config.broker_settings import EmbeddedMqtt
from sensor_hub.database_door import alone_with, database_of, refuse_unusable
from sensor_hub.desk.consenting import remove_left_over
from sensor_hub.desk.joins import admitting
from sensor_hub.desk.rotations import Means, Rotations
from sensor_hub.dispatch.courier import Dispatch
from sensor_hub.dispatching import build_dispatching, letterhead_of
from sensor_hub.histories import Histories, histories_of
from sensor_hub.ingest.broker_log import LogTail
from sensor_hub.ingest.logins import Login
from sensor_hub.ingest.rotation import Talk
from sensor_hub.ingest.settings_down import SettingsDown
from sensor_hub.ingest.uplink import BrokerAddress, Uplink
from sensor_hub.keeping.anchors import AnchorFile
from sensor_hub.keeping.broker_watch import BrokerWatch
from sensor_hub.keeping.chronology_keeping import ChronologyKeeper
from sensor_hub.keeping.ending_again import ENDED, end_again
from sensor_hub.keeping.eraser import Eraser, ErasingThread, erase_again
from sensor_hub.keeping.refusing import StoredRefusals
from sensor_hub.keeping.restore import ERASED
from sensor_hub.keeping.retention import Retention, sweeper_of
from sensor_hub.model.home import LOCAL_TENANT, Home
from sensor_hub.model.pace import Pace
from sensor_hub.pages_of_hub import Parts, Ways, links_of, pages_of
from sensor_hub.password_files import PASSWORD_FILE, made_password
from sensor_hub.pulse.heart import HEARTBEAT, Heart
from sensor_hub.pulse.switch import Switch
from sensor_hub.settings import Settings
from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.storage.database import Database
from sensor_hub.storage.hub_memory import DatabaseProbe, SqlHubMemory
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.log_tail import HistoryPlace
from sensor_hub.storage.old_readings import OldReadings
from sensor_hub.storage.stores import SqlStores
from sensor_hub.storage.vault import LockedError, Vault
from sensor_hub.watch.telling import Telling
from sensor_hub.watch.watches import Watches
from sensor_hub.watch.worker import Worker

log = logging.getLogger(__name__)

WORKER_STOPS_WITHIN, THREAD_STOPS_WITHIN, SIDE_STOPS_WITHIN = 2.0, 0.8, 0.2


class Startable(Protocol):
    def start(self) -> None: ...
    def stop(self, within: float) -> None: ...


class HubApp:
    """The whole hub. `start` returns when everything runs; `stop` undoes what was started, also after a failure."""

    def __init__(self, settings: Settings, homes: Sequence[Home]) -> None:
        self.settings = settings
        self.homes = homes
        self.clock = Clock()
        self._undo: list[Callable[[], object]] = []
        self._new_password: str | None = None
        """Made at this start: to be told once."""
        self._of_the_key: str | None = None
        """What is to be told of the key of personal data."""
        self._has_accounts = False

    def start(self) -> None:
        """InputError where a setting, a port or the data cannot be used."""
        settings = self.settings
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = database_of(settings)
        self._undo.append(self._lock(database).close)
        refuse_unusable(settings)
        stores = self._open_stores(database)
        vault = self._unlock(stores)
        stores.unlock(vault)
        self.clock = _clock(settings.pace, stores.memory)
        self._leave_out_erased(stores)
        if settings.tenant is not None:
            for home in self.homes:
                stores.tenants.give(home.id, settings.tenant)
        access = AccessStores(stores.database, vault)
        end_again(access, stores.chronology, settings.data / ENDED, self.clock.now())
        self._has_accounts = access.accounts.exist()
        links = links_of(settings, stores, self.clock)
        histories = histories_of(settings.history, stores, self.clock, settings.keep)
        self._undo.append(histories.close)
        dispatching = build_dispatching(settings, stores, self.homes, self.clock, links.sign, histories.history)
        worker = self._worker(stores, dispatching.dispatch)
        address, tail = self._broker()
        uplink, down = self._uplink(stores, worker, address)
        ways = Ways(uplink, down, self._rotations(stores, uplink))
        parts = Parts(settings, self.homes, self.clock, stores, vault, worker, ways, links, dispatching, histories)
        refusals = StoredRefusals(stores.chronology, self.clock.now)
        anchors = AnchorFile(settings.anchors)
        keeper = ChronologyKeeper(stores.chronology, refusals, anchors, settings.chronology, self.clock)
        self._begin(keeper, SIDE_STOPS_WITHIN)
        if tail is not None:
            self._begin(BrokerWatch(tail, refusals, stores.tenants.all), SIDE_STOPS_WITHIN)
        self._begin(pages_of(parts, settings.web.password or self._password(), refusals), THREAD_STOPS_WITHIN)
        self._begin(dispatching.dispatch, THREAD_STOPS_WITHIN)
        self._begin(dispatching.heartbeats, SIDE_STOPS_WITHIN)
        uplink.start()
        self._undo.append(uplink.stop)
        self._begin(worker, WORKER_STOPS_WITHIN)
        self._begin(ways.rotations, THREAD_STOPS_WITHIN)
        self._begin(self._heart(stores, dispatching.dispatch, worker), SIDE_STOPS_WITHIN)
        fed = HistoryPlace(stores.memory).position if settings.history else lambda: None
        old_readings = OldReadings(stores.database, fed, self.clock.monotonic)
        self._begin(sweeper_of(Retention(stores, settings.keep, old_readings, self.clock)), SIDE_STOPS_WITHIN)
        self._begin(self._eraser(stores, worker, histories), SIDE_STOPS_WITHIN)
        if histories.feed is not None:
            self._begin(histories.feed, SIDE_STOPS_WITHIN)
        _tell_unheard(settings)

    def _leave_out_erased(self, stores: SqlStores) -> None:
        """What was erased is not watched, and what a restored backup brought back of it is erased again."""
        stores.erasures.grace_days = self.settings.privacy.erase_after_days
        remove_left_over(self.settings.data)
        erase_again(stores, self.settings.data / ERASED, self.clock.now())
        self.homes = [home for home in self.homes if not stores.erasures.is_erased(home.id)]

    def _eraser(self, stores: SqlStores, worker: Worker, histories: Histories) -> ErasingThread:
        data, days = self.settings.data, self.settings.privacy.backups_kept_days
        return ErasingThread(Eraser(stores, worker.offer, self.clock.now, data, days, histories.feed))

    def _begin(self, part: Startable, stops_within: float) -> None:
        """Starts a part that `stop` ends within so many seconds."""
        part.start()
        self._undo.append(lambda: part.stop(stops_within))

    def stop(self) -> None:
        """In the opposite order. What was not stored was not answered, and comes again."""
        while self._undo:
            self._undo.pop()()

    def told(self) -> list[str]:
        """What somebody who starts the hub has to know."""
        settings = self.settings
        lines = [f"Pages: {settings.url}"]
        if self._has_accounts:
            lines.append("People sign in with their accounts: sensor-hub account list")
        elif self._new_password is not None:
            lines.append(f"Password: {self._new_password} (with any name; kept in {settings.data / PASSWORD_FILE})")
        elif settings.web.password is None:
            lines.append(f"Password: in {settings.data / PASSWORD_FILE} (with any name)")
        if isinstance(settings.mqtt, EmbeddedMqtt):
            file = settings.data / "broker" / "credentials.json"
            lines.append(f"Broker for gateways: 127.0.0.1:{settings.mqtt.port} (user and password in {file})")
        if self._of_the_key is not None:
            lines.append(self._of_the_key)
        if not self.homes:
            lines.append(f"No homes yet: describe each in a file of its own ({settings.homes} beside {settings.file})")
        if settings.pace is not None:
            lines.append(f"Time is simulated, {settings.pace.speed:g} times as fast as real time")
        return lines

    def _lock(self, database: Database) -> ExitStack:
        """Two hubs on the same data would both answer for it."""
        held = ExitStack()
        held.enter_context(alone_with(self.settings, database))
        return held

    def _open_stores(self, database: Database) -> SqlStores:
        self._undo.append(database.close)
        database.open()
        return SqlStores(database)

    def _unlock(self, stores: SqlStores) -> Vault:
        """A hub without the key watches all the same: what it cannot do is to show or change personal data."""
        vault = Vault(KeyFile(self.settings.privacy.key_file), stores.memory)
        try:
            if vault.start():
                advice = "keep a copy of it apart from backups of the data: without it nobody can read them"
                self._of_the_key = f"Key of personal data: made in {vault.file.path}; {advice}"
        except LockedError as error:
            log.error("personal data are locked: %s", error)
            self._of_the_key = f"Personal data are locked, all else works: {error}"
        return vault

    def _worker(self, stores: SqlStores, dispatch: Dispatch) -> Worker:
        telling = Telling(self.settings.plan, letterhead_of(self.settings, self.clock))
        false_pages = self.settings.false_pages
        watches = Watches(self.homes, stores.for_watch(), self.clock, telling, false_pages=false_pages)
        return Worker(watches, self.clock, dispatch.ring)

    def _heart(self, stores: SqlStores, dispatch: Dispatch, worker: Worker) -> Heart:
        watch = self.settings.watch
        probe = DatabaseProbe(stores.memory)
        return Heart(
            lambda: {**dispatch.turns(), "watch": worker.turns, "database": probe.turns()},
            self.settings.data / HEARTBEAT,
            switch=None if watch.ping_url is None else Switch(watch.ping_url),
            rhythm=watch.rhythm,
            time=self.clock,
        )

    def _broker(self) -> tuple[BrokerAddress, LogTail | None]:
        """Where it is, and its log where that can be read."""
        mqtt, log_file = self.settings.mqtt, self.settings.gateways.log_file
        if isinstance(mqtt, BrokerAddress):
            return mqtt, None if log_file is None else LogTail(log_file, is_ours=False)
        broker = embedded_broker(self.settings, self.homes)
        self._undo.append(broker.stop)
        return broker.start(), LogTail(broker.log_file, is_ours=True)

    def _uplink(self, stores: SqlStores, worker: Worker, address: BrokerAddress) -> tuple[Uplink, SettingsDown]:
        uplink = Uplink(address, worker.offer, self.settings.tenant)
        down = SettingsDown(stores.gateway_settings, uplink.publish_retained)
        uplink.listen(down)
        worker.tell_gateways(down)
        worker.tell_link(lambda: uplink.is_connected)
        return uplink, down

    def _rotations(self, stores: SqlStores, uplink: Uplink) -> Rotations:
        """New passwords for gateways."""
        settings, homes = self.settings, self.homes

        def note(home: str, words: str, actor: Actor) -> None:
            at = self.clock.wall()
            note_act(stores.database, Act.GATEWAY_ROTATED, at, actor=actor, home=home, detail=words)

        def talk(home: str) -> Talk:
            return Talk(uplink.address, stores.tenants.of(home) or settings.tenant or LOCAL_TENANT, home)

        def admit(home: str) -> Callable[[Login], None]:
            return admitting(stores.join_codes, partial(door_of, settings, homes), home)

        return Rotations(Means(talk, admit, note, self.clock.wall))

    def _password(self) -> str:
        password, is_new = made_password(self.settings.data)
        self._new_password = password if is_new else None
        return password


def _clock(pace: Pace | None, memory: SqlHubMemory) -> Clock:
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
