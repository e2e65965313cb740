"""An event as it is sent (WHATWG HTML, 9.2: server-sent events)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import quote

from fastapi.sse import format_sse_event

from sensor_hub.model.change import Change, What
from sensor_hub.model.moment import iso
from sensor_hub.web.event_ports import Place
from sensor_hub.web.paging import cursor_of, place_of

API = "/api/v1"
RETRY = 3000
"""Milliseconds after which a browser comes back."""
TIME, LOST, END = "hub.time", "lost", "end"
"""What is sent beside changes: that the hub is there; that changes are missing; why the stream ends."""


def _home(change: Change) -> str:
    return f"{API}/homes/{quote(change.home)}"


LINKS: Mapping[str, Callable[[Change], str]] = MappingProxyType(
    {
        "alert": lambda change: f"{API}/alerts/{quote(change.about)}",
        "silence": lambda _: f"{API}/silences",
        "absence": lambda change: f"{_home(change)}/absences",
        "visit": lambda change: f"{_home(change)}/visits",
        "device": _home,
        "home": _home,
        "gateway": _home,
        "consent": lambda change: f"{API}/consents/{quote(change.home)}",
        "contact": lambda _: f"{API}/contacts",
        "hub": lambda _: "/readyz",
    }
)
"""Where to read of it, by what stands before the point in the type."""
DETAILS: Mapping[What, str] = MappingProxyType(
    {
        What.ALERT_KEPT_BACK: "kept_back",
        What.DEVICE_PLACED: "room",
        What.HOME_COVERAGE: "sight",
    }
)
"""What a change's detail is called; that of other alerts is their urgency, and of the rest it is not told."""


def event_lines(change: Change) -> dict[str, str]:
    """What the event's lines say, by their names."""
    thing = change.what.value.partition(".")[0]
    data: dict[str, object] = {
        "what": change.what.value,
        "id": change.about or change.home or None,
        "home": None if thing == "silence" else change.home or None,
        "at": iso(change.at),
        "link": LINKS[thing](change),
    }
    if change.kind:
        data["kind"] = change.kind
    name = DETAILS.get(change.what, "urgency" if change.kind else "")
    if name:
        data[name] = change.detail
    place = Place(change.position, change.mark)
    return {"event": change.what.value, "data": _json(data), "id": cursor(place)}


# All who hear of a change hear the same: it is written once.
@lru_cache(maxsize=4096)
def event_text(change: Change) -> bytes:
    lines = event_lines(change)
    return format_sse_event(data_str=lines["data"], event=lines["event"], id=lines["id"])


def time_text(place: Place, at: float, *, is_watching: bool) -> bytes:
    """The hub is there. It also moves on from where one would go on: others' changes are not told, and passed all the
    same."""
    return _event(TIME, {"at": iso(at), "watching": is_watching}, place)


def lost_text(place: Place) -> bytes:
    """What changed between is not known any more."""
    return _event(LOST, {"why": "too long ago: read the lists again", "link": f"{API}/alerts"}, place)


def end_text(why: str) -> bytes:
    return _event(END, {"why": why}, None)


def cursor(place: Place) -> str:
    return cursor_of(*place)


def read_cursor(text: str) -> Place:
    """HTTPException 422 for what is none."""
    return Place(*place_of(text, int, int))


def _event(name: str, data: Mapping[str, object], place: Place | None) -> bytes:
    retry = RETRY if name == TIME else None
    return format_sse_event(data_str=_json(data), event=name, id=None if place is None else cursor(place), retry=retry)


def _json(data: Mapping[str, object]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
