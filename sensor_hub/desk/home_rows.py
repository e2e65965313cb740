"""What pages show of homes, read for all of them together: a question for each home would be thousands for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypedDict

from sensor_hub.model.description import Description
from sensor_hub.model.home import Home
from sensor_hub.model.kind import HOME_KINDS, Kind
from sensor_hub.model.moment import parse_moment
from sensor_hub.model.stay import Stays
from sensor_hub.model.wire import Status
from sensor_hub.storage.log import Mark
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.ports import CoverageRow
from sensor_hub.web import gateway_said, ports


class _Told(NamedTuple):
    """What the log says of a home at a mark."""

    mark: Mark
    described: Description | None
    stays: Stays


class HomeRows:
    """May be asked by any thread. What the log says of a home is remembered until it says more."""

    def __init__(self, stores: SqlStores) -> None:
        self.stores = stores
        self._told: dict[str, _Told] = {}

    def of(self, homes: Sequence[Home]) -> list[ports.HomeRow]:
        """In their order."""
        ids, stores = [home.id for home in homes], self.stores
        told = self._told_of(ids)
        heard = stores.registry.heard_of(ids)
        gateways = self._gateways(ids)
        coverage = {home: _coverage(rows) for home, (_, rows) in stores.coverage.shown_of(ids).items()}
        limits = {
            home: [ports.OwnLimitRow(Kind(row.kind), row.asked, row.false_ones, row.true_ones) for row in rows]
            for home, rows in stores.limits.shown_of(ids).items()
        }
        rejected, agreed = stores.rejections.counts_of(ids), stores.consents.bare_of(ids)
        rows = []
        for home in homes:
            described = told[home.id].described or Description(home)
            heard_here = _heard(described, heard.get(home.id, {}), gateways.get(home.id))
            row = ports.HomeRow(
                home=described.home(),
                coverage=coverage.get(home.id, []),
                gateway=gateways.get(home.id),
                limits=limits.get(home.id, []),
                rejected=rejected.get(home.id, {}),
                stays=told[home.id].stays,
                consent=agreed.get(home.id),
                since=described.since,
                gone=described.gone,
                **heard_here,
            )
            rows.append(row)
        return rows

    def _told_of(self, ids: Sequence[str]) -> dict[str, _Told]:
        marks, log = self.stores.log.marks_of(ids), self.stores.log
        told = {}
        for id_ in ids:
            mark, last = marks.get(id_, (0, 0, 0)), self._told.get(id_)
            if last is None or last.mark != mark:
                described = log.description(id_)
                last = _Told(mark, described, log.stays(id_))
                self._told[id_] = last
            told[id_] = last
        return told

    def _gateways(self, ids: Sequence[str]) -> dict[str, gateway_said.GatewayRow]:
        cloned = self.stores.gateways.cloned_of(ids)
        return {
            home: gateway_said.GatewayRow(
                is_online=status.state == "online",
                at=received,
                clock=status.clock,
                version=status.version,
                waiting=sum(status.streams.values()),
                oldest=status.oldest,
                rejected=status.rejected,
                refused=_refused(status),
                told_alone=tuple(_told_alone(row) for row in status.told_alone),
                names=status.names,
                cloned_at=cloned.get(home),
            )
            for home, (received, status) in self.stores.gateways.last_of(ids).items()
        }


class _Heard(TypedDict):
    last_heard: float | None
    heard: Mapping[str, float]
    unplaced: Sequence[gateway_said.UnplacedRow]


def _heard(
    described: Description, heard: Mapping[str, Mapping[str, float]], gateway: gateway_said.GatewayRow | None
) -> _Heard:
    """What was heard last, and of which devices that stand nowhere yet."""
    latest = {device: max(metrics.values()) for device, metrics in heard.items()}
    known = described.placed().keys() | described.gone.keys()
    names = {} if gateway is None else gateway.names
    return {
        "last_heard": max(latest.values(), default=None),
        "heard": {device: at for device, at in latest.items() if device in known},
        "unplaced": [
            gateway_said.UnplacedRow(device, at, sorted(heard[device]), names.get(device, ""))
            for device, at in sorted(latest.items())
            if device not in known
        ],
    }


def _coverage(shown: Sequence[CoverageRow]) -> list[ports.CoverageRow]:
    """What cannot be told, by kind and subject; a kind of which nothing is said is watched."""
    rows = [ports.CoverageRow(Kind(row.kind), row.subject, ports.Sight(row.state), row.reason) for row in shown]
    told = {row.kind for row in rows}
    return rows + [ports.CoverageRow(kind, "", ports.Sight.WATCHING) for kind in HOME_KINDS if kind not in told]


def _refused(status: Status) -> dict[str, str]:
    refused = status.settings.get("refused")
    return {str(key): str(why) for key, why in refused.items()} if isinstance(refused, dict) else {}


def _told_alone(row: Mapping[str, str]) -> gateway_said.ToldAlone:
    try:
        told_at = parse_moment(row.get("told_at"))
    except ValueError:
        told_at = None
    return gateway_said.ToldAlone(row.get("text", ""), told_at)
