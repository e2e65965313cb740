"""A watch's state as bytes, with the number of its form, so that a later program can read what an earlier one wrote.

A new field with a default needs no new number: older snapshots have the default. What changes the form or the meaning
of a field does: raise `VERSION` and add the step from the one before to `STEPS`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from sensor_hub.compiled import loader
from sensor_hub.engine.numbers import Numbers

State = TypeVar("State")
Raw = dict[str, Any]
"""A state as it is written, before it has types."""

VERSION = 2


class SnapshotError(Exception):
    """The bytes are no snapshot that this program can go on from; the home's log has all that they held."""


class _Head(msgspec.Struct):
    version: int = 0
    state: msgspec.Raw = msgspec.Raw()


def pack(state: object) -> bytes:
    """The snapshot of a watch's state."""
    return msgspec.msgpack.encode({"version": VERSION, "state": state}, enc_hook=_pack_row)


def unpack(snapshot: bytes, form: type[State]) -> State:
    """The state that `pack` wrote, today or in an earlier version; SnapshotError says why it cannot be had."""
    try:
        head = msgspec.msgpack.decode(snapshot, type=_Head)
        if head.version > VERSION:
            raise SnapshotError(f"it is of version {head.version}; this program knows versions up to {VERSION}")
        if head.version == VERSION:
            return _read(head.state, form)
        # The first version had no number and nothing around it.
        raw = msgspec.msgpack.decode(head.state if head.version else snapshot)
        for number in range(head.version, VERSION):
            raw = STEPS[number](raw)
        return _read(msgspec.msgpack.encode(raw), form)
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise SnapshotError(f"it cannot be read ({error})") from error


def _read(state: bytes | msgspec.Raw, form: type[State]) -> State:
    if not loader.is_compiled(form):
        return msgspec.msgpack.decode(state, type=form, dec_hook=_unpack_row)
    made: State = _made(form, msgspec.msgpack.decode(state))
    return made


def _made(form: Any, raw: Any) -> Any:
    """What of this type was written so. A compiled class is made by its constructor, which msgspec passes by."""
    if not _holds_compiled(form):
        return msgspec.convert(raw, form, dec_hook=_unpack_row)
    if get_origin(form) is list:
        return [_made(get_args(form)[0], each) for each in raw]
    if get_origin(form) is dict:
        return {key: _made(get_args(form)[1], each) for key, each in raw.items()}
    types, required = _fields(form)
    missing = required - raw.keys()
    if missing:
        raise ValueError(f"missing required field {min(missing)}")
    return form(**{name: _made(types[name], each) for name, each in raw.items() if name in types})


@cache
def _holds_compiled(form: Any) -> bool:
    return loader.is_compiled(form) or any(_holds_compiled(each) for each in get_args(form))


@cache
def _fields(form: Any) -> tuple[dict[str, Any], frozenset[str]]:
    """The types of its fields, and which have no default."""
    form.__annotations__.update(loader.types_in(form))
    needed = (each.name for each in fields(form) if each.default is MISSING and each.default_factory is MISSING)
    return get_type_hints(form), frozenset(needed)


def _pack_row(row: object) -> bytes:
    """Rows of numbers are the one type that is not msgspec's own."""
    assert isinstance(row, array)
    return row.tobytes()


def _unpack_row(_type: type, row: Any) -> Numbers:
    return array("d", row)


def _flat_visits(raw: Raw) -> Raw:
    """0 to 1: pairs of visits became one row of numbers, as other numbers did."""
    engine = raw["engine"]
    visits = [moment for visit in engine["visits"] for moment in visit]
    return {**raw, "engine": {**engine, "visits": visits}}


def _described(raw: Raw) -> Raw:
    """1 to 2: the home is held as it was told and as it was placed. What others measure will be heard again."""
    rest = {key: value for key, value in raw.items() if key != "home"}
    return {**rest, "description": {"told": raw["home"], "rooms": {}, "since": {}, "heard": {}}}


STEPS: Mapping[int, Callable[[Raw], Raw]] = {0: _flat_visits, 1: _described}
"""From each version to the next."""
