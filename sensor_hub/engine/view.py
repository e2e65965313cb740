"""What a detector sees at a tick: the home, its devices, and how much of it could be seen when."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from math import ceil
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sensor_hub.engine import absences
from sensor_hub.engine.absences import Whereabouts
from sensor_hub.engine.channels import CHECKED
from sensor_hub.engine.civil import BIN, bin_of
from sensor_hub.engine.device_state import DeviceState
from sensor_hub.engine.dial import asked
from sensor_hub.engine.part import MARGIN
from sensor_hub.engine.state import EngineState
from sensor_hub.engine.temperatures import Temperatures
from sensor_hub.engine.timeline import Timeline
from sensor_hub.model.consent import Data
from sensor_hub.model.home import Device, Home
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import ALARMS, Metric
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.model.room import INDOORS, LIVED_IN, THRESHOLD, WASHROOMS, Room

PRESUMED: Final = 1.5
"""A device is taken to be alive until it has been silent for this many times its `report_every`."""
HEARD_LEAST = 15 * MINUTE
"""A home is heard lately if it was within its gateway's reports, or this."""
FEW = 3
SENSORS_REPORTS, SENSORS_LEAST = 1.5, HOUR
"""So long may none of at least `FEW` sensors be heard: of the reports of the one that reports most often."""
EVERYONE: Final = "everyone"
"""Wakes every detector."""


def _vouch(vouched: list[int], words: list[int], reach: int, bits: tuple[int, int]) -> None:
    """Adds to each bin the devices of a group that were heard in it or in the `reach` bins after it.

    `words`: who was heard in each bin; `bits`: the group, and those of it that are alive now.
    """
    group, present = bits
    span, soon = 1, words
    while span < reach + 1:
        # `soon` says who was heard in a bin or in the `span` − 1 after it.
        step = min(span, reach + 1 - span)
        soon = [here | later for here, later in zip_longest(soon, soon[step:], fillvalue=0)]
        span += step
    for place in range(len(words) - 1, -1, -1):
        if place < len(vouched):
            vouched[place] |= (soon[place] | present) & group
        present &= ~words[place]


class Felt(NamedTuple):
    """What the resident feels, °C, and in which room."""

    value: float
    room: Room


@dataclass(frozen=True, slots=True)
class Watcher:
    """A device that can show a sign of a person, as the timeline knows it."""

    device: Device
    bit: int
    reach: int
    """In how many bins, at the latest, a healthy one is heard again."""
    is_exit: bool


def watching(home: Home) -> list[Device]:
    """The devices that can show a sign of the person who lives there."""
    return [device for device in home.devices if device.has_activity and device.room is not Room.OUTDOOR]


class View(Whereabouts):
    """One home at one moment. Shared by all detectors of the home; `frontier` moves on."""

    def __init__(
        self,
        home: Home,
        state: EngineState,
        timeline: Timeline,
        temperatures: Temperatures,
        declined: frozenset[Data] = frozenset(),
    ) -> None:
        self.home = home
        self.declined = declined
        """What the resident has not agreed to; the home is without it."""
        self.temperatures = temperatures
        self.zone: ZoneInfo = home.zone
        self.gateway = home.gateway()
        self.most_often = min((device.report_every for device in home.devices), default=HOUR)
        """Seconds between two reports of the device that reports most often."""
        self.state = state
        self.timeline = timeline
        self.frontier = state.frontier
        self.is_catching_up = False
        """Readings that were kept back elsewhere are still coming in."""
        self.has_caught_up = False
        """At this tick the last of them are in: what waited for them can be looked at."""
        for device in home.devices:
            state.devices.setdefault(device.id, DeviceState())
        self.known = tuple(state.devices[device.id] for device in home.devices)
        """What is known of each device of the home, in its order."""
        self.sensors = tuple((d, state.devices[d.id]) for d in home.devices if Metric.ONLINE not in d.metrics)
        self.sensors_silent_since: float | None = None
        """Since when the gateway, which is heard, hears none of its sensors: its radio fails, not each of them.

        None where it hears them, or where they are too few to tell.
        """
        self._sensors_heard_until = math.inf if self.gateway is None or len(self.sensors) < FEW else 0.0
        self.woken: set[str] = {EVERYONE}
        """The parts of the next tick that must be asked, whenever they are due."""
        self.quiet: frozenset[str] = frozenset()
        """Devices that are not alive."""
        self.is_heard = False
        """Whether the home was heard lately: only then does the silence of one device say something about it."""
        often = self.gateway.report_every if self.gateway is not None else self.most_often
        self._heard_within = max(HEARD_LEAST, often)
        self._stands_until = 0.0
        self._absences_stand_until = 0.0
        self.is_felt = False
        """Whether some temperature was felt at the last look."""
        self.felt: dict[int, Felt | None] = {}
        """What was felt in quarters that are over, as long as nothing late comes in."""
        self._weights: dict[int, float] = {}
        self._weights_day = -1
        self._sort_watchers(home)
        self._sort_measuring(home)

    def _sort_watchers(self, home: Home) -> None:
        """The devices that can show a sign of the resident, by where they are."""
        self.watchers = tuple(self._watchers())
        self.exits = tuple(w for w in self.watchers if w.is_exit)
        self.inside = tuple(w for w in self.watchers if not w.is_exit)
        self.exit_bits = sum(w.bit for w in self.exits)
        self.washrooms = tuple(w for w in self.watchers if w.device.room in WASHROOMS and not w.is_exit)
        self.room_bits = {
            room: sum(w.bit for w in self.watchers if w.device.room is room) for room in {d.room for d in home.devices}
        }
        """The bits of the watchers in each room."""
        inside = sum(w.bit for w in self.inside if not w.device.pet)
        self._rooms_inside = tuple(bits & inside for bits in self.room_bits.values() if bits & inside)

    def _sort_measuring(self, home: Home) -> None:
        """The devices that measure climate or give an alarm, by what for."""
        self.measuring = tuple((d, metrics) for d in home.devices if (metrics := tuple(sorted(d.metrics & CHECKED))))
        """Devices whose values are checked, and which."""
        indoors = [d for d in home.devices if Metric.TEMPERATURE in d.metrics and d.room in INDOORS]
        self.outdoor_thermometers = tuple(
            d for d in home.devices if Metric.TEMPERATURE in d.metrics and d.room is Room.OUTDOOR
        )
        self.hygrometers = tuple(d for d in home.devices if d.metrics >= CHECKED and d.room in INDOORS | WASHROOMS)
        """Devices that measure both temperature and humidity indoors."""
        self.kitchen_hygrometers = tuple(d for d in self.hygrometers if d.room is Room.KITCHEN)
        self.sounders = {metric: tuple(d for d in home.devices if metric in d.metrics) for metric in ALARMS}
        """Devices that give an alarm, by what they give."""
        self.thermometers = tuple([d for d in indoors if d.room in LIVED_IN] or indoors)
        """Those of the lived-in rooms, or of any room where there are none."""

    def _watchers(self) -> Iterator[Watcher]:
        bits = self.state.bits
        for device in watching(self.home):
            is_exit = Metric.CONTACT in device.metrics and device.room in THRESHOLD
            reach = ceil(PRESUMED * device.report_every / BIN)
            yield Watcher(device, 1 << bits.index(device.id), reach, is_exit)

    def wake(self, part: str) -> None:
        """Something was heard that may change what this detector says before it is due."""
        self.woken.add(part)

    def move_to(self, frontier: float) -> None:
        """It is `frontier` now: wakes everyone if the home, a device or an absence is not what it was."""
        self.frontier = frontier
        is_heard = frontier - self.state.heard_at <= self._heard_within
        if is_heard is not self.is_heard:
            self.is_heard = is_heard
            self.wake(EVERYONE)
        if frontier >= self._sensors_heard_until and (is_heard or self.sensors_silent_since is None):
            self._look_for_sensors()
        if frontier >= self._stands_until:
            self._look_round()

    def stir(self) -> None:
        """Something was heard or told that may change who is alive or away: that is looked at anew at the next tick."""
        self._stands_until = self._absences_stand_until = 0.0

    def _look_for_sensors(self) -> None:
        latest = max((known.heard_at for _, known in self.sensors if known.heard_at is not None), default=None)
        since = self.state.begun_at if latest is None else latest
        limit = max(SENSORS_LEAST, SENSORS_REPORTS * min(device.report_every for device, _ in self.sensors))
        silent_since = since if self.frontier - since >= limit else None
        if silent_since is None:
            self._sensors_heard_until = since + limit - MARGIN
        if silent_since != self.sensors_silent_since:
            self.sensors_silent_since = silent_since
            self.wake(EVERYONE)

    def _look_round(self) -> None:
        """Who is alive, who is away, and until when, at least, that stands."""
        now, stands, quiet = self.frontier, math.inf, []
        for device, known in zip(self.home.devices, self.known, strict=True):
            heard_at, limit = known.heard_at, PRESUMED * device.report_every
            if heard_at is None or now - heard_at > limit:
                quiet.append(device.id)
            elif heard_at + limit < stands:
                stands = heard_at + limit
        if len(quiet) != len(self.quiet) or self.quiet != frozenset(quiet):
            self.quiet = frozenset(quiet)
            self.wake(EVERYONE)
        if now >= self._absences_stand_until:
            self.wake(EVERYONE)
        planned = self.state.absences
        turns = (turn for absence in planned for turn in absences.turns(absence) if turn > now)
        self._absences_stand_until = min(turns, default=math.inf)
        self._stands_until = min(stands - MARGIN, self._absences_stand_until)
        for absence in planned:
            if absences.covers(absence, now, now):
                # Whether somebody lives there all the same is looked at each quarter of an hour.
                self._stands_until = min(self._stands_until, (bin_of(now) + 1) * BIN)
                if absences.follow(absence, self.state, self.timeline, self._rooms_inside):
                    self.wake(EVERYONE)

    def device(self, device_id: str) -> DeviceState:
        """What is known of a device of this home."""
        return self.state.devices[device_id]

    def stands_since(self, device_id: str) -> float:
        """Since when the device could be heard where it stands."""
        return max(self.state.begun_at, self.state.devices[device_id].stands_since)

    def heard_here(self, device_id: str) -> float | None:
        """When it was last heard; None: not since it stands here."""
        known = self.state.devices[device_id]
        return None if known.heard_at is None or known.heard_at <= known.stands_since else known.heard_at

    def asked(self, kind: Kind, *, later: float = 0.0) -> float:
        """How much more surprise than its detector's own limit a kind must have to be told here now, or so many seconds
        later; see `dial`."""
        return asked(self.state, kind, later=later)

    def is_alive(self, device: Device) -> bool:
        """Whether it was heard so lately that its silence still means that there was nothing to say."""
        heard_at = self.device(device.id).heard_at
        return heard_at is not None and self.frontier - heard_at <= PRESUMED * device.report_every

    def weights(self) -> dict[int, float]:
        """Each watcher's share of the silences it was the first to break, by bit; together 1."""
        hazard = self.state.hazard
        if self._weights_day == hazard.days:
            return self._weights
        breakers = hazard.breakers
        raw = {w.bit: 1.0 + breakers.get(w.device.id, 0.0) for w in self.watchers}
        total = sum(raw.values(), 0.0)
        self._weights_day, self._weights = hazard.days, {bit: share / total for bit, share in raw.items()}
        return self._weights

    def visibility(self, first: int, last: int, watchers: tuple[Watcher, ...] | None = None) -> list[float]:
        """For each bin from `first` to `last`, the share (0 to 1) of what would be seen that could have been seen.

        A device vouches for a bin when it is heard in it or soon enough after it; for the newest bins it is presumed
        alive as long as `is_alive`. So a gap is forgiven once what was kept back arrives.
        """
        chosen = self.watchers if watchers is None else watchers
        weights = self.weights()
        total = sum([weights[w.bit] for w in chosen], 0.0)
        if not chosen or total <= 0:
            return [0.0] * (last - first + 1)
        vouched = self.vouched(first, last, chosen)
        shares: dict[int, float] = {}
        for bits in set(vouched):
            # Added one by one, in the order of the devices, so that nothing depends on how it is worked out.
            share = 0.0
            for watcher in chosen:
                if bits & watcher.bit:
                    share += weights[watcher.bit] / total
            shares[bits] = share
        return [shares[bits] for bits in vouched]

    def vouched(self, first: int, last: int, chosen: tuple[Watcher, ...]) -> list[int]:
        """For each bin from `first` to `last`, the bits of those of the chosen that could have seen somebody."""
        now, vouched = bin_of(self.frontier), [0] * (last - first + 1)
        words = self.timeline.heard_between(first, min(now, last + max(w.reach for w in chosen)))
        if not any(words) and not any(self.is_alive(w.device) for w in chosen):
            return vouched
        for reach in {watcher.reach for watcher in chosen}:
            group = [watcher for watcher in chosen if watcher.reach == reach]
            top = min(now, last + reach) - first
            # Those alive now are taken to be heard at any moment since they were heard last.
            alive = 0 if top < now - first else sum(w.bit for w in group if self.is_alive(w.device))
            _vouch(vouched, words[: top + 1], reach, (sum(w.bit for w in group), alive))
        return vouched

    def visible_now(self, watchers: tuple[Watcher, ...] | None = None) -> float:
        """The share of what would be seen that can be seen now."""
        chosen = self.watchers if watchers is None else watchers
        weights = self.weights()
        total = sum([weights[w.bit] for w in chosen], 0.0)
        return sum([weights[w.bit] for w in chosen if self.is_alive(w.device)], 0.0) / total if total else 0.0

    def silent_names(self, watchers: tuple[Watcher, ...] | None = None) -> list[str]:
        chosen = self.watchers if watchers is None else watchers
        return [w.device.id for w in chosen if not self.is_alive(w.device)]
