"""Any device that publishes a flat JSON object on a topic of its own: values by their names, nothing by a guess.

    home/OMG/BTtoMQTT/A4C138000001  {"id": "A4:C1:38:00:00:01", "hum": 74.5, "batt": 45, "volt": 2.613}

The device is the topic. Only names that say one of our metrics without a number count: `temp2` does not say of what.
"""

from __future__ import annotations

from gateway.adapters.decoded_object import Leaf, leaf_of, value_of
from gateway.adapters.doors import Doors
from gateway.adapters.identity import ODD_TOPIC, id_of_name
from gateway.adapters.message import Decoded, Message, Rejected
from gateway.adapters.payload import PayloadError, parse_json
from gateway.adapters.property_names import LONGEST_NAME, Meaning, meaning
from gateway.checks import TIMELESS, Fault, judge
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import to_millisecond
from sensor_hub.model.reading import Reading

MOST_PROPERTIES = 200
_VOLTS = frozenset({"volt", "volts", "voltage"})


class PlainJson:
    """Reads objects under one tree of topics; empty: all topics that no other source has."""

    def __init__(self, base_topic: str = "") -> None:
        self._prefix = f"{base_topic}/" if base_topic else ""
        self.topics: tuple[str, ...] = (f"{self._prefix}#",)
        self._doors = Doors()

    def decode(self, message: Message) -> Decoded | None:
        """The readings of an object; None for a topic or value that is none of this source's."""
        if not message.topic.startswith(self._prefix):
            return None
        device = id_of_name(message.topic)
        if device is None:
            return Decoded(rejected=(Rejected(ODD_TOPIC, detail=f"{message.topic!r:.60}"),))
        try:
            said = parse_json(message.payload) if message.payload else None
        except PayloadError as error:
            return Decoded(rejected=(Rejected(error.reason, device, error.detail),))
        if not isinstance(said, dict):
            return None
        readings, rejected = self._read(device, said, message)
        if message.retain and readings:
            return Decoded(rejected=(*rejected, Rejected(TIMELESS, device)))
        return Decoded(tuple(readings), tuple(rejected))

    def _read(self, device: str, said: dict[str, object], message: Message) -> tuple[list[Reading], list[Rejected]]:
        at = to_millisecond(message.received)
        readings: list[Reading] = []
        rejected: list[Rejected] = []
        for leaf in _leaves(said, at):
            value, metric = value_of(leaf), leaf.meaning.metric
            fault = value if isinstance(value, Fault) else None
            if fault is None and isinstance(value, float | int):
                fault = judge(metric, value)
            if fault is not None:
                rejected.append(fault.about(device))
            elif isinstance(value, float | int | str) and not self._doors.is_still_open(device, metric, value):
                readings.append(Reading(at, device, metric, value))
        return readings, rejected


def _leaves(said: dict[str, object], at: float) -> list[Leaf]:
    """The object's own properties that mean a metric, the first of each."""
    found: dict[Metric, Leaf] = {}
    meanings = {name: meaning(name) for name in list(said)[:MOST_PROPERTIES] if len(name) <= LONGEST_NAME}
    has_battery = any(one is not None and one.metric is Metric.BATTERY for one in meanings.values())
    for name, one in meanings.items():
        if one is None and has_battery and name.lower() in _VOLTS:
            one = Meaning(Metric.BATTERY_VOLTAGE, None, False, frozenset())
        if one is None or one.channel is not None or one.is_second or one.is_count:
            continue
        if isinstance(said[name], dict | list):
            continue
        leaf = leaf_of(one, said[name], "", at)
        found.setdefault(leaf.meaning.metric, leaf)
    return list(found.values())
