"""The Things Stack v3: uplinks of its MQTT server, in JSON."""

from __future__ import annotations

import re

from gateway.adapters.device_files import DeviceFiles
from gateway.adapters.lorawan import Normaliser, Uplink, best_rssi, counter_of
from gateway.adapters.message import Decoded, Message, Rejected
from gateway.adapters.payload import PayloadError, member, parse_object, rows_of, text_of

SIMULATED = "the uplink was made in the server's console, not by the device"

LONGEST_NAMES = 100

_TOPIC = re.compile(r"v3/[^/]+/devices/(?P<device>[^/]+)/up")


class TheThingsStack:
    """Reads the decoded payload of uplinks, or the server's normalised one where the codec gives only that."""

    topics: tuple[str, ...] = ("v3/+/devices/+/up",)

    def __init__(self, files: DeviceFiles | None = None) -> None:
        self._normaliser = Normaliser(files)
        self.loss = self._normaliser.loss

    def decode(self, message: Message) -> Decoded | None:
        topic = _TOPIC.fullmatch(message.topic)
        if topic is None:
            return None
        try:
            event = parse_object(message.payload)
        except PayloadError as error:
            return Decoded(rejected=(Rejected(error.reason, topic["device"], error.detail),))
        ids, uplink = event.get("end_device_ids"), event.get("uplink_message")
        eui = text_of(member(ids, "dev_eui")) or text_of(member(ids, "device_id")) or topic["device"]
        if event.get("simulated") is True:
            return Decoded(rejected=(Rejected(SIMULATED, eui),))
        return self._normaliser.decode(
            Uplink(
                eui=eui,
                sent=member(uplink, "received_at") or event.get("received_at"),
                received=message.received,
                counter=counter_of(member(uplink, "f_cnt")),
                data=text_of(member(uplink, "frm_payload")),
                object=_object(uplink),
                rssi=best_rssi(rows_of(member(uplink, "rx_metadata"))),
                port=counter_of(member(uplink, "f_port")),
                names=_names(ids, member(uplink, "version_ids")),
            )
        )


def _names(ids: object, version: object) -> str:
    """What tells the device's model: what the device repository calls it, and its name."""
    said = (member(version, "brand_id"), member(version, "model_id"), member(ids, "device_id"))
    return " ".join(text_of(name)[:LONGEST_NAMES] for name in said)


def _object(uplink: object) -> object:
    """What the codec made of the data."""
    decoded = member(uplink, "decoded_payload")
    if isinstance(decoded, dict) and decoded:
        return decoded
    measurements = rows_of(member(uplink, "normalized_payload"))
    return measurements or decoded
