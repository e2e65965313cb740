"""How somebody who lives alone spends the days: a list of stays in rooms, from habits and chance.

People follow the clock on the wall, so a day's hours are local and cross clock changes unharmed. Toilet visits are
under-dispersed (variance well below the mean), as observed in real homes: counts vary little from day to day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from firmware_sim.episodes import Episode, EpisodeKind
from sensor_hub.model.moment import DAY, HOUR, MINUTE, local
from sensor_hub.model.problem import InputError
from sensor_hub.model.room import Room
from sensor_hub.model.table import Table

COUNT_SPREAD = 1.2
"""Standard deviation of the day's number of toilet visits."""
MORE, FEWER = 2.0, 0.25
"""Factors on the toilet visits in an increase and a decrease."""
BUSY, SITTING, ASLEEP = 1.5, 0.3, 0.01
"""Movements a minute that a sensor could see: about the house, in a chair, in bed."""


@dataclass(frozen=True, slots=True)
class Habits:
    """Hours of the local day for `wake` and `bed` (may pass 24); counts a day for the visits; chances a day else."""

    wake: float = 7.3
    bed: float = 22.8
    day_visits: float = 7.0
    night_visits: float = 1.7
    outings: float = 0.6
    outing_hours: float = 1.6
    naps: float = 0.4
    callers: float = 0.4


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody is in `room` (None: out of the house) and moves `rate` times a minute."""

    start: float
    end: float
    room: Room | None
    rate: float
    door: bool = False
    """Whether the front door is opened during it."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do at `at`, for `length` seconds; `base` is where the person settles after it, if that changes."""

    at: float
    length: float
    room: Room | None
    rate: float = BUSY
    base: tuple[Room, float] | None = None
    door: bool = False


def draw_habits(rng: Random) -> Habits:
    """A plausible person."""
    return Habits(
        wake=rng.uniform(6.3, 8.3),
        bed=rng.uniform(21.8, 23.6),
        day_visits=rng.uniform(5.5, 8.5),
        night_visits=rng.uniform(1.0, 2.6),
        outings=rng.uniform(0.35, 0.85),
        outing_hours=rng.uniform(1.0, 2.5),
        naps=rng.uniform(0.1, 0.7),
        callers=rng.uniform(0.2, 0.7),
    )


def parse_habits(table: Table, drawn: Habits) -> Habits:
    """A `[habits]` table over the habits drawn by chance."""
    wake, bed = table.number("wake", drawn.wake, low=3, high=12), table.number("bed", drawn.bed, low=18, high=26)
    names = ("day_visits", "night_visits", "outings", "outing_hours", "naps", "callers")
    rest = {name: table.number(name, getattr(drawn, name), low=0, high=24) for name in names}
    table.done()
    return replace(drawn, wake=wake, bed=bed, **rest)


def live(
    habits: Habits, start: float, end: float, *, zone: ZoneInfo, episodes: Sequence[Episode], rng: Random
) -> list[Stay]:
    """All stays from before `start` to after `end`, each beginning where the one before ends."""
    day, last = local(start, zone).date() - timedelta(days=1), local(end, zone).date() + timedelta(days=1)
    tasks: list[Task] = []
    while day <= last:
        tasks += _day(habits, day, zone, episodes, rng)
        day += timedelta(days=1)
    stays = _walk(sorted(tasks, key=lambda task: task.at))
    for episode in episodes:
        if episode.kind is EpisodeKind.ABSENCE:
            stays = _overlay(stays, Stay(episode.start, episode.end, None, 0.0))
        elif episode.kind is EpisodeKind.LONG_LIE:
            stays = _overlay(stays, Stay(episode.start, episode.end, place_at(stays, episode.start), 0.0))
    return stays


def place_at(stays: Sequence[Stay], at: float) -> Room | None:
    """Where the person is at `at`."""
    return next((stay.room for stay in stays if stay.start <= at < stay.end), None)


def settle_fall(stays: Sequence[Stay], episode: Episode) -> Episode:
    """The long lie, moved to ten minutes after the next return if the person is out at its start."""
    stay = next((one for one in stays if one.start <= episode.start < one.end), None)
    if stay is None or stay.room is not None:
        return episode
    home = stay.end + 10 * MINUTE
    if home >= episode.end:
        raise InputError("the resident is out all that time", where="long_lie", expected="a start or length at home")
    return replace(episode, start=home)


def _wall(day: date, hour: float, zone: ZoneInfo) -> float:
    """The moment at which clocks on the wall show `hour` of `day`."""
    return (datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(hours=hour)).timestamp()


def _day(habits: Habits, day: date, zone: ZoneInfo, episodes: Sequence[Episode], rng: Random) -> list[Task]:
    """What the person does from getting up on `day` to the end of the night after it."""
    wake, bed = habits.wake + rng.gauss(0, 0.35), habits.bed + rng.gauss(0, 0.35)
    tomorrow = 24 + habits.wake - 0.8
    noon = _factor(episodes, _wall(day, 12, zone))
    hours: list[tuple[float, Task]] = [
        (wake, Task(0, rng.uniform(8, 16) * MINUTE, Room.BATHROOM, base=(Room.LIVING, SITTING))),
        (bed - 0.02, Task(0, rng.uniform(3, 6) * MINUTE, Room.BATHROOM)),
        (bed + 0.15, Task(0, rng.uniform(5, 10) * MINUTE, Room.BEDROOM, base=(Room.BEDROOM, ASLEEP))),
    ]
    hours += _meals(wake, rng)
    hours += [(hour, _visit(rng)) for hour in _spread(habits.day_visits * noon, wake + 1.3, bed - 0.5, rng)]
    night = _factor(episodes, _wall(day, 27, zone))
    hours += [(hour, _visit(rng)) for hour in _spread(habits.night_visits * night, bed + 0.8, tomorrow, rng)]
    hours += _pastimes(habits, rng)
    return [replace(task, at=_wall(day, hour, zone)) for hour, task in hours]


def _meals(wake: float, rng: Random) -> list[tuple[float, Task]]:
    """Breakfast, lunch, tea and dinner, and a drink or two."""
    meals = [(wake + 0.5, 18.0, 30.0), (12.6, 20.0, 40.0), (15.6, 6.0, 12.0), (18.1, 25.0, 50.0)]
    drinks = [(hour, 3.0, 6.0) for hour in (10.4, 14.2, 20.3) if rng.random() < 0.75]
    return [
        (hour + rng.gauss(0, 0.25), Task(0, rng.uniform(low, high) * MINUTE, Room.KITCHEN))
        for hour, low, high in meals + drinks
    ]


def _pastimes(habits: Habits, rng: Random) -> list[tuple[float, Task]]:
    """An outing, a nap, somebody at the door, something to fetch in the bedroom: each by chance."""
    tasks: list[tuple[float, Task]] = []
    if rng.random() < habits.outings:
        hour, length = rng.uniform(9.8, 15.0), max(0.4, rng.gauss(habits.outing_hours, 0.6)) * HOUR
        tasks.append((hour - 0.05, Task(0, rng.uniform(90, 200), Room.HALL)))
        tasks.append((hour, Task(0, length, None)))
        tasks.append((hour + 0.001, Task(0, rng.uniform(60, 150), Room.HALL)))
    if rng.random() < habits.naps:
        tasks.append((13.6 + rng.gauss(0, 0.3), Task(0, rng.uniform(25, 70) * MINUTE, Room.BEDROOM, ASLEEP * 3)))
    if rng.random() < habits.callers:
        tasks.append((rng.uniform(9.5, 17.5), Task(0, rng.uniform(60, 240), Room.HALL, door=True)))
    errands = [hour for hour in (9.3, 11.5, 16.8, 19.4) if rng.random() < 0.5]
    return tasks + [(hour + rng.gauss(0, 0.3), Task(0, rng.uniform(3, 9) * MINUTE, Room.BEDROOM)) for hour in errands]


def _visit(rng: Random) -> Task:
    return Task(0, rng.uniform(2.5, 6.5) * MINUTE, Room.BATHROOM)


def _spread(mean: float, first: float, last: float, rng: Random) -> list[float]:
    """About `mean` hours between `first` and `last`, kept apart from each other."""
    count = max(0, round(rng.gauss(mean, min(COUNT_SPREAD, 0.45 * mean))))
    slot = (last - first) / count if count else 0.0
    return [first + slot * (place + rng.uniform(0.15, 0.85)) for place in range(count)]


def _factor(episodes: Iterable[Episode], at: float) -> float:
    """By how much the number of toilet visits is changed at `at`."""
    factors = {EpisodeKind.TOILETING_INCREASE: MORE, EpisodeKind.TOILETING_DECREASE: FEWER}
    return next((factors[one.kind] for one in episodes if one.kind in factors and one.start <= at < one.end), 1.0)


def _walk(tasks: Sequence[Task]) -> list[Stay]:
    """The tasks one after the other: one that the task before still occupies begins late."""
    stays: list[Stay] = []
    now, base = tasks[0].at - DAY / 4, (Room.BEDROOM, ASLEEP)
    for task in tasks:
        if task.at > now:
            stays.append(Stay(now, task.at, *base))
            now = task.at
        if task.length > 0:
            stays.append(Stay(now, now + task.length, task.room, task.rate, task.door))
            now += task.length
        base = task.base or base
    return stays


def _overlay(stays: Sequence[Stay], spell: Stay) -> list[Stay]:
    """The stays with `spell` in place of what they hold of its time."""
    before = [replace(stay, end=min(stay.end, spell.start)) for stay in stays if stay.start < spell.start]
    after = [replace(stay, start=max(stay.start, spell.end)) for stay in stays if stay.end > spell.end]
    return [*before, spell, *after]
