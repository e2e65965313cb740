"""What goes wrong in a generated home, and the truth about it that a score is kept against."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.problem import InputError
from sensor_hub.model.room import Room
from sensor_hub.model.table import Table


class EpisodeKind(StrEnum):
    """What happens; `TRUTH_KIND` is what a hub should make of it."""

    LONG_LIE = "long_lie"
    BOILER_FAILURE = "boiler_failure"
    TOILETING_INCREASE = "toileting_increase"
    TOILETING_DECREASE = "toileting_decrease"
    DEAD_BATTERY = "dead_battery"
    UPLINK_OUTAGE = "uplink_outage"
    STUCK_THERMOMETER = "stuck_thermometer"
    ABSENCE = "absence"


TRUTH_KIND: dict[EpisodeKind, str] = {
    EpisodeKind.LONG_LIE: "inactivity",
    EpisodeKind.BOILER_FAILURE: "cold",
    EpisodeKind.TOILETING_INCREASE: "toileting_increase",
    EpisodeKind.TOILETING_DECREASE: "toileting_decrease",
    EpisodeKind.DEAD_BATTERY: "device_silent",
    EpisodeKind.UPLINK_OUTAGE: "gateway_silent",
    EpisodeKind.STUCK_THERMOMETER: "sensor_fault",
    EpisodeKind.ABSENCE: "absence",
}
USUAL_HOURS: dict[EpisodeKind, float] = {
    EpisodeKind.LONG_LIE: 10.0,
    EpisodeKind.BOILER_FAILURE: 48.0,
    EpisodeKind.TOILETING_INCREASE: 120.0,
    EpisodeKind.TOILETING_DECREASE: 96.0,
    EpisodeKind.DEAD_BATTERY: 48.0,
    EpisodeKind.UPLINK_OUTAGE: 12.0,
    EpisodeKind.STUCK_THERMOMETER: 24.0,
    EpisodeKind.ABSENCE: 96.0,
}
REWARMING = 4 * HOUR
"""After the boiler is mended the rooms are still cold: the truth about the cold ends that much later."""
SETTLING = 2 * DAY
"""Nothing is scored in a home's first two days."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One thing that goes wrong from `start` to `end` (moments).

    `room` names whose sensor dies or sticks: the living room's where it is None.
    """

    kind: EpisodeKind
    start: float
    end: float
    room: Room | None = None


@dataclass(frozen=True, slots=True)
class Injected:
    """What really happened, in the words of the hub's kinds."""

    kind: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Truth:
    scored_from: float
    scored_to: float
    injected: tuple[Injected, ...] = ()


def tell_truth(start: float, end: float, episodes: tuple[Episode, ...]) -> Truth:
    """The truth about a home generated from `start` to `end`."""
    injected = []
    for episode in sorted(episodes, key=lambda one: one.start):
        after = REWARMING if episode.kind is EpisodeKind.BOILER_FAILURE else 0.0
        injected.append(Injected(TRUTH_KIND[episode.kind], max(episode.start, start), min(episode.end + after, end)))
    return Truth(min(start + SETTLING, end), end, tuple(injected))


def truth_table(truth: Truth) -> dict[str, object]:
    """The truth as plain values: what `truth.json` holds."""
    return {
        "scored_from": truth.scored_from,
        "scored_to": truth.scored_to,
        "injected": [{"kind": one.kind, "start": one.start, "end": one.end} for one in truth.injected],
        "unscored": [],
    }


def parse_episode(table: Table, start: float) -> Episode:
    """An `[[episode]]`: `kind`, `day` (days after the home's `start`), and optionally `hours` and `room`."""
    kind = EpisodeKind(table.choice("kind", tuple(EpisodeKind)))
    begin = start + table.number("day", low=-2, high=3660) * DAY
    hours = table.number("hours", USUAL_HOURS[kind], low=0.1, high=24 * 366)
    room = Room(table.choice("room", tuple(Room))) if "room" in table else None
    table.done()
    return Episode(kind, begin, begin + hours * HOUR, room)


def parse_option(text: str, start: float) -> Episode:
    """An `--episode KIND:DAY[:HOURS[:ROOM]]`; InputError says what is wrong with it."""
    kind, *rest = text.split(":")
    names = ("day", "hours", "room")
    try:
        if not 1 <= len(rest) <= len(names):
            raise ValueError(text)
        values: dict[str, object] = dict(zip(names, [*map(float, rest[:2]), *rest[2:]], strict=False))
    except ValueError as error:
        expected = "KIND:DAY[:HOURS[:ROOM]], such as long_lie:20.5:9"
        raise InputError(f"{text!r} is no episode", where="--episode", expected=expected) from error
    return parse_episode(Table({"kind": kind, **values}, "--episode"), start)
