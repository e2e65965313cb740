"""Two histories as one: the one that is meant for it, and the log's own table where that one cannot answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sensor_hub.history.port import Bin, History, HistoryError, HourRow, Measure, Of, Window
from sensor_hub.model.reading import Reading

log = logging.getLogger(__name__)

LEFT_ALONE = 15.0
"""Real seconds for which one that could not be reached is not asked again: each page would wait for it."""
Answer = TypeVar("Answer")


class EitherHistory:
    """`far` is asked where it `has_all` of a home (between two moments); else `near`, which keeps what is not older
    than `near_since` says. What neither has is a HistoryError: a gap would look as if nothing had happened.
    """

    def __init__(
        self,
        far: History,
        near: History,
        *,
        has_all: Callable[[str, float, float], bool],
        near_since: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self.far = far
        self.near = near
        self.has_all = has_all
        self.near_since = near_since
        self.monotonic = monotonic
        self._failed_at: float | None = None

    def bins(self, of: Of, window: Window, measure: Measure) -> Sequence[Bin]:
        span = (window.start, window.end)
        return self._ask(of, span, lambda history: history.bins(of, window, measure))

    def hours(self, of: Of, start: float, end: float) -> Sequence[HourRow]:
        return self._ask(of, (start, end), lambda history: history.hours(of, start, end))

    def readings(self, of: Of, start: float, end: float) -> Iterator[Reading]:
        """The first reading decides who is asked; a history that fails later is a HistoryError."""

        def begun(history: History) -> Iterator[Reading]:
            rows = history.readings(of, start, end)
            first = next(rows, None)
            return iter(()) if first is None else _chained(first, rows)

        yield from self._ask(of, (start, end), begun)

    def _ask(self, of: Of, span: tuple[float, float], question: Callable[[History], Answer]) -> Answer:
        trouble = "it has not got everything from the log yet"
        if self._is_left_alone():
            trouble = "it could not be reached just now"
        elif self.has_all(of.home, *span):
            try:
                answer = question(self.far)
            except HistoryError as error:
                trouble = str(error)
                self._failed(trouble)
            else:
                self._works()
                return answer
        if span[0] >= self.near_since():
            return question(self.near)
        raise HistoryError(f"the history cannot be shown now: {trouble}, and the log does not keep so much")

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
