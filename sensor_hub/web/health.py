"""What machines ask: is it alive, can it work, and a few numbers for Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import PlainTextResponse, Response

from sensor_hub.model.kind import Urgency
from sensor_hub.web.desk import Desk, desk_of
from sensor_hub.web.overview import view_home
from sensor_hub.web.ports import HubReads, Sight

health = APIRouter(include_in_schema=False)
AtDesk = Annotated[Desk, Depends(desk_of)]


@health.get("/healthz")
def alive() -> Response:
    return PlainTextResponse("alive\n")


@health.get("/readyz")
def ready(desk: AtDesk) -> Response:
    """503 when the hub cannot do its work; it says no more, since anybody may ask."""
    return PlainTextResponse("ready\n") if desk.reads.ready() else PlainTextResponse("not ready\n", 503)


@health.get("/metrics")
def metrics(desk: AtDesk) -> Response:
    text = "\n".join(_lines(desk.reads, desk.now())) + "\n"
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


def _lines(reads: HubReads, now: float) -> Iterator[str]:
    alerts = Counter((row.urgency.value, row.handled.value) for row in reads.open_alerts())
    yield from _gauge("sensor_hub_open_alerts", "Alerts that nobody has closed.")
    for urgency in Urgency:
        for handled in ("open", "acknowledged"):
            labels = {"urgency": urgency.value, "handled": handled}
            yield _sample("sensor_hub_open_alerts", labels, alerts[urgency.value, handled])
    sights = Counter(view_home(row, now).sight for row in reads.homes())
    yield from _gauge("sensor_hub_homes", "Homes by whether they can be seen.")
    for sight in Sight:
        yield _sample("sensor_hub_homes", {"sight": sight.value}, sights[sight])
    yield from _gauge("sensor_hub_rejected_messages", "Messages kept as rejected.")
    for reason, count in sorted(reads.rejected().items()):
        yield _sample("sensor_hub_rejected_messages", {"reason": reason}, count)
    yield from _gauge("sensor_hub_ready", "Whether the hub can work.")
    yield _sample("sensor_hub_ready", {}, int(reads.ready()))


def _gauge(name: str, meaning: str) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} gauge"


def _sample(name: str, labels: Mapping[str, str], value: int) -> str:
    def quoted(text: str) -> str:
        return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    inner = ",".join(f'{key}="{quoted(text)}"' for key, text in labels.items())
    return f"{name}{{{inner}}} {value}" if inner else f"{name} {value}"
