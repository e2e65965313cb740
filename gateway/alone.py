"""Alone at home: the few fixed rules that the gateway applies itself while the hub is out of reach.

What cannot be seen is said to be so and never taken for quiet: stillness is found only where every motion sensor was
heard all the time, and cold only from thermometers that were heard lately.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from sensor_hub.model.call import as_alarm
from sensor_hub.model.metric import ACTIVITY, Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.pet import is_lone
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room

SAME_ALARM = 30 * MINUTE
"""An alarm heard again within this time of the last is the same one."""
UNSURE = MINUTE
"""An alarm that came this shortly before the hub's last answer may not have reached it."""
FRESH = 2 * HOUR
"""A temperature older than this says nothing of now."""
LONGEST_GAP = 3 * HOUR
"""A battery sensor that says nothing at all for longer was not watching."""
FORGOTTEN = 7 * DAY
"""A motion sensor silent for longer is taken to be gone from the home."""
WARMER = 1.0
"""Kelvin above the limit from which it is not cold any more."""
MOST_DEVICES = 1000
MOVES = frozenset({Metric.MOTION, Metric.PRESENCE})
NOT_LIVED_IN = frozenset({Room.OUTDOOR, Room.OTHER})


class Rule(StrEnum):
    SMOKE = "smoke"
    SOS = "sos"
    COLD = "cold"
    STILL = "still"


class Says(StrEnum):
    """What a rule says of now. NEITHER: still the same as at the last look."""

    HOLDS = "holds"
    QUIET = "quiet"
    NEITHER = "neither"
    CANNOT_TELL = "cannot tell"


ALARMS = {Rule.SMOKE: Metric.SMOKE, Rule.SOS: Metric.SOS}


@dataclass(frozen=True, slots=True)
class Rules:
    """Those that the hub has sent down for this home; one that is None or False is not applied."""

    cold_below: float | None = None
    """°C."""
    still_hours: float | None = None
    smoke: bool = False
    sos: bool = False


@dataclass(frozen=True, slots=True)
class Alone:
    """After how many minutes without an answer of the hub which rules apply."""

    after_minutes: float
    rules: Rules

    @property
    def after(self) -> float:
        """Seconds."""
        return self.after_minutes * MINUTE


@dataclass(frozen=True, slots=True)
class Verdict:
    """`since` says which spell it is of; `reason` is the sentence that people read, in plain ASCII."""

    rule: Rule
    says: Says
    reason: str
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Spell:
    """An alarm from its first to its last sign."""

    first: float
    last: float


@dataclass(slots=True)
class Watcher:
    """A device: heard from `since` to `last` without a gap longer than LONGEST_GAP."""

    since: float
    last: float
    moves: bool = False
    """Whether it is a motion or presence sensor."""
    temperature: float | None = None
    measured: float = 0.0


@dataclass(slots=True)
class Known:
    """What the rules need to know of the home. `note` learns, judging changes nothing."""

    devices: dict[str, Watcher] = field(default_factory=dict)
    alarms: dict[Metric, Spell] = field(default_factory=dict)
    moved: float | None = None
    """When somebody was noticed last."""
    pet_at: float | None = None
    """The last movement where a pet is, counted or not."""

    def note(self, reading: Reading, pets: Collection[str] = ()) -> None:
        """Repeats and late readings are harmless. `pets`: devices where a pet moves."""
        reading = as_alarm(reading)
        value = reading.value
        if isinstance(value, str) or reading.metric is Metric.ONLINE:
            return
        self._hear(reading, value)
        if value and reading.metric in ACTIVITY and not (reading.device in pets and self._is_lone(reading.at)):
            self.moved = max(reading.at, self.moved or reading.at)
        if value and reading.metric in ALARMS.values():
            before = self.alarms.get(reading.metric)
            if before is None or reading.at > before.last + SAME_ALARM:
                self.alarms[reading.metric] = Spell(reading.at, reading.at)
            else:
                self.alarms[reading.metric] = replace(before, last=max(before.last, reading.at))

    def _is_lone(self, at: float) -> bool:
        """Whether it may have been the pet; the hub judges so too."""
        before = self.pet_at
        if before is None or at > before:
            self.pet_at = at
        return is_lone(at, before, (self.moved,))

    def _hear(self, reading: Reading, value: float) -> None:
        device = self.devices.get(reading.device)
        if device is None:
            if len(self.devices) >= MOST_DEVICES:
                return
            device = self.devices[reading.device] = Watcher(reading.at, reading.at)
        if reading.at > device.last + LONGEST_GAP:
            device.since = reading.at
        device.last = max(device.last, reading.at)
        device.moves |= reading.metric in MOVES
        if reading.metric is Metric.TEMPERATURE and reading.at >= device.measured:
            device.temperature, device.measured = value, reading.at


def judge(rules: Rules, known: Known, rooms: Mapping[str, Room], *, hub_at: float, at: float) -> list[Verdict]:
    """What each of the rules says at `at`; the hub answered last at `hub_at`."""
    verdicts = []
    for rule, is_applied in ((Rule.SMOKE, rules.smoke), (Rule.SOS, rules.sos)):
        if is_applied:
            verdicts.append(_judge_alarm(rule, known.alarms.get(ALARMS[rule]), hub_at))
    if rules.cold_below is not None:
        verdicts.append(_judge_cold(rules.cold_below, known, rooms, at))
    if rules.still_hours is not None:
        verdicts.append(_judge_still(rules.still_hours * HOUR, known, at))
    return verdicts


def _judge_alarm(rule: Rule, spell: Spell | None, hub_at: float) -> Verdict:
    """One that the hub may not have heard of; also one that has ended meanwhile."""
    what = "Smoke alarm" if rule is Rule.SMOKE else "Help button pressed"
    if spell is None or spell.last < hub_at - UNSURE:
        return Verdict(rule, Says.QUIET, "none since the hub was heard")
    return Verdict(rule, Says.HOLDS, f"{what} at {_clock(spell.first)}.", spell.first)


def _judge_cold(below: float, known: Known, rooms: Mapping[str, Room], at: float) -> Verdict:
    """By the warmest room: a thermometer in a fridge or outside makes no alarm, and one warm room hides a cold one.

    Where any thermometer is placed in a room that is lived in, only such count.
    """
    fresh = {name: one.temperature for name, one in known.devices.items() if _is_fresh(one, at)}
    placed = {name for name in known.devices if name in rooms and rooms[name] not in NOT_LIVED_IN}
    has_placed = any(known.devices[name].temperature is not None for name in placed)
    counted = [
        value
        for name, value in fresh.items()
        if value is not None and (name in placed if has_placed else name not in rooms)
    ]
    if not counted:
        return Verdict(Rule.COLD, Says.CANNOT_TELL, "no thermometer of a room was heard in two hours")
    warmest = max(counted)
    if warmest < below:
        return Verdict(Rule.COLD, Says.HOLDS, f"Cold: the warmest room has {warmest:.1f} C, below {below:g} C.", at)
    says = Says.QUIET if warmest >= below + WARMER else Says.NEITHER
    return Verdict(Rule.COLD, says, f"the warmest room has {warmest:.1f} C")


def _is_fresh(device: Watcher, at: float) -> bool:
    return device.temperature is not None and device.measured >= at - FRESH


def _judge_still(span: float, known: Known, at: float) -> Verdict:
    """Only where each motion sensor of the home was heard throughout: silence is not stillness."""
    sensors = [one for one in known.devices.values() if one.moves and one.last >= at - FORGOTTEN]
    if known.moved is not None and known.moved > at - span:
        return Verdict(Rule.STILL, Says.QUIET, "somebody was noticed")
    if not sensors:
        return Verdict(Rule.STILL, Says.CANNOT_TELL, "there is no motion sensor")
    if any(one.last < at - LONGEST_GAP for one in sensors):
        return Verdict(Rule.STILL, Says.CANNOT_TELL, "a motion sensor is silent")
    start = at - span if known.moved is None else known.moved
    # Heard first at that very movement counts as heard since.
    if any(one.since > max(start, at - span) for one in sensors):
        return Verdict(Rule.STILL, Says.CANNOT_TELL, "the motion sensors were not heard for long enough")
    hours = int((at - start) / HOUR)
    but = " but a pet's" if known.pet_at is not None and known.pet_at > start else ""
    return Verdict(Rule.STILL, Says.HOLDS, f"No movement{but} for {hours} h: unwell, or nobody in.", known.moved or 0.0)


@dataclass(frozen=True, slots=True)
class Told:
    """A message of one rule and spell, or (`rule` None) the one that the hub is back."""

    rule: Rule | None
    since: float
    text: str
    told_at: float | None = None
    """When the way out took it; None as long as it has not."""
    is_over: bool = False
    """The spell has ended, or the hub has taken over."""


def end_spells(told: Iterable[Told], verdicts: Sequence[Verdict]) -> list[Told]:
    """Marks those whose rule is quiet now."""
    quiet = {verdict.rule for verdict in verdicts if verdict.says is Says.QUIET}
    return [replace(one, is_over=True) if one.rule in quiet and not one.is_over else one for one in told]


def untold(told: Sequence[Told], verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those that hold and were not told of this spell. It stays one spell while nobody can tell."""
    return [verdict for verdict in verdicts if verdict.says is Says.HOLDS and not _is_told(verdict, told)]


def _is_told(verdict: Verdict, told: Sequence[Told]) -> bool:
    spells = [one for one in told if one.rule is verdict.rule and not one.is_over]
    # Cold has no one beginning: as long as it lasts it is the same.
    return any(verdict.rule is Rule.COLD or one.since == verdict.since for one in spells)


def message(verdict: Verdict, away: float, reference: str) -> str:
    """At most 160 letters of ASCII that every phone takes; no names. `away`: seconds without the hub."""
    urgency = "SOON." if verdict.rule is Rule.COLD else "URGENT."
    parts = (reference, urgency, verdict.reason, f"Told by the home's gateway: no hub for {_span(away)}.")
    return " ".join(part for part in parts if part)


def message_back(told: Sequence[Told], away: float, reference: str) -> str:
    """That the hub is there again, and what was told meanwhile."""
    rules = dict.fromkeys(one.rule.value for one in told if one.rule is not None and one.told_at is not None)
    what = f"The hub is back after {_span(away)} and takes over. Told meanwhile: {', '.join(rules)}."
    return f"{reference} {what}" if reference else what


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%d %b %H:%M} UTC"


def _span(seconds: float) -> str:
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.0f} h"
