"""Old readings go in short transactions, their hours stay, and nothing that anybody needs goes."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.history.port import Bin, HistoryError, HourRow, Measure, Of, Window
from sensor_hub.model.entry import HubAway
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.storage.log_history import LogHistory
from sensor_hub.storage.old_readings import HOUR_MS, LONG, SPAN_MS, OldReadings, span_after
from sensor_hub.storage.stores import SqlStores
from tests.storage.stores import open_fresh, rows

START = 1_767_571_200.0
DAYS = 3
END = START + DAYS * DAY
CUT = START + 2 * DAY


def going_on() -> bool:
    return False


def fill(stores: SqlStores, home: str = "h1", *, is_taken: bool = True) -> int:
    """Three days of a home's readings in batches, and the watch's snapshot behind them; how many readings."""
    rng, count = random.Random(1), 0
    at = START
    while at < END:
        batch = [
            Reading(at + 1, "m1", Metric.MOTION, rng.choice([0.0, 1.0])),
            Reading(at + 2, "t1", Metric.TEMPERATURE, round(rng.uniform(15, 22), 1)),
            Reading(at + 3, "b1", Metric.BUTTON, "1"),
        ]
        appended = stores.log.append_readings(home, at + 60, batch)
        assert appended is not None
        count += len(batch)
        at += 20 * MINUTE
    if is_taken:
        stores.snapshots.save(home, appended.position, END, b"state")
    return count


Charts = tuple[Sequence[HourRow], list[Sequence[Bin]]]


def charts(stores: SqlStores) -> Charts:
    """What is shown of all the time, an hour a bar or more."""
    history, of = LogHistory(stores.database), Of("h1")
    bins = [history.bins(of, Window(START, END, width), measure) for width in (3600, 21_600) for measure in Measure]
    return history.hours(of, START, END), bins


def same(charts: Charts) -> object:
    """But for the last digit of means."""
    return (
        [replace(row, mean=row.mean and round(row.mean, 6)) for row in charts[0]],
        [[(one.device, one.at, round(one.value, 6)) for one in bins] for bins in charts[1]],
    )


def test_what_is_forgotten_is_shown_hour_by_hour_as_before(stores: SqlStores) -> None:
    fill(stores)
    fill(stores, "h2")
    before = charts(stores)
    assert OldReadings(stores.database).forget("h1", CUT + 59, going_on) == 2 * 72 * 3
    assert same(charts(stores)) == same(before)
    assert rows(stores, "SELECT count(*) FROM reading") == [(72 * 3 + DAYS * 72 * 3,)]
    assert OldReadings(stores.database).forget("h1", CUT, going_on) == 0


def test_a_transaction_that_took_long_makes_the_next_ones_shorter(stores: SqlStores) -> None:
    fill(stores)
    shown, seconds, transactions = same(charts(stores)), iter(range(10_000)), 0

    def counting() -> bool:
        nonlocal transactions
        transactions += 1
        return False

    # By this clock each takes a second.
    OldReadings(stores.database, monotonic=lambda: float(next(seconds))).forget("h1", CUT, counting)
    assert transactions > 4 * (CUT - START) / (SPAN_MS / 1000)
    assert same(charts(stores)) == shown


def test_how_much_is_forgotten_at_once() -> None:
    spans = [SPAN_MS]
    for took in (2 * LONG, 2 * LONG, 2 * LONG, LONG / 2, 0.0, 0.0, 0.0):
        spans.append(span_after(spans[-1], took))
    assert [span // HOUR_MS for span in spans] == [6, 3, 1, 1, 1, 2, 4, 6]


def test_of_time_that_is_forgotten_there_are_no_single_readings_and_nobody_is_told_that_nothing_was(
    stores: SqlStores,
) -> None:
    fill(stores)
    OldReadings(stores.database).forget("h1", CUT, going_on)
    history = LogHistory(stores.database)
    assert len(list(history.readings(Of("h1"), CUT, END))) == 72 * 3
    with pytest.raises(HistoryError, match="kept from 2026-01-07T00:00:00Z on"):
        list(history.readings(Of("h1"), CUT - HOUR, END))


def test_nothing_goes_that_the_watch_or_the_history_beside_the_log_has_not_taken(stores: SqlStores) -> None:
    fill(stores, is_taken=False)
    old = OldReadings(stores.database)
    assert old.forget("h1", CUT, going_on) == 0
    stores.snapshots.save("h1", 10, START, b"state")
    assert old.forget("h1", CUT, going_on) == 10 * 3
    assert OldReadings(stores.database, lambda: 0).forget("h1", END, going_on) == 0
    stores.snapshots.save("h1", 30, START, b"state")
    assert OldReadings(stores.database, lambda: 12).forget("h1", END, going_on) == 2 * 3


def test_what_comes_late_is_added_to_its_hour(stores: SqlStores) -> None:
    fill(stores)
    old = OldReadings(stores.database)
    old.forget("h1", CUT, going_on)
    late = [Reading(START + 7, "t1", Metric.TEMPERATURE, 30.0), Reading(START + 8, "b1", Metric.BUTTON, "2")]
    appended = stores.log.append_readings("h1", END + 60, late)
    assert appended is not None
    stores.snapshots.save("h1", appended.position, END, b"state")
    before = charts(stores)
    assert old.forget("h1", CUT, going_on) == 2
    assert same(charts(stores)) == same(before)
    hour = next(row for row in before[0] if row.metric is Metric.TEMPERATURE)
    assert (hour.count, hour.highest) == (4, 30.0)


def test_a_gap_is_told_once_though_the_hub_was_away_before_the_first_batch(stores: SqlStores) -> None:
    stores.log.append("h1", HubAway(START - HOUR, START - 3 * HOUR, START - HOUR))
    fill(stores)
    for hours in range(1, 4):
        OldReadings(stores.database).forget("h1", START + hours * HOUR, going_on)
    assert rows(stores, "SELECT count(*) FROM entry WHERE kind = 'hub_away'") == [(2,)]


def test_hours_go_when_their_time_has_come(stores: SqlStores) -> None:
    fill(stores)
    old = OldReadings(stores.database)
    old.forget("h1", CUT, going_on)
    assert old.forget_hours("h1", START + DAY, going_on) == 24 * 3
    assert old.forget_hours("h1", START + DAY, going_on) == 0
    assert LogHistory(stores.database).hours(Of("h1"), START, CUT)[0].at == START + DAY


class Cut(OldReadings):
    """Its power goes in the middle of a transaction: after so many of its steps."""

    steps = 0

    def _step(self) -> None:
        self.steps -= 1
        if self.steps == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def _count(self, *args: object) -> None:
        super()._count(*args)  # type: ignore[arg-type]
        self._step()

    def _forget_span(self, *args: object) -> int:
        gone = super()._forget_span(*args)  # type: ignore[arg-type]
        self._step()
        return gone

    def _tell_gap(self, *args: object) -> int | None:
        kept = super()._tell_gap(*args)  # type: ignore[arg-type]
        self._step()
        return kept


def in_a_child(act: Callable[[], object]) -> int:
    """Its exit code, or the negative number of the signal that ended it."""
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_killed_at_any_step_it_leaves_every_reading_once_and_goes_on(tmp_path: Path) -> None:
    with closing(open_fresh(tmp_path).database) as database:
        count = fill(SqlStores(database))
        before = same(charts(SqlStores(database)))

    def forget(steps: int) -> None:
        old = Cut(open_fresh(tmp_path).database)
        old.steps = steps
        old.forget("h1", CUT, going_on)

    killed = 0
    for steps in (1, 2, 3, 4, 7, 1000):
        killed += in_a_child(lambda steps=steps: forget(steps)) == -signal.SIGKILL  # type: ignore[misc]
        with closing(open_fresh(tmp_path).database) as database:
            stores = SqlStores(database)
            assert same(charts(stores)) == before
            left = rows(stores, "SELECT (SELECT count(*) FROM reading) + (SELECT sum(count) FROM hour)")[0][0]
            assert left in {count, None}
            assert rows(stores, "PRAGMA integrity_check") == [("ok",)]
    assert killed == 5
    with closing(open_fresh(tmp_path).database) as database:
        assert rows(SqlStores(database), "SELECT count(*) FROM entry WHERE kind = 'readings'") == [(72,)]
