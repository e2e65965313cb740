"""The pace that options and the `[clock]` of a file ask for together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sensor_hub.model.moment import parse_moment
from sensor_hub.model.pace import Pace, parse_pace
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import read_table

LEAD = 0.5
"""Real seconds between the program's start and the first message, where no start of the clock is given."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """`start` None: just before the first message. `since` None: when the program starts. `speed` 0: no waiting."""

    speed: float
    start: float | None = None
    since: float | None = None

    def pace(self, first: float) -> Pace | None:
        """The pace for messages of which the first is at `first`; None to publish as fast as possible."""
        if self.speed == 0:
            return None
        start = first - LEAD * self.speed if self.start is None else self.start
        return Pace(start, self.speed, self.since)

    @staticmethod
    def resolve(
        config: Path | None, *, speed: float | None, start: str | None, since: str | None, usual_speed: float = 1.0
    ) -> Tempo:
        """What the file's `[clock]` says, and over it the options. Whatever else is in the file is not for us."""
        told = None if config is None else parse_pace(read_table(config).table("clock"))
        if told is not None:
            tempo = Tempo(told.speed, told.start, told.since)
        else:
            tempo = Tempo(usual_speed)
        return Tempo(
            tempo.speed if speed is None else speed,
            tempo.start if start is None else Tempo.moment(start, "--clock-start"),
            tempo.since if since is None else Tempo.moment(since, "--since"),
        )

    @staticmethod
    def moment(text: str, where: str) -> float:
        """An option's moment: epoch seconds or ISO 8601 with a zone."""
        try:
            return parse_moment(float(text) if _is_number(text) else text)
        except ValueError as error:
            raise InputError(str(error), where=where, expected="epoch seconds or ISO 8601 with a zone") from error


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).lstrip("-").isdigit()
