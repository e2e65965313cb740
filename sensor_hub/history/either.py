"""Two histories as one: the one that is meant for it, and the log's own table where that one cannot answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import TypeVar

from sensor_hub.history.port import Bin, History, HistoryError, HourRow, Measure, Of, Window
from sensor_hub.model.moment import iso
from sensor_hub.model.reading import Reading

log = logging.getLogger(__name__)

LEFT_ALONE = 15.0
"""Real seconds for which one that could not be reached is not asked again: each page would wait for it."""
Answer = TypeVar("Answer")


class Grain(StrEnum):
    """What a question needs."""

    READINGS = "readings"
    HOURS = "hours"


class EitherHistory:
    """`far` is asked where it `has_all` of a home (between two moments) and keeps what is that old; else `near`, which
    keeps of a home what is not older than `near_since` says. What neither has is a HistoryError: a gap would look as if
    nothing had happened.
    """

    def __init__(
        self,
        far: History,
        near: History,
        *,
        has_all: Callable[[str, float, float], bool],
        far_since: Callable[[Grain], float],
        near_since: Callable[[str], float],
        monotonic: Callable[[], float],
    ) -> None:
        self.far = far
        self.near = near
        self.has_all = has_all
        self.far_since = far_since
        self.near_since = near_since
        self.monotonic = monotonic
        self._failed_at: float | None = None

    def bins(self, of: Of, window: Window, measure: Measure) -> Sequence[Bin]:
        grain = Grain.HOURS if window.is_of_hours else Grain.READINGS
        return self._ask(of, (window.start, window.end), grain, lambda history: history.bins(of, window, measure))

    def hours(self, of: Of, start: float, end: float) -> Sequence[HourRow]:
        return self._ask(of, (start, end), Grain.HOURS, lambda history: history.hours(of, start, end))

    def readings(self, of: Of, start: float, end: float) -> Iterator[Reading]:
        """The first reading decides who is asked; a history that fails later is a HistoryError."""

        def begun(history: History) -> Iterator[Reading]:
            rows = history.readings(of, start, end)
            first = next(rows, None)
            return iter(()) if first is None else _chained(first, rows)

        yield from self._ask(of, (start, end), Grain.READINGS, begun)

    def _ask(self, of: Of, span: tuple[float, float], grain: Grain, question: Callable[[History], Answer]) -> Answer:
        trouble, since = "it has not got everything from the log yet", self.far_since(grain)
        if self._is_left_alone():
            trouble = "it could not be reached just now"
        elif span[0] < since:
            trouble = f"it keeps {grain} from {iso(since)} on"
        elif self.has_all(of.home, *span):
            try:
                answer = question(self.far)
            except HistoryError as error:
                trouble = str(error)
                self._failed(trouble)
            else:
                self._works()
                return answer
        if span[0] < self.near_since(of.home):
            raise HistoryError(f"the history cannot be shown now: {trouble}, and the log does not keep so much")
        try:
            return question(self.near)
        except HistoryError as error:
            raise HistoryError(f"{trouble}; in the log {error}") from error

    def _is_left_alone(self) -> bool:
        return self._failed_at is not None and self.monotonic() < self._failed_at + LEFT_ALONE

    def _failed(self, trouble: str) -> None:
        if self._failed_at is None:
            log.warning("the history cannot be read, the log's own table is shown instead: %s", trouble)
        self._failed_at = self.monotonic()

    def _works(self) -> None:
        if self._failed_at is not None:
            log.info("the history can be read again")
            self._failed_at = None


def _chained(first: Reading, rest: Iterator[Reading]) -> Iterator[Reading]:
    yield first
    yield from rest
