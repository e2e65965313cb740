"""What keeps alerts back, or somebody from hearing of them, as the stores have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sensor_hub.alerts.question import Sign
from sensor_hub.alerts.silence import Silence


class Silences(Protocol):
    """What people asked not to be told of."""

    def add(self, silence: Silence, at: float) -> None: ...

    def get(self, silence: str) -> Silence | None: ...

    def standing(self) -> Sequence[Silence]:
        """Those that have not ended, also such as have not begun."""

    def end(self, silence: str, at: float, by: str) -> bool:
        """Ends it, once. `by`: empty where it ends by itself."""

    def held_back(self, silence: str) -> Sequence[str]:
        """The alerts that it held back."""


class Release(NamedTuple):
    """A contact who is told of an alert after their quiet hours: of its change `number`, as move `turn`."""

    alert: str
    contact: str
    number: int
    turn: int


class Signs(Protocol):
    def since(self, home: str, at: float) -> Sign:
        """What was seen of the resident in the home after `at`."""


class Holds(Protocol):
    def put(self, release: Release, until: float) -> None: ...

    def take(self, at: float) -> Sequence[Release]:
        """Those whose time has come; they are held no longer."""

    def drop(self, alert: str) -> Sequence[str]:
        """Nobody has to hear of the alert any more; the contacts who were to."""
