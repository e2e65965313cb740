"""What the API answers, as its schema shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Annotated

from pydantic import Field

from sensor_hub.model.alert import AlertState, Outcome
from sensor_hub.model.kind import KINDS, Kind, Urgency
from sensor_hub.model.moment import iso
from sensor_hub.model.stay import OPEN, ToldStay
from sensor_hub.web.ledger_row import LedgerRow
from sensor_hub.web.ports import AlertHistory, AlertRow, DeliveryState, Handled, HomeRow, Sight


@dataclass(frozen=True, slots=True)
class AlertOut:
    id: Annotated[str, Field(examples=["elm-14-silent"])]
    home: str
    kind: Kind
    subject: str
    urgency: Urgency
    summary: str
    """As it was told."""
    now: Annotated[str, Field(examples=[""])]
    """How it was at the last tick; empty where it has ended."""
    check: Annotated[str, Field(examples=[KINDS[Kind.DEVICE_SILENT].check])]
    """What to check first."""
    evidence: dict[str, float | int | str]
    since: str
    raised_at: str
    cleared_at: str | None
    handled: Handled
    acknowledged_by: str
    acknowledged_at: str | None
    closed_by: str
    closed_at: str | None
    outcome: Outcome | None
    note: str
    kept_back: Annotated[str, Field(examples=[""])]
    """`covered`, `silenced` or `held`: nobody is told of it now; `decisions` says why."""
    exhausted_at: str | None
    """When everybody had been told and nobody had answered."""


@dataclass(frozen=True, slots=True)
class AlertChangeOut:
    number: Annotated[int, Field(examples=[1])]
    state: AlertState
    at: str
    urgency: Urgency
    summary: str
    evidence: dict[str, float | int | str]


@dataclass(frozen=True, slots=True)
class DeliveryOut:
    contact: str
    state: DeliveryState
    at: str
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class LedgerOut:
    """One thing that became of one notice."""

    at: str
    reference: str
    contact: str
    channel: str
    state: str
    provider_id: Annotated[str, Field(examples=[""])]
    error: str
    alert: str
    home: str
    kind: str
    urgency: str
    purpose: Annotated[str, Field(examples=["alert"])]


@dataclass(frozen=True, slots=True)
class TellingOut:
    """What was decided about telling: `told` (to `who`, nobody where it is empty), `held` (`who` is told later),
    `covered` (by the alert `who`) or `silenced` (by the silence `who`)."""

    at: str
    act: Annotated[str, Field(examples=["told"])]
    who: Annotated[str, Field(examples=["ann"])]
    reason: Annotated[str, Field(examples=["a new alert that somebody must act on"])]


@dataclass(frozen=True, slots=True)
class AlertDetail:
    alert: AlertOut
    changes: list[AlertChangeOut]
    deliveries: list[DeliveryOut]
    decisions: list[TellingOut]


@dataclass(frozen=True, slots=True)
class CoverageOut:
    kind: Annotated[Kind, Field(examples=["door_at_night"])]
    subject: Annotated[str, Field(examples=[""])]
    sight: Annotated[Sight, Field(examples=["blind"])]
    reason: Annotated[str, Field(examples=["the hall's door sensor is silent since 14:09 today"])]


@dataclass(frozen=True, slots=True)
class DeviceOut:
    id: Annotated[str, Field(examples=["0x00158d0001a20005"])]
    room: str
    metrics: list[str]
    report_every: float
    last_heard: str | None


@dataclass(frozen=True, slots=True)
class UnplacedOut:
    id: Annotated[str, Field(examples=["0x00158d0001a20009"])]
    last_heard: Annotated[str, Field(examples=["2026-11-24T17:05:00Z"])]
    metrics: Annotated[list[str], Field(examples=[["temperature", "humidity"]])]
    name: Annotated[str, Field(examples=["Bathroom climate"])]
    """What the home's own systems call it."""


@dataclass(frozen=True, slots=True)
class GatewayOut:
    is_online: Annotated[bool, Field(examples=[True])]
    at: str
    clock: Annotated[str, Field(examples=["trusted"])]
    version: Annotated[str, Field(examples=["0.1.0"])]
    waiting: Annotated[int, Field(examples=[0])]
    oldest: Annotated[str | None, Field(examples=[None])]
    rejected: dict[str, int]
    refused: Annotated[dict[str, str], Field(examples=[{}])]
    """Settings that it does not follow, and why."""
    cloned_at: Annotated[str | None, Field(examples=[None])]
    """When a second gateway with the home's password was last seen beside it."""


@dataclass(frozen=True, slots=True)
class OwnLimitOut:
    kind: Annotated[Kind, Field(examples=["night_activity"])]
    asked: Annotated[float, Field(examples=[0.4])]
    false_ones: Annotated[int, Field(examples=[2])]
    true_ones: Annotated[int, Field(examples=[0])]


@dataclass(frozen=True, slots=True)
class HomeOut:
    id: Annotated[str, Field(examples=["elm-14"])]
    timezone: str
    residents: Annotated[int, Field(examples=[1])]
    last_heard: str | None
    coverage: list[CoverageOut]
    devices: list[DeviceOut]
    unplaced: list[UnplacedOut]
    gateway: GatewayOut | None
    limits: list[OwnLimitOut]
    """Kinds that ask for more or less evidence here, since people said what its alerts were."""
    rejected: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StayOut:
    """An absence or a visit; `start` names it."""

    start: str
    end: str | None
    """None: nobody knows yet."""
    by: str
    told_at: str
    is_described: bool
    """It stands in the home's file, and nobody said otherwise since."""
    is_current: bool
    version: int
    """What a change names in If-Match."""


def alert_out(row: AlertRow) -> AlertOut:
    return AlertOut(
        id=row.id,
        home=row.home,
        kind=row.kind,
        subject=row.subject,
        urgency=row.urgency,
        summary=row.summary,
        now=row.now,
        check=KINDS[row.kind].check,
        evidence=dict(row.evidence),
        since=iso(row.since),
        raised_at=iso(row.raised_at),
        cleared_at=_iso(row.cleared_at),
        handled=row.handled,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=_iso(row.acknowledged_at),
        closed_by=row.closed_by,
        closed_at=_iso(row.closed_at),
        outcome=row.outcome,
        note=row.note,
        kept_back=row.kept_back,
        exhausted_at=_iso(row.exhausted_at),
    )


def alert_detail(history: AlertHistory) -> AlertDetail:
    changes = [
        AlertChangeOut(
            change.number, change.state, iso(change.at), change.urgency, change.summary, dict(change.evidence)
        )
        for change in history.changes
    ]
    deliveries = [
        DeliveryOut(delivery.contact, delivery.state, iso(delivery.at), delivery.attempts, delivery.error)
        for delivery in history.deliveries
    ]
    decisions = [TellingOut(iso(each.at), each.act, each.contacts, each.reason) for each in history.decisions]
    return AlertDetail(alert_out(history.alert), changes, deliveries, decisions)


def ledger_out(row: LedgerRow) -> LedgerOut:
    texts = {each.name: getattr(row, each.name) for each in fields(LedgerOut) if each.name != "at"}
    return LedgerOut(at=iso(row.at), **texts)


def home_out(row: HomeRow) -> HomeOut:
    home = row.home
    return HomeOut(
        id=home.id,
        timezone=home.timezone,
        residents=home.residents,
        last_heard=_iso(row.last_heard),
        coverage=[CoverageOut(cover.kind, cover.subject, cover.sight, cover.reason) for cover in row.coverage],
        devices=_devices(row),
        unplaced=[
            UnplacedOut(seen.device, iso(seen.last_heard), list(seen.metrics), seen.name) for seen in row.unplaced
        ],
        gateway=_gateway(row),
        limits=[OwnLimitOut(own.kind, own.asked, own.false_ones, own.true_ones) for own in row.limits],
        rejected=dict(row.rejected),
    )


def stay_out(told: ToldStay, now: float) -> StayOut:
    return StayOut(
        start=iso(told.start),
        end=None if told.end == OPEN else iso(told.end),
        by=told.by,
        told_at=iso(told.told_at),
        is_described=told.is_described,
        is_current=told.start <= now < told.end,
        version=told.version,
    )


def _devices(row: HomeRow) -> list[DeviceOut]:
    return [
        DeviceOut(
            device.id, device.room.value, _names(device.metrics), device.report_every, _iso(row.heard.get(device.id))
        )
        for device in row.home.devices
    ]


def _names(metrics: Sequence[str] | frozenset[str]) -> list[str]:
    return sorted(str(metric) for metric in metrics)


def _gateway(row: HomeRow) -> GatewayOut | None:
    seen = row.gateway
    if seen is None:
        return None
    oldest = _iso(seen.oldest)
    return GatewayOut(
        is_online=seen.is_online,
        at=iso(seen.at),
        clock=seen.clock,
        version=seen.version,
        waiting=seen.waiting,
        oldest=oldest,
        rejected=dict(seen.rejected),
        refused=dict(seen.refused),
        cloned_at=_iso(seen.cloned_at),
    )


def _iso(at: float | None) -> str | None:
    return None if at is None else iso(at)
