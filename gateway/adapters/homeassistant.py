"""Whatever describes itself by Home Assistant's MQTT discovery: ESPHome, zwave-js-ui, rtl_433 bridges and others."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from paho.mqtt.client import topic_matches_sub

from gateway.adapters.cached_state import EVENTS, CachedState, Context
from gateway.adapters.discovery import DiscoveryError, Entity, entities
from gateway.adapters.expression import UNDEFINED, Scope, TemplateError, as_text
from gateway.adapters.held import DROPPED, Held
from gateway.adapters.identity import ODD_TOPIC, id_of_name
from gateway.adapters.message import Decoded, Message, Rejected
from gateway.adapters.payload import PayloadError, parse_json, parse_object, text_of
from gateway.checks import ONCE, TIMELESS, Fault, judge, number, unreadable
from sensor_hub.model.metric import BINARY, Metric
from sensor_hub.model.moment import to_millisecond
from sensor_hub.model.reading import Reading

MOST_CONFIGS = 1000
MOST_WILD = 100
"""Of topics with a wildcard: every message is compared with each."""
MOST_PROPERTIES = 50
"""Of one topic's state that are remembered from one message to the next."""
MOST_TEMPLATE_BYTES = 512 * 1024
"""Of all templates together: what they are read into takes some ten times as much."""
LONGEST_STATE = 256 * 1024

MOST_BYTES_HELD = 1024 * 1024
LONGEST_HELD = 16 * 1024

UNDESCRIBED = "no device has described this topic yet: its messages are held"
BAD_CONFIG = "a sensor's description is not understood"
TOO_MANY = "more sensors describe themselves than a home can have"
TEMPLATE = "the message does not fit the sensor's template"

Elsewhere = Callable[[str], bool]
"""Whether another source reads a topic's messages, and knows more about them."""


@dataclass(slots=True)
class _Topic:
    """What is said on one topic of states."""

    entities: dict[tuple[str, int], Entity] = field(default_factory=dict)
    cached: CachedState = field(default_factory=CachedState)


class HomeAssistant:
    """Learns devices from their descriptions and reads the topics that these name. `topics` grows as it learns."""

    def __init__(
        self, base_topic: str = "homeassistant", elsewhere: Elsewhere = lambda _: False, *, is_alone: bool = False
    ) -> None:
        self._prefix = f"{base_topic}/"
        self.topics: tuple[str, ...] = (f"{self._prefix}#",)
        self._elsewhere = elsewhere
        self._held = Held(MOST_BYTES_HELD if is_alone else 0)
        """States on topics that are not described yet: a broker delivers what it queued before what it retains."""
        self._is_alone = is_alone
        self._configs: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        """For each description the topics that it names."""
        self._topics: dict[str, _Topic] = {}
        self._template_bytes: dict[str, int] = {}
        self._wild: tuple[str, ...] = ()

    def decode(self, message: Message) -> Decoded | None:
        known = self._find(message.topic)
        # Asked again: the other source may have learned of the topic since.
        if known is not None and not self._elsewhere(message.topic):
            return self._read(known, message)
        if not message.topic.startswith(self._prefix):
            return self._hold(message) if self._is_alone and known is None else None
        place = message.topic.removeprefix(self._prefix)
        if not place.endswith("/config"):
            return Decoded()
        return self._learn(place.removesuffix("/config"), message.payload)

    def _learn(self, place: str, payload: bytes) -> Decoded:
        """Takes over a description in the place of the one before; an empty one takes the device away."""
        if not payload.strip():
            self._forget(place)
            return Decoded()
        try:
            found = list(entities(place, parse_object(payload)))
        except PayloadError as error:
            return Decoded(rejected=(Rejected(error.reason, detail=f"{place[:100]}: {error.detail}"),))
        except DiscoveryError as error:
            return Decoded(rejected=(Rejected(BAD_CONFIG, detail=f"{place[:100]}: {error}"),))
        states = {entity.topic: self._topics[entity.topic].cached for entity in found if entity.topic in self._topics}
        self._forget(place)
        found = [entity for entity in found if not self._elsewhere(entity.topic)]
        size = len(payload)
        if not found:
            return Decoded()
        is_too_wild = len(self._wild) >= MOST_WILD and any("+" in entity.topic for entity in found)
        if (
            is_too_wild
            or len(self._configs) >= MOST_CONFIGS
            or sum(self._template_bytes.values()) + size > MOST_TEMPLATE_BYTES
        ):
            return Decoded(rejected=(Rejected(TOO_MANY, detail=place[:100]),))
        for number_, entity in enumerate(found):
            topic = self._topics.setdefault(entity.topic, _Topic(cached=states.get(entity.topic, CachedState())))
            topic.entities[place, number_] = entity
        self._configs[place] = tuple(dict.fromkeys(entity.topic for entity in found))
        self._template_bytes[place] = size
        self._renew_topics()
        return self._release({entity.topic for entity in found})

    def _find(self, topic: str) -> _Topic | None:
        """What is said on the topic; some devices are described for any place in the tree (`+/+/BTtoMQTT/ID`)."""
        known = self._topics.get(topic)
        if known is not None or not self._wild:
            return known
        return next((self._topics[filter_] for filter_ in self._wild if topic_matches_sub(filter_, topic)), None)

    def _renew_topics(self) -> None:
        self.topics = (f"{self._prefix}#", *self._topics)
        self._wild = tuple(topic for topic in self._topics if "+" in topic)

    def _hold(self, message: Message) -> Decoded:
        if id_of_name(message.topic) is None or len(message.payload) > LONGEST_HELD:
            return Decoded(rejected=(Rejected(ODD_TOPIC, detail=f"{message.topic!r:.60}"),))
        rejected = [] if self._held.has(message.topic) else [Rejected(UNDESCRIBED, detail=f"{message.topic!r:.60}")]
        rejected += [Rejected(DROPPED, detail=f"{gone!r:.60}") for gone in self._held.add(message.topic, message)]
        return Decoded(rejected=tuple(rejected))

    def _release(self, topics: set[str]) -> Decoded:
        """Reads what was held for topics that are described now."""
        readings: list[Reading] = []
        rejected: list[Rejected] = []
        for name, message in self._held.take(topics):
            decoded = self._read(self._topics[name], message)
            readings += decoded.readings
            rejected += decoded.rejected
        return Decoded(tuple(readings), tuple(rejected))

    def _forget(self, place: str) -> None:
        self._template_bytes.pop(place, None)
        for name in self._configs.pop(place, ()):
            topic = self._topics[name]
            topic.entities = {key: entity for key, entity in topic.entities.items() if key[0] != place}
            if not topic.entities:
                del self._topics[name]
        self._renew_topics()

    def _read(self, topic: _Topic, message: Message) -> Decoded:
        try:
            scope = _scope(message.payload)
        except PayloadError as error:
            device = next(iter(topic.entities.values())).device
            return Decoded(rejected=(Rejected(error.reason, device, error.detail),))
        said = scope["value_json"]
        state: dict[str, object] = dict(islice(said.items(), MOST_PROPERTIES)) if isinstance(said, dict) else {}
        context = topic.cached.context(state)
        readings: list[Reading] = []
        rejected: list[Rejected] = []
        at = to_millisecond(message.received)
        for key, entity in topic.entities.items():
            value = _value(entity, dict(scope))
            if isinstance(value, Fault):
                rejected.append(value.about(entity.device))
            elif value is not None:
                moment = _moment(topic, f"{key[0]}#{key[1]}", _Said(entity, value, at, message), context)
                if moment is not None:
                    readings.append(Reading(moment, entity.device, entity.metric, value))
        topic.cached.remember(state)
        if message.retain:
            # What a broker kept may be years old: it says what the state was, not when.
            return Decoded(rejected=(*rejected, *(Rejected(TIMELESS, reading.device) for reading in readings)))
        return Decoded(tuple(readings), tuple(rejected))


@dataclass(frozen=True, slots=True)
class _Said:
    entity: Entity
    value: float | str
    at: float
    message: Message


def _moment(topic: _Topic, key: str, said: _Said, context: Context) -> float | None:
    """When it was observed; None where it is a repeat that would count as a new event."""
    metric, value = said.entity.metric, said.value
    if metric not in EVENTS or isinstance(value, str):
        return said.at
    if said.entity.is_each_new and metric in ONCE:
        return said.at
    before = topic.cached.events.get(key)
    found = topic.cached.event_at(key, metric, value, said.at, context)
    # Without a `last_seen` nothing but a change tells an event from a repeat.
    return found if before is None or before[0] != value or value == 0 else None


def _scope(payload: bytes) -> Scope:
    """What a template sees of a message: its text, and what the text is as JSON."""
    if len(payload) > LONGEST_STATE:
        raise PayloadError("the message is too big", f"{len(payload)} bytes, the limit is {LONGEST_STATE}")
    try:
        text = payload.decode().rstrip("\x00")
    except UnicodeDecodeError as error:
        raise PayloadError("the text is not UTF-8", f"at byte {error.start}") from error
    try:
        said = parse_json(payload)
    except PayloadError:
        said = UNDEFINED
    return {"value": text, "value_json": said}


def _value(entity: Entity, scope: Scope) -> float | str | Fault | None:
    """The value in the metric's unit; None where the message does not say it."""
    said: object = scope["value"]
    if entity.template is not None:
        try:
            said = entity.template.render(scope)
        except TemplateError as error:
            return Fault(TEMPLATE, str(error)[:100])
        if said is UNDEFINED and scope["value_json"] is UNDEFINED:
            return Fault(TEMPLATE, "the message is not JSON")
    if said is UNDEFINED or said is None or (entity.template is not None and said == ""):
        return None
    if entity.metric is Metric.BUTTON:
        return _action(entity, said)
    if entity.metric in BINARY:
        return _state(entity, said)
    found = number(said)
    if found is None:
        return unreadable(entity.metric, said)
    value = entity.scale(found)
    return judge(entity.metric, value) or value


def _state(entity: Entity, said: object) -> float | Fault:
    word = as_text(said)
    if word == entity.on:
        return 1
    return 0 if word == entity.off else unreadable(entity.metric, said)


def _action(entity: Entity, said: object) -> str | None:
    """The action's name; None for another payload than the button's."""
    word = as_text(said).strip()
    if entity.action:
        return entity.action if word == entity.on else None
    if word.startswith("{"):
        try:
            word = text_of(parse_object(word.encode()).get("event_type"))
        except PayloadError:
            return None
    return word[:100] or None
