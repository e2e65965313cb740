"""A scenario: a home, who lives in it, and what happens there, as a TOML file in `scenarios/` or anywhere."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from firmware_sim.episodes import Episode, Truth, parse_episode
from firmware_sim.homes import Setting, generate_home
from firmware_sim.residents import draw_habits, parse_habits
from sensor_hub.model.entry import Arrival
from sensor_hub.model.home import Home
from sensor_hub.model.moment import DAY
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table, read_table

FOLDER = Path(__file__).parent / "scenarios"


@dataclass(frozen=True, slots=True)
class Scenario:
    title: str
    seed: int
    start: float
    days: float
    speed: float
    setting: Setting
    episodes: tuple[Episode, ...]

    @property
    def end(self) -> float:
        return self.start + self.days * DAY

    def moved_to(self, at: float) -> Scenario:
        """The scenario so that it plays at `at`: as it is if it does, else moved by whole days to begin just before."""
        if self.start <= at < self.end:
            return self
        by = math.floor((at - self.start) / DAY) * DAY
        episodes = tuple(replace(one, start=one.start + by, end=one.end + by) for one in self.episodes)
        return replace(self, start=self.start + by, episodes=episodes)

    def generate(self) -> tuple[Home, list[Arrival], Truth]:
        return generate_home(self.seed, self.days, start=self.start, episodes=self.episodes, setting=self.setting)


def names() -> list[str]:
    """The scenarios that come with the simulator."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_scenario(name: str) -> Scenario:
    """The scenario with this name, or in this file; InputError says what is wrong."""
    path = FOLDER / f"{name}.toml" if name in names() else Path(name)
    if not path.is_file():
        raise InputError("no such scenario", where=name, expected=f"a file, or one of {', '.join(names())}")
    return _scenario(read_table(path))


def _scenario(table: Table) -> Scenario:
    seed, start = table.whole("seed", low=0, high=2**31), table.moment("start")
    habits = table.table("habits")
    setting = Setting(
        home=table.text("home"),
        timezone=table.text("timezone", "Europe/London"),
        habits=None if habits is None else parse_habits(habits, draw_habits(Random(f"{seed}/habits"))),
        outdoor=table.number("outdoor", low=-30, high=40) if "outdoor" in table else None,
        noise=table.number("noise", 0.0, low=0, high=0.3),
    )
    table.get("outdoor")
    scenario = Scenario(
        title=table.text("title"),
        seed=seed,
        start=start,
        days=table.number("days", low=0.1, high=3660),
        speed=table.number("speed", 1.0, low=0.001, high=1_000_000),
        setting=setting,
        episodes=tuple(parse_episode(row, start) for row in table.tables("episode")),
    )
    table.done()
    return scenario
