"""The hub's numbers for Prometheus, at `/metrics`. No home, person or device is named in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from sensor_hub.access.action import Action
from sensor_hub.history.port import FeedNumbers
from sensor_hub.model.kind import Urgency
from sensor_hub.web.desk import Desk, hub_desk_of, principal_of
from sensor_hub.web.needs import needs
from sensor_hub.web.overview import view_home
from sensor_hub.web.ports import Handled, Sight
from sensor_hub.web.refusals import Why

metrics = APIRouter(include_in_schema=False)
AtHub = Annotated[Desk, Depends(hub_desk_of)]
HANDLED = (Handled.OPEN, Handled.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class HubNumbers:
    """How far the hub has come, beyond what its pages show."""

    position: int
    """Of the log's last entry: grows by one for each batch, answer or setting stored."""
    last_tick: float | None
    """The moment up to which homes were judged; by the hub's clock."""
    notices: Mapping[str, int] = field(default_factory=dict)
    """How many are in each state."""
    oldest_due: float | None = None
    """The real moment since when the oldest notice that waits could have been sent."""
    exhausted: int = 0
    """Urgent alerts that are open and that nobody answered."""
    broken_channels: int = 0
    bytes_on_disk: int = 0
    dropped: int = 0
    """Messages of gateways left unanswered since the start, as too many waited: they come again."""

    history: FeedNumbers | None = None
    """None: the log's own table is the history."""
    is_full: bool = False
    """Whether the hub stands still for want of room on the disk."""
    refused: Mapping[tuple[str, Why], int] = field(default_factory=dict)
    """How often since the start, by where (`pages`, `broker`) and why."""


Numbers = Callable[[], HubNumbers]


@metrics.get("/metrics", dependencies=[needs(Action.SEE_METRICS)])
def tell(request: Request, desk: AtHub) -> Response:
    """Over all tenants, so only for whoever runs the hub."""
    if principal_of(request).tenant is not None:
        raise HTTPException(404)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(desk, getattr(request.app.state, "numbers", None)))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Told(Collector):
    """What is told each time it is asked for."""

    def __init__(self, desk: Desk, numbers: Numbers | None) -> None:
        self.desk = desk
        self.numbers = numbers

    def collect(self) -> Iterator[Metric]:
        yield from _of_alerts(self.desk)
        yield from _of_homes(self.desk)
        yield _gauge("ready", "Whether the hub can work.", int(self.desk.reads.ready()))
        if self.numbers is not None:
            yield from _of_hub(self.numbers(), self.desk.now())


def _of_alerts(desk: Desk) -> Iterator[Metric]:
    found = Counter((row.urgency, row.handled) for row in desk.reads.open_alerts())
    told = GaugeMetricFamily("sensor_hub_open_alerts", "Alerts that nobody has closed.", labels=("urgency", "handled"))
    for urgency in Urgency:
        for handled in HANDLED:
            told.add_metric((urgency.value, handled.value), found[urgency, handled])
    yield told


def _of_homes(desk: Desk) -> Iterator[Metric]:
    now = desk.now()
    rows = desk.reads.homes()
    sights = Counter(view_home(row, now).sight for row in rows)
    told = GaugeMetricFamily("sensor_hub_homes", "Homes by whether they can be seen.", labels=("sight",))
    for sight in Sight:
        told.add_metric((sight.value,), sights[sight])
    yield told
    online = Counter("unheard" if row.gateway is None else _state(row.gateway.is_online) for row in rows)
    gateways = GaugeMetricFamily("sensor_hub_gateways", "Homes by what their gateway last said.", labels=("state",))
    for state in ("online", "offline", "unheard"):
        gateways.add_metric((state,), online[state])
    yield gateways
    waiting = sum(row.gateway.waiting for row in rows if row.gateway is not None)
    yield _gauge("gateway_readings_waiting", "Readings that gateways last said they hold for the hub.", waiting)
    rejected = GaugeMetricFamily("sensor_hub_rejected_messages", "Messages kept as rejected.", labels=("reason",))
    for reason, count in sorted(desk.reads.rejected().items()):
        rejected.add_metric((reason,), count)
    yield rejected


def _of_hub(numbers: HubNumbers, now: float) -> Iterator[Metric]:
    yield _counter("log_entries", "Entries stored in the logs of all homes.", numbers.position)
    yield _counter("messages_left", "Messages left unanswered since the start, as too many waited.", numbers.dropped)
    if numbers.last_tick is not None:
        yield _gauge("judged_behind_seconds", "How long ago homes were last judged.", max(0.0, now - numbers.last_tick))
    notices = GaugeMetricFamily("sensor_hub_notices", "Notices by how far they have come.", labels=("state",))
    for state, count in sorted(numbers.notices.items()):
        notices.add_metric((state,), count)
    yield notices
    if numbers.oldest_due is not None:
        yield _gauge(
            "notice_due_since_seconds", "The moment since when the oldest notice could go.", numbers.oldest_due
        )
    yield _gauge("exhausted_alerts", "Open urgent alerts that nobody answered.", numbers.exhausted)
    yield _gauge("broken_channels", "Channels of contacts that take no notice any more.", numbers.broken_channels)
    yield _gauge("database_bytes", "Size of the database on disk.", numbers.bytes_on_disk)
    yield _gauge("disk_full", "Whether the hub stands still for want of room on the disk.", int(numbers.is_full))
    told = CounterMetricFamily("sensor_hub_refused", "What was refused since the start.", labels=("at", "why"))
    for (at, why), count in sorted(numbers.refused.items()):
        told.add_metric((at, why.name.lower()), count)
    yield told
    if numbers.history is not None:
        yield from _of_history(numbers.history)


def _of_history(history: FeedNumbers) -> Iterator[Metric]:
    behind = "Real seconds since the history had all that the log has."
    yield _gauge("history_behind_entries", "Entries of the log that the history has not taken.", history.behind_entries)
    yield _gauge("history_behind_seconds", behind, history.behind_seconds)
    yield _counter("history_readings", "Readings given to the history since the start.", history.fed)
    refused = CounterMetricFamily("sensor_hub_history_refused", "Lines it did not take, by why.", labels=("reason",))
    refused.add_metric(("too old",), history.beyond)
    refused.add_metric(("other",), history.refused)
    yield refused


def _state(is_online: bool) -> str:
    return "online" if is_online else "offline"


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"sensor_hub_{name}", meaning, value=value)


def _counter(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(f"sensor_hub_{name}", meaning, value=value)
