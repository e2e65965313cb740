"""The parts of a running gateway and how they hang together."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import replace
from pathlib import Path

from gateway.agreed import Agreed, InForce
from gateway.clock import Clock
from gateway.documents import read_document, write_document
from gateway.gate import Gate
from gateway.heard import Devices
from gateway.heartbeat import Heartbeat
from gateway.inbox import Delivery, Inbox, Tally
from gateway.intake import Intake, build_intake
from gateway.inventory import Inventory
from gateway.lookout import Lookout
from gateway.outbox import Outbox
from gateway.passwords import Passwords
from gateway.places import Places
from gateway.report import Name, Report
from gateway.settings import Settings, Source
from gateway.sources import Kept, SourceReader
from gateway.updates import NO_UPDATER, Updates, is_packaged
from gateway.uplink import Uplink
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import MINUTE, iso

log = logging.getLogger(__name__)

COMMIT_WITHIN = 2.0
LINKS_END_WITHIN = 0.5
STATE = "state.json"
PLACES = "places.json"
SETTINGS = "settings.json"
ALONE = "alone.json"
NEWER_PASSWORD = "hub.password.next"
NO_WAY_OUT = {"alone": "this gateway has no [way_out]"}
OPEN_LINK = {"password": "the way to the hub is not encrypted"}
WRITE_STATE_EVERY = 5 * MINUTE
"""Real seconds, unless something changed that somebody who looks would miss: an SD card wears."""


class Daemon:
    """Built by `app`, which calls `start`, `look` every few seconds, and `stop`."""

    def __init__(self, settings: Settings, outbox: Outbox, clock: Clock, *, version: str) -> None:
        self._settings = settings
        self._outbox = outbox
        self._clock = clock
        self._state = settings.data / STATE
        before = read_document(self._state)
        self._before = before.get("stopped")
        self._had_run = bool(before)
        known = before.get("devices")
        self._devices = Devices(known if isinstance(known, dict) else None)
        tally = Tally()
        self._gate = Gate()
        self._places = Places(settings.data / PLACES)
        self._inbox = Inbox(outbox, clock, tally, linger=settings.commit_every)
        self._report = Report(Name(settings.tenant, settings.home, version), outbox, clock, tally)
        self._in_force = InForce(settings.data / SETTINGS, self._apply, _cannot(settings))
        self._uplink = Uplink(settings.hub, self._report)
        self._passwords = Passwords(settings.data / NEWER_PASSWORD, settings.hub, clock.elapsed)
        self._updates = Updates(settings.data, version)
        self._lookout = self._new_lookout()
        self._heartbeat = Heartbeat(settings.device, clock, lambda reading: self._inbox.put(Delivery((reading,))))
        self._intakes = _intakes(settings)
        self._sources = [self._source(number) for number in range(len(settings.sources))]
        self.has_failed = False
        self._wire()
        self._told: tuple[object, ...] = ()
        self._said = self._said_to_hub()
        self._written = float("-inf")

    def _wire(self) -> None:
        self._report.placed = self._places.placed
        self._report.names = self._devices.names
        self._report.settings = self._settings_answer
        self._report.declined = lambda: self._gate.declined
        self._uplink.login = self._passwords
        self._inbox.on_commit(self._uplink.wake)
        self._uplink.listen(self._take_settings, self._inbox.look)
        if self._lookout is not None:
            self._lookout.on_news(self._uplink.say)
            self._report.told_alone = self._lookout.told
            self._gate.passed = self._lookout.note

    def _new_lookout(self) -> Lookout | None:
        """None where the home has no other way out than the hub."""
        out = self._settings.way_out
        if out is None:
            return None
        path = self._settings.data / ALONE
        return Lookout(path, out, self._clock, rooms=self._places.rooms, answered=lambda: self._uplink.heard)

    def _source(self, number: int) -> SourceReader:
        source = self._settings.sources[number]
        inventory = Inventory(self._settings.data / f"devices-{number + 1}-{source.kind}")
        kept = Kept(self._inbox, self._gate, self._devices, inventory)
        return SourceReader(source, _client_id(self._settings, source), self._intakes[number], kept, self._clock)

    def start(self) -> None:
        if self._had_run and not isinstance(self._before, dict):
            log.warning("the gateway had not stopped in order: it was killed, or the power failed")
        self._updates.start(self._clock.elapsed())
        self._in_force.start()
        self._inbox.start()
        self._uplink.start()
        self._heartbeat.start()
        if self._lookout is not None:
            self._lookout.start()
        for source in self._sources:
            source.start()

    def look(self) -> str:
        """Writes down the state where it has changed; the name of a part that has ended, empty while all run."""
        parts = {"inbox": self._inbox.is_alive, "uplink": self._uplink.is_alive, "heartbeat": self._heartbeat.is_alive}
        parts |= {source.label: source.is_alive for source in self._sources}
        if self._lookout is not None:
            parts["lookout"] = self._lookout.is_alive
        ended = [part for part, is_alive in parts.items() if not is_alive]
        self._updates.look(self._clock.elapsed(), self._uplink.heard)
        self._discard()
        if (said := self._said_to_hub()) != self._said:
            self._said = said
            self._uplink.say()
        links = tuple(source.is_connected for source in self._sources)
        told = (self._uplink.is_connected, links, tuple(self._devices.ids()), said)
        if told != self._told:
            self._told = told
            self._write_state()
        elif self._clock.elapsed() >= self._written + WRITE_STATE_EVERY:
            self._write_state()
        self.has_failed = bool(ended)
        return ", ".join(ended)

    def _discard(self) -> None:
        """Deletes what is no longer agreed; what a full disk does not let go of goes at the next look."""
        try:
            self._outbox.discard()
        except (sqlite3.Error, OSError) as error:
            log.error("what is no longer agreed cannot be deleted (%s); trying again until it can", error)

    def _said_to_hub(self) -> tuple[object, ...]:
        """What of the status somebody at the hub would miss until the next one."""
        placed, names = self._places.placed(), self._devices.names()
        return (self._clock.state, tuple(placed.items()), tuple(names.items()), self._settings_answer())

    def summary(self) -> str:
        """One line on how it is."""
        hub = "connected to the hub" if self._uplink.is_connected else "no connection to the hub"
        sources = sum(source.is_connected for source in self._sources)
        waiting = self._outbox.waiting()
        return f"{hub}, {sources} of {len(self._sources)} sources, {waiting} readings wait, {self._clock.state.value}"

    def stop(self, reason: str) -> bool:
        """Commits what is in hand, says `offline`, closes; False where the disk did not take everything."""
        # While the sources are still connected: what is committed is acknowledged to them. Before anything else: who
        # waits for room in a full inbox is let go.
        is_written = self._inbox.close(COMMIT_WITHIN)
        self._heartbeat.stop()
        for source in self._sources:
            source.ask_to_stop()
        if self._lookout is not None:
            self._lookout.stop(LINKS_END_WITHIN)
        self._uplink.close(reason)
        for source in self._sources:
            source.join(LINKS_END_WITHIN / len(self._sources))
        left = self._outbox.waiting()
        self._write_state(reason)
        self._outbox.close()
        if not is_written:
            log.error("the disk did not take what was in hand; the sources' brokers deliver again what they keep")
        fate = "everything in hand is on the disk" if is_written else "not everything is on the disk"
        log.info("stopped (%s); %s, %d readings wait for the hub", reason, fate, left)
        return is_written

    def _settings_answer(self) -> dict[str, object]:
        return self._updates.told({**self._in_force.answer(), **self._passwords.answer()})

    def _take_settings(self, payload: bytes) -> None:
        if self._in_force.take(payload):
            self._uplink.say()

    def _apply(self, agreed: Agreed) -> dict[str, str]:
        """Follows the settings; what of them cannot be followed, by key, and why."""
        self._inbox.linger = self._settings.commit_every if agreed.commit_every is None else agreed.commit_every
        self._gate.scope = agreed.scope
        # What was gathered before the scope was narrowed is not sent either; `look` deletes it.
        self._outbox.agree(agreed.scope)
        self._devices.agree(agreed.scope)
        if self._lookout is not None:
            self._lookout.agree(agreed.alone, agreed.pets, frozenset(Metric) if agreed.scope is None else agreed.scope)
        if agreed.password is not None:
            self._passwords.offer(agreed.password, agreed.version)
        elif self._passwords.is_waiting:
            # The hub has taken it back out of the settings: by now its broker should know it.
            self._uplink.reconnect()
        now = self._clock.now()
        why = self._places.agree({d: each if each.at else replace(each, at=now) for d, each in agreed.rooms.items()})
        left = self._places.leave(agreed.gone)
        self._updates.want(agreed.update)
        return {key: each for key, each in (("rooms", why), ("gone", left)) if each}

    def _write_state(self, reason: str = "") -> None:
        now = self._clock.now()
        for intake in self._intakes:
            for device, loss in intake.loss(now):
                self._devices.note_loss(device, loss.share_day)
        links = [{"source": source.label, "is_connected": source.is_connected} for source in self._sources]
        stopped = {"at": iso(now), "reason": reason} if reason else None
        document = self._report.document() | {
            "hub": {"is_connected": self._uplink.is_connected and not reason},
            "sources": [link | {"is_connected": False} for link in links] if reason else links,
            "devices": self._devices.document(),
            "stopped": stopped,
        }
        write_document(self._state, document, is_lasting=False)
        self._written = self._clock.elapsed()


def _cannot(settings: Settings) -> dict[str, str]:
    """The hub's settings that nothing here can follow, and why."""
    is_closed = settings.hub.tls or settings.hub.is_here
    no_updater = {} if is_packaged(settings.data) else {"update": NO_UPDATER}
    return ({} if settings.way_out else NO_WAY_OUT) | ({} if is_closed else OPEN_LINK) | no_updater


def _intakes(settings: Settings) -> list[Intake]:
    """One for each source. What a device describes to Home Assistant of another source's topics is left to that one."""
    built: dict[int, Intake] = {}
    last = sorted(range(len(settings.sources)), key=lambda number: settings.sources[number].kind == "homeassistant")
    for number in last:
        source = settings.sources[number]
        elsewhere = [topic for intake in built.values() for topic in intake.topics]
        built[number] = build_intake((source.kind,), source.base_topic, devices=settings.devices, elsewhere=elsewhere)
    return [built[number] for number in range(len(settings.sources))]


def state_of(folder: Path) -> dict[str, object]:
    """What the daemon last wrote of itself; empty where there is nothing."""
    return read_document(folder / STATE)


def _client_id(settings: Settings, source: Source) -> str:
    """The same at every start: under it the broker keeps what came while the gateway was away."""
    return f"sensor-gateway/{settings.tenant}/{settings.home}/{source.kind}/{source.base_topic}"
