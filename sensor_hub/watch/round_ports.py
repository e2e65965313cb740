"""What telling at set times needs from the stores."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.open_alert import OpenAlert
from sensor_hub.alerts.review import Review
from sensor_hub.alerts.stand_in import StandIn


class Posts(Protocol):
    def add(self, notice: Notice, made_at: float, due_at: float) -> None:
        """Puts a notice that is about no single alert in the outbox; one with the same reference stays as it is."""


class OpenAlerts(Protocol):
    def all(self) -> Sequence[OpenAlert]:
        """All alerts that are not closed and interrupt people."""


class Reviews(Protocol):
    """What happened in a stretch of time, and up to which moment readers were told."""

    def last(self, name: str, reader: str) -> float | None:
        """The time of the last round of this name that the reader was told."""

    def keep(self, name: str, reader: str, at: float) -> None:
        """The reader was told of the round of this time."""

    def review(self, homes: Collection[str], start: float, end: float) -> Review:
        """Of these homes alone."""


class StandIns(Protocol):
    def after(self, at: float) -> Sequence[StandIn]:
        """Those that were to last beyond `at`, also such as were ended, in the order in which they were made."""


class Digests(Protocol):
    """Which alerts interrupted people, and which wait for whose daily digest."""

    def note_page(self, home: str, alert: str, number: int, at: float) -> None:
        """People are told of the alert, as of its change `number`."""

    def is_paged(self, alert: str, number: int) -> bool: ...

    def pages(self, home: str, since: float) -> int:
        """How many of the home people were told of since then."""

    def put_off(self, reader: str, alert: str, number: int, at: float) -> None:
        """It waits for the next digest of this contact, team or rota."""

    def waiting(self) -> Mapping[str, float]:
        """Since when something waits, by reader."""

    def told(self, reader: str) -> frozenset[str]:
        """The alerts that were in a digest of the reader."""

    def take(self, reader: str, at: float) -> frozenset[str]:
        """The alerts that wait for the reader's digest; they are in it from now on."""
