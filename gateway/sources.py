"""The brokers of the home: one client for each source, whose messages become readings in the inbox.

The broker keeps a session for the gateway and is answered only when the readings are on the disk (manual
acknowledgement). What it delivers at QoS 1 so outlives SIGKILL, a power cut and the time in between.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from paho.mqtt.client import Client
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.adapters.message import Decoded, Message, Rejected
from gateway.clock import Clock
from gateway.gate import Gate
from gateway.heard import Devices, name_in_uplink, names_in_list
from gateway.inbox import Delivery, Inbox
from gateway.inventory import LISTS_END_WITH, Inventory
from gateway.line import Line
from gateway.link import Identity, Link
from gateway.outbox import Sample
from gateway.packets import Arrived
from gateway.settings import Source
from sensor_hub.model.moment import to_millisecond
from sensor_hub.model.reading import Reading

log = logging.getLogger(__name__)

BROKEN = "the gateway failed on the message"
TOO_LARGE = Decoded(rejected=(Rejected("the message is too big", detail="more than is kept of one"),))
MOST_AHEAD = 60.0
"""Seconds by which a flood's messages may be dated ahead of the clock; beyond, they share moments."""


class Decoder(Protocol):
    """What a source needs of `gateway.intake.Intake`."""

    topics: tuple[str, ...]

    def decode(self, message: Message) -> Decoded: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """Where what a source says goes: what it may bring, what is heard of its devices, and its last list of them."""

    inbox: Inbox
    gate: Gate
    devices: Devices
    inventory: Inventory


class SourceReader:
    """Reads one source."""

    def __init__(self, source: Source, client_id: str, decoder: Decoder, kept: Kept, clock: Clock) -> None:
        self._decoder = decoder
        self._inbox = kept.inbox
        self._gate = kept.gate
        self._devices = kept.devices
        self._inventory = kept.inventory
        self._clock = clock
        self._gathered: list[Delivery] = []
        self._heard: list[Reading] = []
        self._last = 0.0
        self._named: set[str] = set()
        self._subscribed: tuple[str, ...] = ()
        self._label = f"source {source.kind} at port {source.server.port}"
        self._link = Link(source.server, Identity(self._label, client_id, is_lasting=True), self)

    def start(self) -> None:
        known = self._inventory.read()
        if known is not None:
            self._devices.name(names_in_list(known[1]))
            self._decode(Message(*known, retain=True, received=self._clock.now()))
        self._inbox.on_commit(self._link.flush)
        self._link.start()

    @property
    def is_connected(self) -> bool:
        return self._link.is_open

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs, connected or not."""
        return self._link.is_alive

    @property
    def label(self) -> str:
        return self._label

    def ask_to_stop(self) -> None:
        self._link.ask_to_stop()

    def join(self, timeout: float) -> None:
        self._link.join(timeout)

    def prepare(self, client: Client) -> None:
        client.on_subscribe = self._on_subscribe

    def opened(self, client: Client) -> None:
        self._subscribed = ()
        self._subscribe(client)

    def _subscribe(self, client: Client) -> None:
        """To what is not subscribed yet: some sources learn of their topics as devices describe themselves."""
        topics = self._decoder.topics
        new = [(topic, 1) for topic in topics if topic not in set(self._subscribed)]
        self._subscribed = topics
        if new:
            client.subscribe(new)

    def closed(self) -> None:
        """The broker keeps what comes until the next connection."""

    def _on_subscribe(
        self, _client: Client, _data: object, _mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        refused = sum(reason.is_failure for reason in reasons)
        if refused:
            log.error("%s: the broker refuses %d of our subscriptions; check the user's rights", self._label, refused)

    def _moment(self) -> float:
        """A millisecond of its own for each message: what a broker kept for us comes all at once, and a device's second
        detection must not look like its first said again.
        """
        now = self._clock.now()
        self._last = min(max(now, self._last + 0.001), now + MOST_AHEAD)
        return to_millisecond(self._last)

    def take(self, line: Line, message: Arrived) -> None:
        now = self._moment()
        topic, payload, retain, number, is_whole = message
        decoded = self._decode(Message(topic, payload, retain, now)) if is_whole else TOO_LARGE
        if self._decoder.topics is not self._subscribed:
            self._subscribe(line.client)
        if is_whole and topic.endswith(LISTS_END_WITH):
            self._inventory.keep(topic, payload)
            self._devices.name(names_in_list(payload))
        agreed = self._gate.agreed(decoded.readings)
        if agreed:
            self._heard += agreed
            self._name(agreed, payload)
        readings = self._gate.admit(agreed)
        samples = self._samples(decoded, topic, now) if decoded.rejected else ()
        confirm = None if number is None else partial(line.confirm, number)
        if readings or samples or confirm is not None:
            self._gathered.append(Delivery(readings, samples, confirm))

    def rest(self) -> None:
        """Hands on what came at once. Waits where the inbox is full: then the broker is to wait as well."""
        if self._heard:
            heard, self._heard = self._heard, []
            self._devices.note(heard, self._last)
        if self._gathered:
            gathered, self._gathered = self._gathered, []
            self._inbox.put(*gathered)

    def _samples(self, decoded: Decoded, topic: str, now: float) -> Sequence[Sample]:
        """What of the rejected is kept: where not everything is agreed, nothing of what was measured."""
        rejected = decoded.rejected
        if self._gate.scope is not None:
            rejected = tuple(replace(one, detail="") for one in rejected)
        return self._inbox.tally.note(rejected, topic=topic, at=now)

    def _name(self, readings: Sequence[Reading], payload: bytes) -> None:
        """For whoever looks: what a LoRaWAN server calls a new device."""
        for reading in readings:
            if reading.device not in self._named:
                self._named.add(reading.device)
                name = name_in_uplink(payload)
                if name:
                    self._devices.name([(reading.device, name)])

    def _decode(self, message: Message) -> Decoded:
        try:
            return self._decoder.decode(message)
        except Exception:
            log.exception("%s: decoding failed", self._label)
            self._inbox.tally.count(BROKEN)
            return Decoded()
