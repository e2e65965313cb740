"""The engine of one home: readings and ticks in, findings out. Pure: the time is an argument."""

from __future__ import annotations

from sensor_hub.engine.state import EngineState
from sensor_hub.model.finding import Finding
from sensor_hub.model.home import Absence, Home
from sensor_hub.model.reading import Reading


class Engine:
    """Judges, then learns. `observe` readings in order of `at` (late ones first), then `tick` at the frontier."""

    def __init__(self, home: Home, state: EngineState) -> None:
        self.state = state
        self.set_home(home)

    def begin(self, at: float) -> None:
        """The home is watched from `at` on."""
        self.state.frontier = at

    def set_home(self, home: Home) -> None:
        """The home is as described from now on; what was learned of devices that stay is kept."""
        self.home = home

    def add_absence(self, absence: Absence) -> None:
        """Nobody is at home for this time."""

    def note_future(self, reading: Reading, received: float) -> None:
        """A reading came from the future: its gateway's clock is wrong. It is not used otherwise."""

    def observe(self, reading: Reading) -> None:
        """Takes in a reading not newer than the coming tick's frontier."""

    def tick(self, frontier: float, *, silence_counts: bool) -> list[Finding]:
        """Everything that holds, or cannot be told, at `frontier`."""
        self.state.frontier = frontier
        return []

    def pack(self) -> None:
        """Makes `state` complete before a snapshot is taken of it."""
