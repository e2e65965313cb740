"""Gateways in the API, each named by its home: how it is, codes to join with, passwords, and settings down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sensor_hub.access.action import Action
from sensor_hub.model.moment import iso
from sensor_hub.web.api import PROBLEM, AtDesk, OfHome
from sensor_hub.web.gateway_ports import (
    Change,
    CodeRow,
    CodeState,
    GatewayError,
    HubGateways,
    RotationRow,
    SettingsRow,
)
from sensor_hub.web.gateway_rows import HomeGateway, State, gateway_rows
from sensor_hub.web.needs import needs
from sensor_hub.web.paging import USUAL, Cursor, Limit, Page, page_of, place_of
from sensor_hub.web.ports import Answer
from sensor_hub.web.versions import CHANGES, STALE, Version, etag

NO_GATEWAY = "This home's gateway has no password and no code here."
NO_CODE = "There is no such code that may still be used."
ROTATING = "A new password is on its way to this gateway already."
UNMADE: dict[int | str, dict[str, Any]] = {409: PROBLEM}


def gateways_of(request: Request) -> HubGateways:
    gateways: HubGateways = request.app.state.gateways
    return gateways


AtGateways = Annotated[HubGateways, Depends(gateways_of)]
gateways_api = APIRouter(prefix="/api/v1")

AT, ENDS = "2026-11-24T16:09:07.080Z", "2026-11-25T16:09:07.080Z"
EXAMPLE: dict[str, Any] = {
    "home": "elm-14",
    "state": "online",
    "said_at": AT,
    "last_heard": AT,
    "unseen_since": None,
    "version": "0.1.0",
    "clock": "trusted",
    "waiting": 0,
    "joined_at": "2026-11-02T10:05:00Z",
    "joined_version": "0.1.0",
    "settings_version": 4,
    "refused": {},
    "cloned_at": None,
    "rotation": None,
}
SETTINGS: dict[str, Any] = {"commit_every": 5, "alone": {"after_minutes": 30, "rules": {"smoke": True}}}


@dataclass(frozen=True, slots=True)
class RotationOut:
    """What becomes of a new password."""

    __pydantic_config__ = ConfigDict(json_schema_extra={"examples": [{"at": AT, "told": "…", "is_over": False}]})
    at: str
    told: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class GatewayStateOut:
    """`unseen_since`: since when the home cannot be seen, as its open alert says."""

    __pydantic_config__ = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    home: str
    state: State
    said_at: str | None
    """When it came into this state, or last said so."""
    last_heard: str | None
    """Of any reading of its home."""
    unseen_since: str | None
    version: str
    clock: str
    waiting: int
    """Readings that it holds and the hub has not stored yet."""
    joined_at: str | None
    """When it last joined with a code."""
    joined_version: str
    settings_version: int
    """Of those that it follows; 0: none."""
    refused: dict[str, str]
    """Settings that it does not follow, and why."""
    cloned_at: str | None
    rotation: RotationOut | None
    """What became of the last new password since the hub started."""


@dataclass(frozen=True, slots=True)
class CodeOut:
    """A code that was made: its secret is told once. `mark` are its first letters."""

    __pydantic_config__ = ConfigDict(
        json_schema_extra={"examples": [{"mark": "ACD", "state": "open", "made_at": AT, "ends_at": ENDS}]}
    )
    mark: str
    state: CodeState
    made_at: str
    ends_at: str


@dataclass(frozen=True, slots=True)
class NewCodeOut:
    """`code` is told in this answer alone: the hub keeps only a hash; and, where an `Idempotency-Key` came with the
    request, this answer, sealed, for 24 hours. `command` is typed at the gateway."""

    __pydantic_config__ = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "ACDE-FGHJ",
                    "mark": "ACD",
                    "ends_at": ENDS,
                    "command": "sensor-gateway join ACDE-FGHJ --hub https://hub.example.org",
                    "hint": "",
                }
            ]
        }
    )
    code: str
    mark: str
    ends_at: str
    command: str
    hint: str


@dataclass(frozen=True, slots=True)
class SettingsOut:
    """`own`: the hub's part. `applied`: the version that the gateway says it follows; `is_taken`: it is this one."""

    __pydantic_config__ = ConfigDict(
        json_schema_extra={
            "examples": [{"version": 4, "settings": SETTINGS, "own": {}, "applied": 4, "is_taken": True, "refused": {}}]
        }
    )
    version: int
    settings: dict[str, Any]
    own: dict[str, Any]
    applied: int
    is_taken: bool
    refused: dict[str, str]


class SettingsIn(BaseModel):
    """All that the gateway is to follow beside the hub's own; one that is left out is as it was set up there."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"settings": SETTINGS}]})
    settings: Annotated[dict[str, Any], Field(max_length=50)]


@gateways_api.get("/gateways", dependencies=[needs(Action.SEE_HOMES)])
def list_gateways(
    desk: AtDesk, gateways: AtGateways, limit: Limit = USUAL, cursor: Cursor = ""
) -> Page[GatewayStateOut]:
    """The gateways of all homes, by home."""
    (after,) = place_of(cursor, str) if cursor else ("",)
    rows = gateway_rows(desk.reads, gateways, desk.reads.homes_after(after, limit=limit + 1))
    return page_of(rows, limit, show=_out, place=lambda row: (row.home,))


@gateways_api.get("/gateways/{home}", dependencies=[needs(Action.SEE_HOMES)])
def read_gateway(response: Response, desk: AtDesk, gateways: AtGateways, home: OfHome) -> GatewayStateOut:
    (row,) = gateway_rows(desk.reads, gateways, [home])
    shown = _out(row)
    response.headers["ETag"] = etag(row.standing.version, shown)
    return shown


@gateways_api.post(
    "/gateways/{home}/credentials", dependencies=[needs(Action.ADD_GATEWAYS)], status_code=202, responses=UNMADE
)
def rotate_credentials(response: Response, gateways: AtGateways, home: OfHome) -> RotationOut:
    """Gives the gateway a new password, without a visit; its old one is void once the gateway keeps the new one.

    That takes up to ten minutes; `rotation` of the gateway says what became of it. 409 while another is on its way, and
    where gateways reach the broker in plain text.
    """
    begun = gateways.rotate(home.home.id)
    if begun is None:
        raise HTTPException(409, ROTATING)
    response.headers["Location"] = f"/api/v1/gateways/{home.home.id}"
    return _rotation(begun)


@gateways_api.delete(
    "/gateways/{home}/credentials",
    dependencies=[needs(Action.ADD_GATEWAYS)],
    status_code=204,
    responses=CHANGES | UNMADE,
)
def remove_credentials(gateways: AtGateways, home: OfHome, version: Version) -> None:
    """Voids the gateway's password and its code at once: it was stolen, or is not used any more."""
    answer = gateways.remove(home.home.id, version=version)
    if answer is Answer.STALE:
        raise HTTPException(412, STALE)
    if answer is not Answer.DONE:
        raise HTTPException(404, NO_GATEWAY)


@gateways_api.get("/homes/{home}/join-codes", dependencies=[needs(Action.ADD_GATEWAYS)])
def list_codes(gateways: AtGateways, home: OfHome, limit: Limit = USUAL, cursor: Cursor = "") -> Page[CodeOut]:
    """The code that was made for the home's gateway last, and whether it may still be used."""
    (after,) = place_of(cursor, str) if cursor else ("",)
    rows = sorted((each for each in gateways.codes(home.home.id) if each.mark > after), key=lambda each: each.mark)
    return page_of(rows, limit, show=_code, place=lambda each: (each.mark,))


@gateways_api.post(
    "/homes/{home}/join-codes", dependencies=[needs(Action.ADD_GATEWAYS)], status_code=201, responses=UNMADE
)
def make_code(response: Response, gateways: AtGateways, home: OfHome) -> NewCodeOut:
    """A code with which the home's gateway joins: once, within 24 hours. The home's old code is void.

    A gateway that joins takes the place of the one before.
    """
    made = gateways.make_code(home.home.id)
    response.headers["Location"] = f"/api/v1/homes/{home.home.id}/join-codes"
    return NewCodeOut(made.text, made.row.mark, iso(made.row.ends_at), made.command, made.hint)


@gateways_api.delete("/homes/{home}/join-codes/{mark}", dependencies=[needs(Action.ADD_GATEWAYS)], status_code=204)
def withdraw_code(gateways: AtGateways, home: OfHome, mark: str) -> None:
    """The code lets nobody in any more."""
    if not gateways.withdraw_code(home.home.id, mark):
        raise HTTPException(404, NO_CODE)


@gateways_api.get("/homes/{home}/gateway-settings", dependencies=[needs(Action.SET_GATEWAYS)])
def read_settings(response: Response, gateways: AtGateways, home: OfHome) -> SettingsOut:
    """The settings that wait for the gateway at the broker, and whether it has taken them."""
    return _settings(response, gateways.settings(home.home.id))


@gateways_api.put(
    "/homes/{home}/gateway-settings",
    dependencies=[needs(Action.SET_GATEWAYS)],
    responses=CHANGES | UNMADE | {503: PROBLEM},
)
def set_settings(
    response: Response, gateways: AtGateways, home: OfHome, version: Version, wanted: SettingsIn
) -> SettingsOut:
    """Sends these settings down. The gateway checks each by itself: what it does not follow is in `refused` then."""
    try:
        changed = gateways.change_settings(home.home.id, wanted.settings, version)
    except GatewayError as error:
        raise HTTPException(422, str(error)) from error
    if changed is Change.STALE:
        raise HTTPException(412, STALE)
    if changed is not Change.DONE:
        words = f"{changed.value[0].upper()}{changed.value[1:]}."
        raise HTTPException(409 if changed is Change.BUSY else 503, words)
    return _settings(response, gateways.settings(home.home.id))


def _settings(response: Response, row: SettingsRow) -> SettingsOut:
    is_taken = row.version > 0 and row.applied >= row.version
    shown = SettingsOut(row.version, dict(row.wanted), dict(row.own), row.applied, is_taken, dict(row.refused))
    response.headers["ETag"] = etag(row.version, shown)
    return shown


def _code(row: CodeRow) -> CodeOut:
    return CodeOut(row.mark, row.state, iso(row.made_at), iso(row.ends_at))


def _out(row: HomeGateway) -> GatewayStateOut:
    said, standing, rotation = row.said, row.standing, row.standing.rotation
    return GatewayStateOut(
        home=row.home,
        state=row.state,
        said_at=None if said is None else iso(said.at),
        last_heard=_iso(row.last_heard),
        unseen_since=_iso(row.unseen_since),
        version="" if said is None else said.version,
        clock="" if said is None else said.clock,
        waiting=0 if said is None else said.waiting,
        joined_at=_iso(standing.joined_at),
        joined_version=standing.joined_version,
        settings_version=standing.applied,
        refused={} if said is None else dict(said.refused),
        cloned_at=None if said is None else _iso(said.cloned_at),
        rotation=None if rotation is None else _rotation(rotation),
    )


def _rotation(row: RotationRow) -> RotationOut:
    return RotationOut(iso(row.at), row.words, row.is_over)


def _iso(at: float | None) -> str | None:
    return None if at is None else iso(at)
