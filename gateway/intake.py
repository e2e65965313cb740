"""Every message of every source enters here and leaves as readings, or as a reason why not."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Sequence

from gateway.adapters.chirpstack import ChirpStack
from gateway.adapters.message import Adapter, Decoded, Message, Rejected
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
        self.topics: tuple[str, ...] = tuple(topic for adapter in self.adapters for topic in adapter.topics)
        self.rejected: Counter[str] = Counter()
        """How often each reason was given."""
        self.kept: deque[Message] = deque(maxlen=MOST_KEPT)
        """The last messages that the gateway itself failed on, shortened."""

    def decode(self, message: Message) -> Decoded:
        try:
            decoded = self._decode(message)
        except Exception as error:  # noqa: BLE001 - one odd message must not end the gateway
            decoded = self._keep(message, error)
        self.rejected.update(rejection.reason for rejection in decoded.rejected)
        return decoded

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


SOURCES: dict[str, Callable[[str], Adapter]] = {
    "zigbee2mqtt": Zigbee2Mqtt,
    "chirpstack": lambda _: ChirpStack(),
    "tts": lambda _: TheThingsStack(),
}
"""Every source that there is, by its name in the settings, and how it is built from Zigbee2MQTT's base topic."""


def build_intake(
    sources: tuple[str, ...] = ("zigbee2mqtt", "chirpstack", "tts"), base_topic: str = "zigbee2mqtt"
) -> Intake:
    """The intake for these sources; KeyError for a name that is none of `SOURCES`."""
    return Intake([SOURCES[source](base_topic) for source in sources])
