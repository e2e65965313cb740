"""`sensor-gateway decode`: messages on standard input to readings on standard output, one JSON object a line.

    {"topic": "zigbee2mqtt/hall", "payload": {...}, "retain": false, "received": "2026-01-05T09:40:00Z"}
    {"readings": [{"device": "0x5a…", "metric": "contact", "value": "closed", "unit": "state"}], "rejected": []}

Each reading has `at` too, where its moment is known.
`payload` may be `payload_text` or `payload_b64` instead; `retain` and `received` may be left out.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TextIO

from gateway.adapters.message import Decoded, Message, Rejected
from gateway.adapters.payload import LIST_BYTES, PayloadError, parse_object
from gateway.intake import Intake, build_whole_intake
from sensor_hub.model.metric import METRICS, Metric
from sensor_hub.model.moment import DAY, LATEST, iso, parse_moment
from sensor_hub.model.reading import Reading

LONGEST_LINE = 2 * LIST_BYTES
BETWEEN_LINES = 0.001
"""Seconds from one line to the next where only the first has a time."""
UNKNOWN = LATEST - DAY
"""The moment of receipt of a line that nobody knows: no time that a message says of itself is later."""
_CONTACT = {0: "closed", 1: "open"}


def decode_lines(stdin: TextIO, stdout: TextIO, received: float = UNKNOWN) -> int:
    """Answers every line with one line, in order; returns 0 at the end of the input.

    `received` is the moment at which the first message is taken to come, unless a line has its own. Without either a
    reading whose message says no time is printed without `at`.
    """
    intake = build_whole_intake()
    for number, line in enumerate(stdin):
        decoded = _answer(intake, line, received + number * BETWEEN_LINES)
        json.dump(_row(decoded), stdout, ensure_ascii=False)
        stdout.write("\n")
        stdout.flush()
    return 0


def _answer(intake: Intake, line: str, received: float) -> Decoded:
    try:
        return intake.decode(_message(line, received))
    except ValueError as error:
        return Decoded(rejected=(Rejected("the line is not a message", detail=str(error)[:200]),))


def _message(line: str, received: float) -> Message:
    """The message that the line holds; ValueError says what is wrong with it."""
    row = parse_object(line.encode(errors="surrogatepass"), LONGEST_LINE)
    topic, own = row.get("topic"), row.get("received")
    if not isinstance(topic, str):
        raise PayloadError("the line has no topic")
    at = received if own is None else parse_moment(own)
    return Message(topic, _payload(row), row.get("retain") is True, at)


def _payload(row: dict[str, object]) -> bytes:
    if "payload_b64" in row:
        try:
            return base64.b64decode(str(row["payload_b64"]), validate=True)
        except binascii.Error as error:
            raise PayloadError("payload_b64 is not base64", str(error)) from error
    if "payload_text" in row:
        return str(row["payload_text"]).encode(errors="replace")
    return json.dumps(row.get("payload")).encode() if "payload" in row else b""


def _row(decoded: Decoded) -> dict[str, object]:
    rejected = [{"reason": r.reason, "device": r.device, "detail": r.detail} for r in decoded.rejected]
    return {"readings": [_reading(reading) for reading in decoded.readings], "rejected": rejected}


def _reading(reading: Reading) -> dict[str, object]:
    value: object = reading.value
    if reading.metric is Metric.CONTACT and isinstance(reading.value, int | float):
        value = _CONTACT[int(reading.value)]
    unit = METRICS[reading.metric].unit
    row: dict[str, object] = {
        "device": reading.device,
        "metric": reading.metric.value,
        "value": value,
        "unit": unit,
    }
    return row | ({"at": iso(reading.at)} if reading.at < UNKNOWN else {})


if __name__ == "__main__":
    import sys

    sys.exit(decode_lines(sys.stdin, sys.stdout))
