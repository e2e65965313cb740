"""`sensor-gateway status` and `place`: what the daemon last wrote of itself, beside what is on the disk now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TextIO, cast

from gateway.app import OUTBOX, is_running
from gateway.clock import Clock
from gateway.daemon import PLACES, state_of
from gateway.places import Places
from gateway.salvage import Counter
from gateway.settings import Settings
from sensor_hub.model.moment import parse_moment, to_millisecond
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import is_device_id
from sensor_hub.model.room import Room

UNPLACED = "unplaced"


def show(settings: Settings, out: TextIO, *, is_json: bool) -> int:
    """Writes the overview; 1 where the daemon does not run."""
    found = overview(settings)
    if is_json:
        json.dump(found, out, ensure_ascii=False, indent=2)
        out.write("\n")
    else:
        out.writelines(f"{line}\n" for line in _lines(found))
    return 0 if found["is_running"] else 1


def overview(settings: Settings) -> dict[str, object]:
    """All that is known, as one JSON object."""
    state = state_of(settings.data)
    rooms = Places(settings.data / PLACES).rooms()
    devices = {device: dict(row) for device, row in _rows(state.get("devices")).items()}
    for device, room in rooms.items():
        devices.setdefault(device, {"name": "", "last_heard": None, "metrics": [], "battery": None, "loss": None})
        devices[device]["room"] = room.value
    outbox = _row(state.get("outbox"))
    count = Counter((settings.data / OUTBOX).with_suffix(".count")).read()
    if count is not None:
        outbox = {**outbox, "waiting": count.waiting}
    return {
        **state,
        "tenant": settings.tenant,
        "home": settings.home,
        "is_running": is_running(settings.data),
        "outbox": outbox,
        "devices": {device: {"room": None, **row} for device, row in sorted(devices.items())},
        "unplaced": sorted(device for device in devices if device not in rooms),
    }


def place(settings: Settings, device: str, room: Room, *, out: TextIO) -> int:
    """Says where a device stands. The running daemon tells the hub within seconds, another one when it starts."""
    if not is_device_id(device):
        raise InputError(
            f"{device!r} is no device id", where="place", expected="an id as 'sensor-gateway status' shows it"
        )
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be used ({error.strerror})", where=str(settings.data), expected="a folder") from error
    state = state_of(settings.data)
    if not Places(settings.data / PLACES).place(device, room, _now(settings, state)):
        raise InputError(
            "cannot be written", where=str(settings.data / PLACES), expected="room on the disk, and the right"
        )
    is_known = device in _rows(state.get("devices"))
    out.write(f"{device} is in {room.value}" + ("" if is_known else "; nothing was heard of it yet") + "\n")
    return 0


def _now(settings: Settings, state: Mapping[str, object]) -> float:
    """Never before the daemon last looked at its clock, which may know better than the machine's."""
    try:
        looked = parse_moment(state.get("at"))
    except ValueError:
        looked = 0.0
    return max(to_millisecond(Clock(settings.pace).now()), looked)


def _lines(found: Mapping[str, object]) -> Iterator[str]:
    stopped = _row(found.get("stopped"))
    clock, outbox = _row(found.get("clock")), _row(found.get("outbox"))
    yield f"Gateway of home {found['tenant']}/{found['home']}, version {found.get('version', 'unknown')}"
    if found["is_running"]:
        is_connected = _row(found.get("hub")).get("is_connected")
        hub = "connected" if is_connected else "no connection"
        yield f"Running. Hub: {hub}. As of {found.get('at', 'not yet known')}."
    elif stopped:
        yield f"Not running: {stopped.get('reason')} at {stopped.get('at')}."
    else:
        yield "Not running" + (": it was killed, or the power failed." if "at" in found else ": it has never run here.")
    for source in cast(list[object], found.get("sources") or []):
        row = _row(source)
        yield f"{row.get('source')}: {'connected' if row.get('is_connected') else 'no connection'}"
    yield (
        f"Outbox: {outbox.get('waiting', 0)} readings wait (oldest {outbox.get('oldest') or '-'}), "
        f"{outbox.get('held', 0)} of them for the time of day; {outbox.get('lost', 0)} were lost to damage"
    )
    waiting = {name: rows for name, rows in _row(found.get("streams")).items() if rows}
    yield "Streams that wait: " + (", ".join(f"{name} {rows}" for name, rows in waiting.items()) or "none")
    yield f"Clock: {clock.get('state', 'unknown')}, {clock.get('jumps', 0)} jumps, drift {clock.get('drift', 0)} s"
    for reason, times in _row(found.get("rejected")).items():
        yield f"Not taken: {reason} ({times})"
    for told in cast(list[object], found.get("told_alone") or []):
        row = _row(told)
        yield f"Told while the hub was away: {row.get('text')} ({row.get('told_at') or 'not taken yet'})"
    yield ""
    yield from _table(_rows(found["devices"]))


def _table(devices: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    heads = ("device", "name", "room", "last heard", "battery", "loss", "metrics")
    rows = [heads, *(_cells(device, row) for device, row in devices.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    if not devices:
        yield "No device was heard yet."


def _cells(device: str, row: Mapping[str, object]) -> tuple[str, ...]:
    battery, loss, metrics = row.get("battery"), row.get("loss"), row.get("metrics")
    return (
        device,
        str(row.get("name") or ""),
        str(row.get("room") or UNPLACED),
        str(row.get("last_heard") or "never"),
        f"{battery:.0f} %" if isinstance(battery, int | float) else "-",
        f"{100 * loss:.0f} %" if isinstance(loss, int | float) else "-",
        " ".join(map(str, metrics)) if isinstance(metrics, list) else "",
    )


def _row(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _rows(value: object) -> dict[str, dict[str, object]]:
    return {key: row for key, row in _row(value).items() if isinstance(row, dict)}
