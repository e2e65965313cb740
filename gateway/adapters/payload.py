"""Reading the text of a payload safely: JSON in, plain values out, whatever a broken device sends."""

from __future__ import annotations

import json
import re
from typing import Never

STATE_BYTES = 1024 * 1024
"""The most that one state or uplink may have; real ones have a few kilobytes."""
LIST_BYTES = 4 * 1024 * 1024
"""The most that a list of all devices may have: `bridge/devices` of 200 devices passes 1 MiB. To read one takes fifteen
times its size in memory.
"""
DEEPEST = 64
"""No real payload nests deeper than ten."""

_BOM = b"\xef\xbb\xbf"
_PADDING = b"\x00 \t\r\n"
# The closing quote may be missing: else a text that never ends would be searched again from each of its quotes.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_STRING_OR_NAN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|-?\b(?:nan|inf)\b', re.DOTALL | re.IGNORECASE)
_BRACKET = re.compile(rb"[\[\]{}]")


class PayloadError(ValueError):
    """The payload cannot be read. `reason` is from a bounded set; `detail` says where."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} ({detail})" if detail else reason)
        self.reason = reason
        self.detail = detail


def parse_json(payload: bytes, most: int = STATE_BYTES) -> object:
    """The JSON value of the payload; of two equal keys the last one wins. PayloadError when it is none.

    A byte order mark and trailing NULs and spaces are forgiven, because common firmware sends them; nothing else is.
    """
    if len(payload) > most:
        raise PayloadError("the message is too big", f"{len(payload)} bytes, the limit is {most}")
    body = payload.removeprefix(_BOM).rstrip(_PADDING)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise PayloadError("the text is not UTF-8", f"at byte {error.start}") from error
    if _is_deep(body):
        raise PayloadError("the JSON is nested too deeply", f"more than {DEEPEST} levels")
    try:
        return _decoded(text)
    except json.JSONDecodeError as error:
        raise PayloadError("the text is not JSON", f"{error.msg} at character {error.pos}") from error
    except PayloadError:
        raise
    except (ValueError, RecursionError) as error:
        # Python refuses whole numbers of more than 4300 digits.
        raise PayloadError("the text is not JSON", str(error)[:100]) from error


def parse_object(payload: bytes, most: int = STATE_BYTES) -> dict[str, object]:
    """The JSON object of the payload; PayloadError when it is anything else."""
    value = parse_json(payload, most)
    if not isinstance(value, dict):
        raise PayloadError("the message is not a JSON object", f"but {type(value).__name__}")
    return value


def without_nan(payload: bytes) -> bytes:
    """The payload with `null` for each bare `nan` and `inf`, which C firmware prints for a broken sensor."""
    return _STRING_OR_NAN.sub(lambda found: found[0] if found[0].startswith(b'"') else b"null", payload)


def member(value: object, key: str) -> object:
    """`value[key]` where `value` is an object that has it, else None."""
    return value.get(key) if isinstance(value, dict) else None


def text_of(value: object) -> str:
    """The value if it is text, else empty."""
    return value if isinstance(value, str) else ""


def rows_of(value: object) -> list[dict[str, object]]:
    """The objects in a list; nothing where it is no list."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _refuse_constant(name: str) -> Never:
    raise PayloadError("the text is not JSON", f"{name} is not a JSON number")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _decoded(text: str) -> object:
    """The decoder's `decode`, without its search for spaces around where there are none."""
    try:
        value, end = _DECODER.raw_decode(text)
    except json.JSONDecodeError:
        end = -1
    return value if end == len(text) else _DECODER.decode(text)


def _is_deep(body: bytes) -> bool:
    """Whether brackets nest beyond DEEPEST: found by counting, so that no parser has to recurse into them."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", body)):
        depth += 1 if bracket.group() in b"[{" else -1
        if depth > DEEPEST:
            return True
    return False
