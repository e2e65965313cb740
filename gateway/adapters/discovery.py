"""Home Assistant's MQTT discovery: from a device's own description to what each of its topics measures.

    homeassistant/<component>/[<node>/]<object>/config
    {"~": "hall", "dev_cla": "temperature", "unit_of_meas": "°C", "stat_t": "~/state", "val_tpl": "{{ value_json.t }}"}

Only what class, unit and name together say is one of our metrics is taken; set points, dew points, chips' temperatures
and everything that can be switched are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.adapters.expression import TemplateError
from gateway.adapters.identity import LONGEST_TOPIC, id_of_name, probe_of
from gateway.adapters.payload import member, text_of
from gateway.adapters.property_names import LONGEST_NAME, meaning
from gateway.adapters.template import Template
from gateway.adapters.units import PLAIN, Scale, scale_of
from sensor_hub.model.metric import BINARY, Metric

MOST_COMPONENTS = 200
"""Of one device described in one message."""

_SHORT = {
    "avty": "availability",
    "avty_t": "availability_topic",
    "cmps": "components",
    "curr_temp_t": "current_temperature_topic",
    "curr_temp_tpl": "current_temperature_template",
    "dev": "device",
    "dev_cla": "device_class",
    "ent_cat": "entity_category",
    "frc_upd": "force_update",
    "ids": "identifiers",
    "cns": "connections",
    "off_dly": "off_delay",
    "p": "platform",
    "pl": "payload",
    "pl_off": "payload_off",
    "pl_on": "payload_on",
    "stat_t": "state_topic",
    "stype": "subtype",
    "t": "topic",
    "temp_unit": "temperature_unit",
    "uniq_id": "unique_id",
    "unit_of_meas": "unit_of_measurement",
    "val_tpl": "value_template",
    "atype": "automation_type",
}
_SENSOR_CLASSES = {
    "temperature": Metric.TEMPERATURE,
    "humidity": Metric.HUMIDITY,
    "illuminance": Metric.ILLUMINANCE,
    "battery": Metric.BATTERY,
    "carbon_dioxide": Metric.CO2,
    "sound_pressure": Metric.NOISE,
    "power": Metric.POWER,
    "voltage": Metric.BATTERY_VOLTAGE,
    "signal_strength": Metric.LINK_QUALITY,
}
_BINARY_CLASSES = {
    "motion": Metric.MOTION,
    "occupancy": Metric.PRESENCE,
    "presence": Metric.PRESENCE,
    "door": Metric.CONTACT,
    "window": Metric.CONTACT,
    "opening": Metric.CONTACT,
    "garage_door": Metric.CONTACT,
    "moisture": Metric.WATER_LEAK,
    "smoke": Metric.SMOKE,
    "vibration": Metric.VIBRATION,
}
"""For doors and windows `on` means open."""
_NAMED_BINARY = frozenset({Metric.SOS, Metric.WATER_LEAK, Metric.SMOKE, Metric.VIBRATION})
"""Which a name alone says well enough where there is no class; a contact's `on` would be a guess."""
_DIAGNOSTIC = frozenset({Metric.BATTERY, Metric.BATTERY_VOLTAGE, Metric.LINK_QUALITY})
"""What may be said about the device itself; another diagnostic value is that of its inside."""


def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NOT_MEASURED = _split(
    """target setpoint set dew dewpoint calibration offset min max minimum maximum average mean threshold limit heat
    index apparent feels cpu chip mcu core board internal soc esp esp32 forecast soil absolute"""
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_IEEE = re.compile(r"0x[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Entity:
    """One value of a device: where it is said, how to read it and what it measures."""

    topic: str
    device: str
    metric: Metric
    template: Template | None = None
    scale: Scale = PLAIN
    on: str = "ON"
    off: str = "OFF"
    is_each_new: bool = False
    """Whether a state that is said again was detected again: it clears itself, or says that each message counts."""
    action: str = ""
    """For a button that has no value of its own but a payload: what is then pressed."""


class DiscoveryError(ValueError):
    """The description is one of a sensor of ours that cannot be read; others are just not ours."""


def entities(topic: str, config: Mapping[str, object]) -> Iterator[Entity]:
    """What the configuration at `<component>/[<node>/]<object>` describes that is a metric of ours."""
    component, _, place = topic.partition("/")
    root = _long(config)
    if component != "device":
        entity = _entity(component, place, root)
        if entity is not None:
            yield entity
        return
    parts = root.get("components")
    rows = parts.items() if isinstance(parts, dict) else ()
    for name, part in list(rows)[:MOST_COMPONENTS]:
        if not isinstance(part, dict):
            continue
        whole = {**root, **_long(part)}
        entity = _entity(text_of(whole.get("platform")), f"{place}/{name}", whole)
        if entity is not None:
            yield entity


def _long(config: Mapping[str, object]) -> dict[str, object]:
    """The configuration with its keys in full and its topics whole."""
    start = text_of(config.get("~"))
    full: dict[str, object] = {}
    for key, value in config.items():
        name = _SHORT.get(key, key)
        if name.endswith("topic") and isinstance(value, str) and start:
            value = start + value[1:] if value.startswith("~") else value
            value = value[:-1] + start if value.endswith("~") else value
        full[name] = value
    device = full.get("device")
    if isinstance(device, dict):
        full["device"] = {_SHORT.get(key, key): value for key, value in device.items()}
    return full


def _entity(component: str, place: str, config: dict[str, object]) -> Entity | None:
    read = _COMPONENTS.get(component)
    entity = None if read is None else read(place, config)
    if entity is not None and not _is_topic(entity.topic):
        raise DiscoveryError(f"{entity.topic!r:.60} is no topic of states")
    return entity


def _is_topic(topic: str) -> bool:
    """Whether states can be said there: it may leave levels open, but not the last, which says what it is."""
    levels = topic.split("/")
    is_open = any("+" in level and level != "+" for level in levels)
    return len(topic) <= LONGEST_TOPIC and "#" not in topic and levels[-1] != "+" and not is_open


def _sensor(place: str, config: dict[str, object]) -> Entity | None:
    kind, unit = text_of(config.get("device_class")), text_of(config.get("unit_of_measurement"))
    metric = _SENSOR_CLASSES.get(kind) if kind else _named(place, config)
    if metric is None or metric in BINARY or not _is_of_the_home(metric, place, config):
        return None
    if metric is Metric.BATTERY_VOLTAGE and not _is_battery(place, config):
        return None
    scale = PLAIN if metric is Metric.LINK_QUALITY else scale_of(unit, metric)
    topic = text_of(config.get("state_topic"))
    if scale is None or not topic:
        return None
    return Entity(topic, _device(place, config, metric), metric, _template(config, "value_template"), scale)


def _binary_sensor(place: str, config: dict[str, object]) -> Entity | None:
    kind, topic = text_of(config.get("device_class")), text_of(config.get("state_topic"))
    named = _named(place, config)
    metric = _BINARY_CLASSES.get(kind) or (named if named in _NAMED_BINARY and kind in ("", "safety") else None)
    if metric is None or not topic:
        return None
    is_each_new = config.get("force_update") is True or config.get("off_delay") is not None
    return Entity(
        topic,
        _device(place, config, metric),
        metric,
        _template(config, "value_template"),
        on=_written(config.get("payload_on"), "ON"),
        off=_written(config.get("payload_off"), "OFF"),
        is_each_new=is_each_new,
    )


def _climate(place: str, config: dict[str, object]) -> Entity | None:
    """A thermostat's own thermometer."""
    topic = text_of(config.get("current_temperature_topic"))
    scale = scale_of(text_of(config.get("temperature_unit")) or "C", Metric.TEMPERATURE)
    if not topic or scale is None:
        return None
    template = _template(config, "current_temperature_template")
    return Entity(topic, _device(place, config, Metric.TEMPERATURE), Metric.TEMPERATURE, template, scale)


def _event(place: str, config: dict[str, object]) -> Entity | None:
    topic = text_of(config.get("state_topic"))
    if text_of(config.get("device_class")) != "button" or not topic:
        return None
    return Entity(topic, _owner(place, config), Metric.BUTTON, _template(config, "value_template"))


def _trigger(place: str, config: dict[str, object]) -> Entity | None:
    """A button: one payload on a topic is one action."""
    topic, pressed = text_of(config.get("topic")), _written(config.get("payload"), "")
    kind = text_of(config.get("type"))
    if config.get("automation_type") != "trigger" or not topic or not pressed:
        return None
    action = pressed if kind == "action" else f"{text_of(config.get('subtype'))}_{kind}".strip("_")
    template = _template(config, "value_template")
    return Entity(topic, _owner(place, config), Metric.BUTTON, template, on=pressed, action=action[:100] or pressed)


_COMPONENTS = {
    "sensor": _sensor,
    "binary_sensor": _binary_sensor,
    "climate": _climate,
    "event": _event,
    "device_automation": _trigger,
}


def _template(config: dict[str, object], key: str) -> Template | None:
    source = config.get(key)
    if source is None or source == "":
        return None
    try:
        return Template(text_of(source))
    except TemplateError as error:
        raise DiscoveryError(str(error)) from error


def _written(value: object, default: str) -> str:
    """A payload as Home Assistant compares it: the JSON value true is `True`."""
    return default if value is None else str(value)[:LONGEST_NAME]


def _is_of_the_home(metric: Metric, place: str, config: dict[str, object]) -> bool:
    if config.get("entity_category") not in (None, "diagnostic"):
        return False
    if config.get("entity_category") == "diagnostic" and metric not in _DIAGNOSTIC:
        return False
    said = f"{place.rpartition('/')[2]} {text_of(config.get('name'))}"[: 2 * LONGEST_NAME]
    return _NOT_MEASURED.isdisjoint(_words(said))


def _is_battery(place: str, config: dict[str, object]) -> bool:
    """Whether a voltage is the battery's: it says so, or it is in millivolts, which no mains voltage is."""
    said = _words(f"{place} {text_of(config.get('name'))} {text_of(config.get('value_template'))}"[:1000])
    return config.get("unit_of_measurement") == "mV" or not said.isdisjoint({"battery", "batt", "bat", "vbat"})


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text))


def _named(place: str, config: dict[str, object]) -> Metric | None:
    """The metric that the object's name or the entity's names, for an entity without a class."""
    for name in (place.rpartition("/")[2], text_of(config.get("name"))):
        found = meaning(name) if len(name) <= LONGEST_NAME else None
        if found is not None:
            return found.metric
    return None


def _device(place: str, config: dict[str, object], metric: Metric) -> str:
    """The device's id; a part's where the object's name says more than what is measured.

    So it depends on nothing but the description, whichever of a device's descriptions comes first.
    """
    owner = _owner(place, config)
    object_ = place.rpartition("/")[2]
    part = _own_words(object_, place, config)
    found = meaning(part) if 0 < len(part) <= LONGEST_NAME else None
    kind = text_of(config.get("device_class")) or metric.value
    is_plain = found is not None and found.metric is metric and not found.is_second and found.channel is None
    if not part or is_plain or part.lower() in (kind, metric.value, metric.value[0], metric.value[:4], "state"):
        return owner
    return probe_of(owner, part) or owner


def _own_words(object_: str, place: str, config: dict[str, object]) -> str:
    """The words of the object's name that are not the device's."""
    node = place.rpartition("/")[0]
    device = config.get("device")
    ids = member(device, "identifiers")
    said = [node, text_of(member(device, "name")), *([ids] if isinstance(ids, str) else _texts(ids))]
    taken = frozenset(word for text in said for word in re.split(r"[^A-Za-z0-9]+", text.lower()) if word)
    words = [word for word in re.split(r"[^A-Za-z0-9]+", object_) if word and word.lower() not in taken]
    return "_".join(words)


def _owner(place: str, config: dict[str, object]) -> str:
    """The device: by its IEEE address, its first identifier, its connection, or the place of its description."""
    device = config.get("device")
    ids = member(device, "identifiers")
    said = [ids] if isinstance(ids, str) else _texts(ids)
    connections = member(device, "connections")
    said += [row[1] for row in connections if _is_pair(row)] if isinstance(connections, list) else []
    for text in said:
        found = _IEEE.search(text.lower())
        if found is not None:
            return found[0]
    node, _, object_ = place.rpartition("/")
    for text in (*said, node, text_of(config.get("unique_id")), object_):
        name = id_of_name(text)
        if name:
            return name
    return "unnamed"


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _is_pair(row: object) -> bool:
    return isinstance(row, list) and len(row) == 2 and isinstance(row[1], str)
