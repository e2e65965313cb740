"""The history that is meant to be asked, and the log's own table where it cannot answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from sensor_hub.history.either import EitherHistory, Grain
from sensor_hub.history.port import Bin, HistoryError, HourRow, Measure, Of, Window
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading

OF, DAY = Of("flat-12"), Window(1000.0, 2000.0, 100)
ALL = Reading(1500.0, "a", Metric.MOTION, 1.0)


@dataclass
class Told:
    """A history that says who it is, or that it cannot."""

    name: str
    is_broken: bool = False
    asked: int = 0

    def bins(self, of: Of, window: Window, measure: Measure) -> Sequence[Bin]:
        self._ask()
        return [Bin(self.name, 0.0, 1.0)]

    def hours(self, of: Of, start: float, end: float) -> Sequence[HourRow]:
        self._ask()
        return []

    def readings(self, of: Of, start: float, end: float) -> Iterator[Reading]:
        self._ask()
        yield Reading(start, self.name, Metric.MOTION, 1.0)
        yield Reading(end, self.name, Metric.MOTION, 1.0)

    def _ask(self) -> None:
        self.asked += 1
        if self.is_broken:
            raise HistoryError("it is down")


@dataclass
class Both:
    far: Told = field(default_factory=lambda: Told("far"))
    near: Told = field(default_factory=lambda: Told("near"))
    has_all: bool = True
    far_since: float = 0.0
    near_since: float = 0.0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.history = EitherHistory(
            self.far,
            self.near,
            has_all=lambda *_: self.has_all,
            far_since=lambda grain: self.far_since if grain is Grain.READINGS else 0.0,
            near_since=lambda _: self.near_since,
            monotonic=lambda: self.seconds,
        )

    def answers(self) -> str:
        """Who did, each time the same for all three questions."""
        (bin_,) = self.history.bins(OF, DAY, Measure.COUNT)
        self.history.hours(OF, DAY.start, DAY.end)
        first, second = self.history.readings(OF, DAY.start, DAY.end)
        assert (first.device, second.device, first.at, second.at) == (bin_.device, bin_.device, DAY.start, DAY.end)
        return bin_.device


def test_the_far_one_is_asked_where_it_has_everything() -> None:
    assert Both().answers() == "far"


def test_one_that_lacks_something_would_show_a_gap() -> None:
    assert Both(has_all=False).answers() == "near"


def test_one_that_cannot_be_reached_is_left_alone_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    both = Both(far=Told("far", is_broken=True))
    assert both.answers() == "near"
    assert (both.far.asked, caplog.text.count("cannot be read")) == (1, 1)
    both.seconds = 16.0
    assert both.answers() == "near"
    assert (both.far.asked, caplog.text.count("cannot be read")) == (2, 1)
    both.far.is_broken, both.seconds = False, 32.0
    assert both.answers() == "far"
    assert "can be read again" in caplog.text


def test_what_is_older_than_the_far_one_keeps_would_be_a_gap_there() -> None:
    both = Both(far_since=1500.0)
    assert list(both.history.bins(OF, DAY, Measure.COUNT)) == [Bin("near", 0.0, 1.0)]
    assert next(both.history.readings(OF, DAY.start, DAY.end)).device == "near"
    hours = Window(0.0, 7200.0, 3600)
    assert list(both.history.bins(OF, hours, Measure.COUNT)) == [Bin("far", 0.0, 1.0)]
    both.near.is_broken = True
    with pytest.raises(HistoryError, match="it keeps readings from 1970-01-01T00:25:00Z on; in the log it is down"):
        both.history.bins(OF, DAY, Measure.COUNT)


@pytest.mark.parametrize("has_all", [False, True])
def test_what_neither_has_is_no_empty_chart(has_all: bool) -> None:
    both = Both(far=Told("far", is_broken=True), has_all=has_all, near_since=1500.0)
    for _ in range(2):
        with pytest.raises(HistoryError, match="cannot be shown now"):
            both.history.bins(OF, DAY, Measure.COUNT)
    with pytest.raises(HistoryError):
        next(both.history.readings(OF, DAY.start, DAY.end))
    assert both.near.asked == 0
