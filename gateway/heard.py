"""What the gateway has heard of each device: for the technician who looks. The hub hears the readings themselves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from threading import Lock

from sensor_hub.model.consent import of_device
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import iso, parse_moment
from sensor_hub.model.reading import Reading, is_device_id

MOST_DEVICES = 1000
LONGEST_NAME = 200
_KNOWN = frozenset(Metric)


@dataclass(slots=True)
class Heard:
    """One device. `name` is what its source calls it; `last` when the gateway last got anything of it."""

    name: str = ""
    last: float | None = None
    metrics: set[Metric] = field(default_factory=set)
    battery: float | None = None
    loss: float | None = None
    """Share of its transmissions that were lost in the last day, where that is known."""

    def document(self) -> dict[str, object]:
        return {
            "name": self.name,
            "last_heard": None if self.last is None else iso(self.last),
            "metrics": sorted(metric.value for metric in self.metrics),
            "battery": self.battery,
            "loss": self.loss,
        }


class Devices:
    """All devices by id: a source that renames one makes no new one. Any thread may call it."""

    def __init__(self, document: Mapping[str, object] | None = None) -> None:
        """`document`: as `document` made it before the last stop."""
        self._lock = Lock()
        self._heard: dict[str, Heard] = {}
        for device, row in (document or {}).items():
            if isinstance(row, Mapping) and len(self._heard) < MOST_DEVICES:
                self._heard[device] = _parsed(row)

    def note(self, readings: Sequence[Reading], at: float) -> None:
        """These came at `at`."""
        with self._lock:
            for reading in readings:
                heard = self._of(reading.device)
                if heard is None:
                    continue
                heard.last = at
                heard.metrics.add(reading.metric)
                if reading.metric is Metric.BATTERY and not isinstance(reading.value, str):
                    heard.battery = reading.value

    def name(self, names: Iterable[tuple[str, str]]) -> None:
        """What a source calls its devices now."""
        with self._lock:
            for device, name in names:
                heard = self._of(device) if is_device_id(device) else None
                if heard is not None:
                    # Without half letters, which JSON can say and UTF-8 cannot: the hub would take no status with one.
                    heard.name = name[:LONGEST_NAME].encode(errors="replace").decode()

    def note_loss(self, device: str, share: float | None) -> None:
        with self._lock:
            heard = self._heard.get(device)
            # Of one that was not heard, or is not agreed, nobody needs to know.
            if heard is not None and heard.last is not None:
                heard.loss = share

    def agree(self, scope: Set[Metric] | None) -> None:
        """Only these metrics are agreed: of a device with none of them is forgotten when it was heard, and how."""
        if scope is None:
            return
        declined = frozenset(Metric) - scope
        with self._lock:
            for heard in self._heard.values():
                if not of_device(frozenset(heard.metrics), declined):
                    heard.last = heard.battery = heard.loss = None

    def ids(self) -> list[str]:
        with self._lock:
            return list(self._heard)

    def names(self) -> dict[str, str]:
        """What each device is called whose source does not call it by its id."""
        with self._lock:
            return {device: one.name for device, one in self._heard.items() if one.name not in ("", device)}

    def document(self) -> dict[str, object]:
        with self._lock:
            return {device: heard.document() for device, heard in sorted(self._heard.items())}

    def _of(self, device: str) -> Heard | None:
        heard = self._heard.get(device)
        if heard is None and len(self._heard) < MOST_DEVICES:
            heard = self._heard[device] = Heard()
        return heard


def names_in_list(payload: bytes) -> list[tuple[str, str]]:
    """The names in Zigbee2MQTT's list of devices; none where it is no list."""
    try:
        rows = json.loads(payload)
    except (ValueError, RecursionError):
        return []
    if not isinstance(rows, list):
        return []
    found = ((row.get("ieee_address"), row.get("friendly_name"), row.get("type")) for row in rows if type(row) is dict)
    return [
        (address, name)
        for address, name, sort in found
        if isinstance(address, str) and isinstance(name, str) and sort != "Coordinator"
    ]


def name_in_uplink(payload: bytes) -> str:
    """What a LoRaWAN server's message calls its device; empty where it does not."""
    try:
        row = json.loads(payload)
    except (ValueError, RecursionError):
        return ""
    for place, key in (("deviceInfo", "deviceName"), ("end_device_ids", "device_id")):
        inner = row.get(place) if isinstance(row, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get(key), str):
            return str(inner[key])
    return ""


def _parsed(row: Mapping[str, object]) -> Heard:
    heard = Heard()
    name, metrics, battery = row.get("name"), row.get("metrics"), row.get("battery")
    heard.name = name if isinstance(name, str) else ""
    if isinstance(metrics, list):
        heard.metrics = {Metric(metric) for metric in metrics if metric in _KNOWN}
    if isinstance(battery, int | float):
        heard.battery = float(battery)
    try:
        heard.last = parse_moment(row.get("last_heard"))
    except ValueError:
        heard.last = None
    return heard
