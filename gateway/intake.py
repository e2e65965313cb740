"""Every message of every source enters here and leaves as readings, or as a reason why not."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from paho.mqtt.client import topic_matches_sub

from gateway.adapters.chirpstack import ChirpStack
from gateway.adapters.device_files import OWN, DeviceFiles, read_device_files
from gateway.adapters.homeassistant import Elsewhere, HomeAssistant
from gateway.adapters.loss import Loss
from gateway.adapters.message import Adapter, Decoded, Message, Rejected
from gateway.adapters.plain_json import PlainJson
from gateway.adapters.tasmota import Tasmota
from gateway.adapters.tts import TheThingsStack
from gateway.adapters.zigbee2mqtt import Zigbee2Mqtt

log = logging.getLogger(__name__)

MOST_KEPT = 50
KEPT_BYTES = 4096
NOT_OURS = "no source has such a topic"
BROKEN = "the gateway could not decode the message (its own fault)"


class Intake:
    """Gives each message to the adapter whose topic it has. Never raises: what cannot be decoded says why."""

    def __init__(self, adapters: Sequence[Adapter]) -> None:
        self.adapters = tuple(adapters)
        self._parts: tuple[tuple[str, ...], ...] = ()
        self.topics: tuple[str, ...] = ()
        """MQTT filters to subscribe to. A new tuple as devices describe themselves: look again after each message."""
        self._gather()
        self.rejected: Counter[str] = Counter()
        """How often each reason was given."""
        self.kept: deque[Message] = deque(maxlen=MOST_KEPT)
        """The last messages that the gateway itself failed on, shortened."""

    def loss(self, at: float) -> Iterator[tuple[str, Loss]]:
        """How many transmissions of each LoRaWAN device were lost, as seen at `at`."""
        for adapter in self.adapters:
            if isinstance(adapter, ChirpStack | TheThingsStack):
                for device in adapter.loss.devices():
                    found = adapter.loss.of(device, at)
                    if found is not None:
                        yield device, found

    def decode(self, message: Message) -> Decoded:
        try:
            decoded = self._decode(message)
        except Exception as error:  # noqa: BLE001 - one odd message must not end the gateway
            decoded = self._keep(message, error)
        self._gather()
        if decoded.rejected:
            self.rejected.update(rejection.reason for rejection in decoded.rejected)
        return decoded

    def _gather(self) -> None:
        parts = tuple([adapter.topics for adapter in self.adapters])
        if parts != self._parts:
            self._parts = parts
            self.topics = tuple(topic for part in parts for topic in part)

    def _decode(self, message: Message) -> Decoded:
        for adapter in self.adapters:
            decoded = adapter.decode(message)
            if decoded is not None:
                return decoded
        return Decoded(rejected=(Rejected(NOT_OURS, detail=f"{message.topic!r:.60}"),))

    def _keep(self, message: Message, error: Exception) -> Decoded:
        if not self.rejected[BROKEN]:
            # Names and payloads stay out of the log; the message itself is kept for whoever looks into it.
            log.error("a message could not be decoded: %s", type(error).__name__, exc_info=error)
        self.kept.append(Message(message.topic[:200], message.payload[:KEPT_BYTES], message.retain, message.received))
        return Decoded(rejected=(Rejected(BROKEN, detail=f"{type(error).__name__}: {error}"[:200]),))


@dataclass(frozen=True, slots=True)
class Options:
    """What a source is built from. `base_topic` empty: the source's own default."""

    base_topic: str = ""
    files: DeviceFiles | None = None
    elsewhere: Elsewhere = lambda _: False
    is_alone: bool = False
    """Whether the intake has no other source, so that all that it is given is this one's."""


SOURCES: dict[str, Callable[[Options], Adapter]] = {
    "zigbee2mqtt": lambda options: Zigbee2Mqtt(options.base_topic or "zigbee2mqtt"),
    "chirpstack": lambda options: ChirpStack(options.files),
    "tts": lambda options: TheThingsStack(options.files),
    "tasmota": lambda options: Tasmota(options.base_topic),
    "homeassistant": lambda options: HomeAssistant(
        options.base_topic or "homeassistant", options.elsewhere, is_alone=options.is_alone
    ),
    "json": lambda options: PlainJson(options.base_topic),
}
"""Every source that there is, by its name in the settings, and how it is built."""
_BY_CODEC = frozenset({"chirpstack", "tts"})
"""The sources that need device files."""


def build_intake(
    sources: tuple[str, ...] = ("zigbee2mqtt", "chirpstack", "tts"),
    base_topic: str = "",
    *,
    devices: Path | None = None,
    elsewhere: Sequence[str] = (),
) -> Intake:
    """The intake for these sources; KeyError for a name that is none of `SOURCES`.

    `base_topic` is where the topics of a lone source begin. `devices` is a folder of device files that add to ours
    (InputError where one cannot be used). `elsewhere` are the topic filters of the home's other sources: what a device
    describes to Home Assistant about a topic of theirs is left to them.
    """
    files = None
    if not _BY_CODEC.isdisjoint(sources):
        files = read_device_files(OWN, *((devices,) if devices is not None else ()))
    options = Options(base_topic, files, _filter(elsewhere), is_alone=len(sources) == 1)
    return Intake([SOURCES[source](options) for source in sources])


def build_whole_intake() -> Intake:
    """All sources in one, for messages that come from anywhere: the source that knows most of a topic reads it."""
    files = read_device_files(OWN)
    zigbee, tasmota = Zigbee2Mqtt(), Tasmota()
    discovered = HomeAssistant(elsewhere=lambda topic: zigbee.knows(topic) or tasmota.reads(topic))
    return Intake([discovered, zigbee, ChirpStack(files), TheThingsStack(files), tasmota, PlainJson()])


def _filter(topics: Sequence[str]) -> Elsewhere:
    """Whether a topic is one of these filters'."""
    return lambda topic: any(topic_matches_sub(known, topic) for known in topics)
