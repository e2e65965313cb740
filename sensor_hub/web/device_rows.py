"""The devices of one home, one row each: those that stand there, those that nobody placed, and those that are gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sensor_hub.model.consent import EQUIPMENT, declined_metrics, of_device
from sensor_hub.model.description import Gone
from sensor_hub.model.home import Device
from sensor_hub.model.metric import Metric
from sensor_hub.model.room import Room
from sensor_hub.web.ports import HomeRow


class Standing(StrEnum):
    """How a device is, in one word."""

    HEARD = "heard"
    LATE = "late"
    """Silent for longer than it may be."""
    NEVER_HEARD = "never_heard"
    NOT_AGREED = "not_agreed"
    """The resident has not agreed to what it measures: nothing of it is kept."""
    UNPLACED = "unplaced"
    """It was heard, and nobody has said where it stands: it is not judged."""
    REPLACED = "replaced"
    TAKEN_AWAY = "taken_away"


@dataclass(frozen=True, slots=True)
class DeviceRow:
    id: str
    name: str
    """What the home's own systems call it; empty where that is not known."""
    standing: Standing
    room: Room | None
    """Where it stands, or stood; None: nobody has said."""
    metrics: Sequence[str]
    last_heard: float | None
    report_every: float | None = None
    """None: not known of what nobody placed."""
    has_pet: bool = False
    is_gateway: bool = False
    since: float | None = None
    """When it was last said where it stands, or that it is gone; None: never, beside the home's first description."""
    by_device: str = ""
    """Which took its place."""
    unseen: Sequence[str] = ()
    """Of one that was taken away: what nothing else measures where it stood."""

    @property
    def version(self) -> int:
        """Another one whenever it is said where it stands, or that it does not."""
        return 0 if self.since is None else round(self.since * 1000)


def device_rows(row: HomeRow, now: float) -> list[DeviceRow]:
    """Those that stand in their order, then those that nobody placed, then those that are gone."""
    return [*_standing_rows(row, now), *_unplaced_rows(row), *(_gone_row(row, gone) for gone in row.gone.values())]


def _standing_rows(row: HomeRow, now: float) -> Iterator[DeviceRow]:
    declined = frozenset[Metric]() if row.consent is None else declined_metrics(row.consent.decision.scope)
    for device in row.home.devices:
        at = row.heard.get(device.id)
        yield DeviceRow(
            device.id,
            _name(row, device.id),
            _standing(device, at, now, declined),
            device.room,
            _names(device.metrics),
            at,
            report_every=device.report_every,
            has_pet=device.pet,
            is_gateway=Metric.ONLINE in device.metrics,
            since=row.since.get(device.id),
        )


def _unplaced_rows(row: HomeRow) -> Iterator[DeviceRow]:
    for seen in row.unplaced:
        yield DeviceRow(seen.device, seen.name, Standing.UNPLACED, None, list(seen.metrics), seen.last_heard)


def _gone_row(row: HomeRow, gone: Gone) -> DeviceRow:
    device = gone.device
    return DeviceRow(
        device.id,
        _name(row, device.id),
        Standing.REPLACED if gone.by_device else Standing.TAKEN_AWAY,
        device.room,
        _names(device.metrics),
        row.heard.get(device.id),
        report_every=device.report_every,
        has_pet=device.pet,
        since=gone.at,
        by_device=gone.by_device,
        unseen=[] if gone.by_device else _unseen(row, device),
    )


def _standing(device: Device, at: float | None, now: float, declined: Collection[Metric]) -> Standing:
    if declined and not of_device(device.metrics, declined):
        return Standing.NOT_AGREED
    if at is None:
        return Standing.NEVER_HEARD
    return Standing.LATE if now - at > device.report_every else Standing.HEARD


def _unseen(row: HomeRow, device: Device) -> list[str]:
    there = [each.metrics for each in row.home.devices if each.room is device.room]
    return _names(device.metrics - EQUIPMENT - frozenset[Metric]().union(*there))


def _names(metrics: Collection[Metric]) -> list[str]:
    return sorted(metric.value for metric in metrics)


def _name(row: HomeRow, device: str) -> str:
    return "" if row.gateway is None else row.gateway.names.get(device, "")
