"""The devices of a home in the API: where each stands and how it is, which replaces which, and which are taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sensor_hub.access.action import Action
from sensor_hub.model.moment import iso
from sensor_hub.model.reading import is_device_id
from sensor_hub.web.api import PROBLEM, AtDesk, Name, OfHome, RoomIn, home_row, named
from sensor_hub.web.desk import Desk
from sensor_hub.web.device_rows import DeviceRow, Standing, device_rows
from sensor_hub.web.needs import needs
from sensor_hub.web.paging import USUAL, Cursor, Limit, Page, page_of, place_of
from sensor_hub.web.ports import Answer, HomeRow
from sensor_hub.web.versions import CHANGES, STALE, Version, etag

NO_DEVICE = "No device of this id stands in this home."
ELSEWHERE = "The new device stands in another room: that room would be left unseen. Take it away there first."
WHY_NOT = {Answer.TAKEN: ELSEWHERE, Answer.FULL: "The home has as many devices as it may."}
devices_api = APIRouter(prefix="/api/v1/homes/{home}/devices")


EXAMPLE: dict[str, Any] = {
    "id": "0x00158d0001a20005",
    "name": "Hall door",
    "standing": "late",
    "room": "hall",
    "metrics": ["battery", "contact"],
    "battery": 88.0,
    "last_heard": "2026-11-24T14:09:07.080Z",
    "report_every": 3600.0,
    "has_pet": False,
    "is_gateway": False,
    "since": "2025-11-20T10:05:00Z",
    "by_device": "",
    "unseen": [],
    "version": 1763633100000,
}


@dataclass(frozen=True, slots=True)
class DeviceStateOut:
    """`version` is its `ETag`."""

    __pydantic_config__ = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    id: str
    name: str
    """What the home's own systems call it."""
    standing: Standing
    room: str | None
    """Where it stands, or stood; none: nobody has said."""
    metrics: list[str]
    battery: float | None
    """What it last said, percent."""
    last_heard: str | None
    report_every: float | None
    """Seconds within which it always says something."""
    has_pet: bool
    is_gateway: bool
    since: str | None
    """When it was last said where it stands, or that it is gone."""
    by_device: str
    """Which took its place."""
    unseen: list[str]
    """Of one that was taken away: what nothing else measures where it stood."""
    version: int


class ReplaceIn(BaseModel):
    """`by`: who says so."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"by_device": "0x00158d0001ff0009"}]})
    by_device: Annotated[str, Field(max_length=200)]
    by: Name = ""


@devices_api.get("", dependencies=[needs(Action.SEE_HOMES)])
def list_devices(desk: AtDesk, home: str, limit: Limit = USUAL, cursor: Cursor = "") -> Page[DeviceStateOut]:
    """Those that stand in the home, those that were heard and nobody placed, and those that are gone; by id."""
    (after,) = place_of(cursor, str) if cursor else ("",)
    row, batteries = home_row(desk, home), desk.reads.batteries(home)
    rows = sorted(device_rows(row, desk.now()), key=lambda each: each.id)
    rest = [each for each in rows if each.id > after]
    return page_of(rest, limit, show=lambda each: _out(each, batteries.get(each.id)), place=lambda each: (each.id,))


@devices_api.get("/{device}", dependencies=[needs(Action.SEE_HOMES)])
def read_device(desk: AtDesk, response: Response, home: str, device: str) -> DeviceStateOut:
    return _answer(desk, response, home, device)


@devices_api.post("/{device}/replace", dependencies=[needs(Action.PLACE_DEVICES)], responses={409: PROBLEM})
def replace_device(
    request: Request, desk: AtDesk, response: Response, home: str, device: str, replaced: ReplaceIn
) -> DeviceStateOut:
    """The new device stands where this one stood, which is gone; what was learned of the place goes on.

    The answer is the new one. Replace it by the old one to undo it. 409 where the new one stands in another room.
    """
    if not is_device_id(replaced.by_device):
        raise HTTPException(422, "by_device: letters, digits and _ . : -, a letter or digit first")
    by = named(request, replaced.by)
    done(desk.acts.replace_device(home, device, replaced.by_device, by=by))
    return _answer(desk, response, home, replaced.by_device)


@devices_api.put(
    "/{device}",
    dependencies=[needs(Action.PLACE_DEVICES)],
    responses=CHANGES | {201: {"description": "Nothing was known of it before"}, 409: PROBLEM},
)
def place_device(
    request: Request,
    response: Response,
    desk: AtDesk,
    row: OfHome,
    device: str,
    version: Version,
    placed: RoomIn,
) -> DeviceStateOut:
    """The device stands in this room from now on (`"0"`: nobody has said where). 409 when the home has as many devices
    as it may."""
    if not is_device_id(device):
        raise HTTPException(422, "device: letters, digits and _ . : -, a letter or digit first")
    by, home = named(request, placed.by), row.home.id
    is_known = any(each.id == device for each in device_rows(row, desk.now()))
    done(desk.acts.place(home, device, placed.room, by=by, version=version))
    response.status_code = 200 if is_known else 201
    return _answer(desk, response, home, device)


@devices_api.delete("/{device}", status_code=204, dependencies=[needs(Action.PLACE_DEVICES)], responses=CHANGES)
def take_device_away(
    request: Request, desk: AtDesk, row: OfHome, device: str, version: Version, by: Annotated[Name, Query()] = ""
) -> None:
    """The device stands nowhere from now on, and is watched no longer. Place it again to undo it.

    What nothing else shows is told as unseen, on the home's page and in its coverage, until something else shows it or
    the home's file no longer names the device.
    """
    done(desk.acts.take_away(row.home.id, device, by=named(request, by), version=version))


def find_device(row: HomeRow, device: str, now: float) -> DeviceRow:
    """HTTPException 404 where nothing is known of it."""
    found = next((each for each in device_rows(row, now) if each.id == device), None)
    if found is None:
        raise HTTPException(404, NO_DEVICE)
    return found


def done(answer: Answer) -> None:
    """HTTPException where the act was not done."""
    if answer is Answer.UNKNOWN:
        raise HTTPException(404, NO_DEVICE)
    if answer is Answer.STALE:
        raise HTTPException(412, STALE)
    if answer in WHY_NOT:
        raise HTTPException(409, WHY_NOT[answer])


def _answer(desk: Desk, response: Response, home: str, device: str) -> DeviceStateOut:
    found = find_device(home_row(desk, home), device, desk.now())
    shown = _out(found, desk.reads.batteries(home).get(device))
    response.headers["ETag"] = etag(found.version, shown)
    return shown


def _out(row: DeviceRow, battery: float | None) -> DeviceStateOut:
    return DeviceStateOut(
        id=row.id,
        name=row.name,
        standing=row.standing,
        room=None if row.room is None else row.room.value,
        metrics=list(row.metrics),
        battery=battery,
        last_heard=None if row.last_heard is None else iso(row.last_heard),
        report_every=row.report_every,
        has_pet=row.has_pet,
        is_gateway=row.is_gateway,
        since=None if row.since is None else iso(row.since),
        by_device=row.by_device,
        unseen=list(row.unseen),
        version=row.version,
    )
