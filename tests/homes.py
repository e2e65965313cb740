"""Homes and logs for tests, made in one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sensor_hub.model.alert import AlertChange, AlertState, alert_line
from sensor_hub.model.entry import Arrival, Entry
from sensor_hub.model.home import Absence, Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.watch.replay import replay

EntryT = TypeVar("EntryT", bound=Entry)
LONDON = ZoneInfo("Europe/London")
MOTION = frozenset({Metric.MOTION, Metric.BATTERY})
CLIMATE = frozenset({Metric.TEMPERATURE, Metric.BATTERY})


def moment(text: str) -> float:
    """`2026-01-05 08:00` on the clock of London."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).timestamp()


def small_home(*, absences: tuple[Absence, ...] = (), residents: int = 1) -> Home:
    """A flat with a movement sensor in each room, a front door, two thermometers and a gateway."""
    rooms = (Room.LIVING, Room.BEDROOM, Room.BATHROOM, Room.KITCHEN, Room.HALL)
    devices = [Device(f"motion-{room}", room, MOTION) for room in rooms]
    devices.append(Device("front-door", Room.ENTRANCE, frozenset({Metric.CONTACT, Metric.BATTERY})))
    devices += [Device(f"climate-{room}", room, CLIMATE, 3600.0) for room in (Room.LIVING, Room.BEDROOM)]
    devices.append(Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 900.0))
    return Home("test-home", "Europe/London", residents, tuple(devices), absences)


def arrival(
    at: float, device: str, metric: Metric, value: float | str = 1.0, *, received: float | None = None
) -> Arrival:
    """A reading that the hub got a second after it was measured, unless `received` says otherwise."""
    return Arrival(at + 1.0 if received is None else received, Reading(at, device, metric, value))


def heartbeats(home: Home, start: float, end: float, *, silent: Iterable[str] = ()) -> Iterator[Arrival]:
    """What every healthy device says by itself: a battery each hour, `online` each five minutes, 20 °C each ten."""
    skipped = set(silent)
    for number, device in enumerate(home.devices):
        if device.id in skipped:
            continue
        offset = 7.0 * number
        for metric, value, every in (
            (Metric.BATTERY, 95.0, HOUR),
            (Metric.ONLINE, 1.0, 5 * MINUTE),
            (Metric.TEMPERATURE, 20.0, 10 * MINUTE),
        ):
            if metric in device.metrics:
                count = int((end - start - offset) // every) + 1
                for n in range(count):
                    drift = 0.02 * (n % 50) if metric is Metric.TEMPERATURE else 0.0
                    yield arrival(start + offset + n * every, device.id, metric, value + drift)


def ordinary_days(home: Home, start: float, end: float) -> Iterator[Arrival]:
    """A resident of regular habits: up at 7, bed at 22:30, the bathroom every two hours by day and at 2 at night."""
    at = start
    while at < end:
        local = datetime.fromtimestamp(at, LONDON)
        clock = local.hour + local.minute / 60
        if 7 <= clock < 22.5:
            number = int(at // 600)
            room = ("kitchen", "living", "living", "hall", "living", "living")[number % 6]
            if number * 7919 % 10 < 6:
                yield arrival(at, f"motion-{room}", Metric.MOTION)
            if local.hour % 2 == 0 and local.minute < 10:
                yield arrival(at + 60, "motion-bathroom", Metric.MOTION)
        elif local.hour == 2 and local.minute < 10:
            yield arrival(at, "motion-bedroom", Metric.MOTION)
            yield arrival(at + 120, "motion-bathroom", Metric.MOTION)
            yield arrival(at + 300, "motion-bedroom", Metric.MOTION)
        at += 10 * MINUTE


def whole_log(home: Home, start: float, end: float, *, silent: Iterable[str] = ()) -> list[Arrival]:
    """Ordinary days with all heartbeats, in order of arrival."""
    skipped = set(silent)
    days = [one for one in ordinary_days(home, start, end) if one.reading.device not in skipped]
    return by_arrival([*days, *heartbeats(home, start, end, silent=skipped)])


def by_arrival(entries: Iterable[EntryT]) -> list[EntryT]:
    return sorted(entries, key=lambda entry: entry.received)


def changes(home: Home, log: Iterable[Entry]) -> list[AlertChange]:
    return list(replay(home, iter(log)))


def lines(home: Home, log: Iterable[Entry]) -> list[str]:
    """The lines of `alerts.jsonl` that this log gives."""
    return [alert_line(change) for change in changes(home, log)]


def raised(home: Home, log: Iterable[Entry]) -> list[AlertChange]:
    """The alerts that were raised, in order."""
    return [change for change in changes(home, log) if change.state is AlertState.RAISED]
