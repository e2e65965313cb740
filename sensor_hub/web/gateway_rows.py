"""The gateways of homes, one row each: what each says of itself, and what the hub knows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sensor_hub.model.kind import Kind
from sensor_hub.web.gateway_ports import GatewayStanding, HubGateways
from sensor_hub.web.gateway_said import GatewayRow
from sensor_hub.web.ports import Among, HomeRow, HubReads


class State(StrEnum):
    ONLINE = "online"
    OFFLINE = "offline"
    NEVER_HEARD = "never_heard"


@dataclass(frozen=True, slots=True)
class HomeGateway:
    home: str
    said: GatewayRow | None
    last_heard: float | None
    """Of any reading of its home."""
    unseen_since: float | None
    """Since when its home cannot be seen, as the open alert says; None: it can, or that is not told yet."""
    standing: GatewayStanding

    @property
    def state(self) -> State:
        if self.said is None:
            return State.NEVER_HEARD
        return State.ONLINE if self.said.is_online else State.OFFLINE


def gateway_rows(reads: HubReads, gateways: HubGateways, homes: Sequence[HomeRow]) -> list[HomeGateway]:
    """Those of these homes, in their order."""
    ids = [row.home.id for row in homes]
    standing = gateways.of(ids)
    alerts = reads.open_alerts(Among(ids, [Kind.GATEWAY_SILENT])) if ids else []
    unseen = {alert.home: alert.since for alert in alerts if alert.cleared_at is None}
    return [
        HomeGateway(row.home.id, row.gateway, row.last_heard, unseen.get(row.home.id), standing[row.home.id])
        for row in homes
    ]
