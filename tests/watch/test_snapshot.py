"""Snapshots: those of earlier versions are read, those of later ones are refused and the log is read instead."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import pytest

from sensor_hub.engine.state import EngineState
from sensor_hub.model.alert import AlertState, alert_line
from sensor_hub.model.entry import Arrival
from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.watch.home_watch import HomeWatch, WatchState
from sensor_hub.watch.snapshot import STEPS, VERSION, SnapshotError
from tests.homes import moment, small_home, whole_log

STORED = Path(__file__).parent / "snapshots"
"""`N.gz`: what `snapshot` of version N gave after `EARLIER`. Made once, kept for ever."""
START = moment("2026-01-05 00:00")
TAKEN = START + 9 * DAY
FALL = TAKEN + 10 * HOUR


def _log() -> list[Arrival]:
    """Ordinary days, then a long lie."""
    log = whole_log(small_home(), START, FALL + 9 * HOUR)
    return [one for one in log if one.reading.metric != "motion" or one.reading.at < FALL]


LOG = _log()
EARLIER, LATER = [one for one in LOG if one.received < TAKEN], [one for one in LOG if one.received >= TAKEN]


def _told(watch: HomeWatch, log: list[Arrival]) -> list[str]:
    changes = [change for entry in log for change in watch.feed(entry)]
    return [alert_line(change) for change in changes if change.kind is Kind.INACTIVITY]


def _taken() -> bytes:
    watch = HomeWatch.begin(small_home())
    assert not _told(watch, EARLIER)
    return watch.snapshot()


def test_every_version_has_its_step_and_its_example() -> None:
    assert sorted(STEPS) == list(range(VERSION))
    assert sorted(path.name for path in STORED.iterdir()) == [f"{number}.gz" for number in range(VERSION + 1)]


@pytest.mark.parametrize("version", range(VERSION + 1))
def test_a_watch_goes_on_from_a_snapshot_of_any_version_as_if_it_had_never_stopped(version: int) -> None:
    expected = _told(HomeWatch.begin(small_home()), LOG)
    assert [line.count(AlertState.RAISED) for line in expected] == [1]
    assert _told(HomeWatch.restore(gzip.decompress((STORED / f"{version}.gz").read_bytes())), LATER) == expected


def test_a_field_that_an_older_snapshot_does_not_have_is_as_in_a_new_home() -> None:
    raw = msgspec.msgpack.decode(_taken())
    for name in ("alarms", "absences", "usual_weight"):
        del raw["state"]["engine"][name]
    engine = HomeWatch.restore(msgspec.msgpack.encode(raw)).engine.state
    new = EngineState()
    assert (engine.alarms, engine.absences, engine.usual_weight) == (new.alarms, new.absences, new.usual_weight)


@pytest.mark.parametrize(
    ("snapshot", "why"),
    [
        (
            msgspec.msgpack.encode({"version": VERSION + 1, "state": {}}),
            f"it is of version {VERSION + 1}; this program",
        ),
        (msgspec.msgpack.encode({"version": VERSION, "state": {}}), "missing required field"),
        (b"nonsense", "it cannot be read"),
        (b"", "it cannot be read"),
        (msgspec.msgpack.encode({}), "it cannot be read"),
    ],
)
def test_what_is_no_snapshot_of_ours_says_why(snapshot: bytes, why: str) -> None:
    with pytest.raises(SnapshotError, match=why):
        HomeWatch.restore(snapshot)


def test_a_state_that_no_watch_can_go_on_from_is_refused_too() -> None:
    raw = msgspec.msgpack.decode(_taken())
    raw["state"]["engine"]["heard"] = b"odd"
    with pytest.raises(SnapshotError, match="no watch can go on from it"):
        HomeWatch.restore(msgspec.msgpack.encode(raw))


def test_all_that_is_remembered_is_in_the_snapshot() -> None:
    watch = HomeWatch.begin(small_home())
    _told(watch, EARLIER)
    again = HomeWatch.restore(watch.snapshot())
    assert isinstance(again.state, WatchState)
    assert again.state == watch.state
