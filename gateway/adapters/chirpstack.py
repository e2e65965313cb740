"""ChirpStack v4: the events of its MQTT integration, in JSON."""

from __future__ import annotations

import re

from gateway.adapters.device_files import DeviceFiles
from gateway.adapters.lorawan import Normaliser, Uplink, best_rssi, counter_of, device_id
from gateway.adapters.message import Decoded, Message, Rejected
from gateway.adapters.payload import PayloadError, member, parse_object, rows_of, text_of
from gateway.checks import judge, number, sane_moment
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading

MOST_TAGS = 20
LONGEST_NAMES = 100

_TOPIC = re.compile(r"application/[^/]+/device/(?P<eui>[^/]+)/event/(?P<event>[^/]+)")


class ChirpStack:
    """Reads uplinks and the battery of `status`; joins, logs and acknowledgements measure nothing."""

    topics: tuple[str, ...] = ("application/+/device/+/event/+",)

    def __init__(self, files: DeviceFiles | None = None) -> None:
        self._normaliser = Normaliser(files)
        self.loss = self._normaliser.loss

    def decode(self, message: Message) -> Decoded | None:
        topic = _TOPIC.fullmatch(message.topic)
        if topic is None:
            return None
        if topic["event"] not in {"up", "status"}:
            return Decoded()
        try:
            event = parse_object(message.payload)
        except PayloadError as error:
            return Decoded(rejected=(Rejected(error.reason, device_id(topic["eui"]) or "", error.detail),))
        eui = text_of(member(event.get("deviceInfo"), "devEui")) or topic["eui"]
        if topic["event"] == "status":
            return _status(eui, event, message)
        return self._normaliser.decode(
            Uplink(
                eui=eui,
                sent=event.get("time"),
                received=message.received,
                counter=counter_of(event.get("fCnt")),
                data=text_of(event.get("data")),
                id=text_of(event.get("deduplicationId")),
                object=event.get("object"),
                rssi=best_rssi(rows_of(event.get("rxInfo"))),
                port=counter_of(event.get("fPort")),
                names=_names(event.get("deviceInfo")),
            )
        )


def _names(info: object) -> str:
    """What tells the device's model: its profile, its tags and its name."""
    tags = member(info, "tags")
    said = [member(info, "deviceProfileName"), *(tags.values() if isinstance(tags, dict) else ())]
    return " ".join(text_of(name)[:LONGEST_NAMES] for name in (*said[:MOST_TAGS], member(info, "deviceName")))


def _status(eui: str, event: dict[str, object], message: Message) -> Decoded:
    """The battery, where the device measures it and runs on it: else the level that is sent means nothing."""
    device, level = device_id(eui), number(event.get("batteryLevel"))
    if device is None or level is None:
        return Decoded()
    if event.get("batteryLevelUnavailable") is True or event.get("externalPowerSource") is True:
        return Decoded()
    at, late = sane_moment(event.get("time"), message.received)
    fault = judge(Metric.BATTERY, level)
    rejected = tuple(found.about(device) for found in (late, fault) if found is not None)
    return Decoded(() if fault else (Reading(at, device, Metric.BATTERY, level),), rejected)
