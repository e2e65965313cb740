"""A home's state stays as small as it is, however long it is watched and whatever is changed in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from sensor_hub.model.entry import AbsenceTold, Entry, HomeSet, VisitTold
from sensor_hub.model.home import Absence, Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.room import Room
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, moment, small_home

START = moment("2026-01-05 00:00")


def renewed(home: Home, day: int) -> Home:
    """The home with one of its devices replaced by a new one."""
    climate = frozenset({Metric.TEMPERATURE, Metric.HUMIDITY, Metric.MOTION})
    return replace(home, devices=(*home.devices[:-1], Device(f"new-{day}", Room.BEDROOM, climate), home.devices[-1]))


def eventful_days(home: Home, first: int, last: int) -> Iterator[Entry]:
    """A few readings a day; each week a device replaced, an absence, a visit, alarms of this home and of strangers."""
    for day in range(first, last):
        at, week = START + day * DAY, day // 7 * 7
        if day % 7 == 0:
            yield HomeSet(at, renewed(home, day))
            yield AbsenceTold(at + 60, Absence(at + 2 * DAY, at + 2 * DAY + 3 * HOUR, at + 60))
            yield VisitTold(at + 90, at + 10 * HOUR, at + 11 * HOUR)
            for device in ("front-door", f"stranger-{day}"):
                for later, value in ((120.0, 1.0), (180.0, 0.0)):
                    yield arrival(at + later, device, Metric.SMOKE, value)
        for hour in (7, 13, 20):
            for number, device in enumerate(("motion-kitchen", "motion-bathroom", f"new-{week}")):
                yield arrival(at + hour * HOUR + 400 * number, device, Metric.MOTION)
            for metric in (Metric.TEMPERATURE, Metric.HUMIDITY):
                yield arrival(at + hour * HOUR + 1800, f"new-{week}", metric, 18.0 + (day + hour) % 5)


def test_a_state_stays_as_small_as_it_is() -> None:
    watch, sizes = HomeWatch.begin(small_home()), []
    for first in (0, 140, 280):
        for entry in eventful_days(small_home(), first, first + 140):
            watch.feed(entry)
        sizes.append(sum(len(msgspec.msgpack.encode(part)) for part in _parts(watch)))
    assert sizes[2] <= sizes[1] * 1.02
    assert len(watch.snapshot()) <= 40_000
    state = watch.engine.state
    assert len(state.devices) <= len(small_home().devices) + 9
    assert len(state.bits) <= 16
    assert len(state.absences) <= 4
    assert len(state.alarms_ended) <= 12


def _parts(watch: HomeWatch) -> list[object]:
    """What of the snapshot grows with time; what devices were heard to measure is kept of a fixed number of them."""
    state = msgspec.msgpack.decode(watch.snapshot())["state"]
    return [state["engine"], state["episodes"]]


def test_a_device_in_the_place_of_one_that_is_gone_has_seen_nothing_yet() -> None:
    """After more replacements than a timeline has bits."""
    watch = HomeWatch.begin(small_home())
    for day in range(70):
        watch.feed(HomeSet(START + day * HOUR, renewed(small_home(), day)))
        assert not watch.engine.timeline.active_in(int((START + day * HOUR) // 900)) & _bit(watch, f"new-{day}")
        watch.feed(arrival(START + day * HOUR + 60, f"new-{day}", Metric.MOTION))
    watch.tick_past(START + 71 * HOUR)
    assert watch.engine.timeline.active_in(int((START + 69 * HOUR) // 900)) == _bit(watch, "new-69")


def _bit(watch: HomeWatch, device: str) -> int:
    return next(watcher.bit for watcher in watch.engine.view.watchers if watcher.device.id == device)
