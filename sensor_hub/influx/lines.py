"""What the hub writes to InfluxDB, in its line protocol. Moments are milliseconds.

`reading,device=D,home=H,metric=M value=20.5 1767605000250`, or `action="single"` for a button, in the bucket of
readings; `hour,… count=4i,ones=0i,sum=82.0,min=20.0,mean=20.5,max=21.0` at an hour's beginning in that of hours; in
both `fed,hub=… position=123i` at a day's beginning: up to which entry of the log they are filled.
"""

from __future__ import annotations

from sensor_hub.history.tail import Hour, Series
from sensor_hub.model.moment import DAY
from sensor_hub.model.reading import Value

READING, HOUR, FED = "reading", "hour", "fed"
DAY_MS = round(DAY * 1000)


def tags(series: Series) -> str:
    """Homes, devices and metrics have only letters that need no mark before them (`model.reading`)."""
    return f"device={series.device},home={series.home},metric={series.metric.value}"


def reading_line(series_tags: str, at_ms: int, value: Value) -> str:
    if isinstance(value, str):
        return f'{READING},{series_tags} action="{_quoted(value)}" {at_ms}'
    return f"{READING},{series_tags} value={value!r} {at_ms}"


def hour_line(series_tags: str, hour: Hour) -> str:
    fields = f"count={hour.count}i,ones={hour.ones}i"
    if hour.total is not None:
        mean = hour.total / hour.count
        fields += f",sum={hour.total!r},min={hour.lowest!r},mean={mean!r},max={hour.highest!r}"
    return f"{HOUR},{series_tags} {fields} {hour.at_ms}"


def fed_line(hub: str, position: int, now_ms: int) -> str:
    """One point a day, each time written over."""
    return f"{FED},hub={hub} position={position}i {now_ms // DAY_MS * DAY_MS}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
