"""Absences and visits that people tell reach the watch; the last word about each holds, also after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.keeping.export import export_home
from sensor_hub.model.entry import AbsenceTold, VisitTold
from sensor_hub.model.home import Absence, read_home
from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.stay import OPEN, Stay, ToldStay
from sensor_hub.watch.items import TellStay
from sensor_hub.watch.ports import Taken
from sensor_hub.watch.replay import read_log, replay
from tests.homes import small_home
from tests.watch.test_boards import hear
from tests.watch.test_worker import START, Rig

PLANNED = Absence(START + 10 * DAY, START + 12 * DAY)
HOME = small_home(absences=(PLANNED,))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path, [HOME], START)
    yield rig
    rig.stores.database.close()


def tell(rig: Rig, stay: Stay, start: float, end: float, *, is_new: bool = True, home: str = HOME.id) -> Taken:
    item = TellStay(home, stay, start, end, "Jo", is_new)
    rig.take(item)
    rig.time.at += MINUTE
    return item.done.result()


def is_away(rig: Rig, at: float) -> bool:
    """Whether the watch takes the home for empty at `at`, as far as it is known a day from now."""
    view = rig.worker.watches.watched[HOME.id].watch.engine.view
    view.frontier = max(at, rig.time.at)
    return view.absence_at(at) is not None


def test_an_absence_is_told_told_otherwise_and_withdrawn(rig: Rig) -> None:
    begun = START - DAY
    assert tell(rig, Stay.ABSENCE, begun, OPEN) is Taken.DONE
    assert is_away(rig, START + 300 * DAY)
    assert tell(rig, Stay.ABSENCE, begun, START + DAY, is_new=False) is Taken.DONE
    assert rig.stores.log.stays(HOME.id).absences[begun] == ToldStay(begun, START + DAY, "Jo", START + MINUTE)
    assert is_away(rig, START + HOUR)
    assert not is_away(rig, START + 3 * DAY)
    assert tell(rig, Stay.ABSENCE, begun, begun - HOUR, is_new=False) is Taken.DONE
    assert [*rig.stores.log.stays(HOME.id).absences] == [PLANNED.start]
    assert not is_away(rig, START + HOUR)
    assert tell(rig, Stay.ABSENCE, begun, OPEN, is_new=False) is Taken.UNKNOWN


def test_who_is_said_to_be_back_is_watched_at_once(rig: Rig) -> None:
    """Else the hub would wait for twelve hours to see somebody, who may have fallen on the way in."""
    tell(rig, Stay.ABSENCE, START - DAY, OPEN)
    tell(rig, Stay.ABSENCE, START - DAY, START, is_new=False)
    assert not is_away(rig, START + MINUTE)
    assert is_away(rig, START - MINUTE)


def test_of_two_who_change_one_at_once_the_second_is_told_so(rig: Rig) -> None:
    tell(rig, Stay.VISIT, START, START + HOUR)
    version = rig.stores.log.stays(HOME.id).visits[START].version
    both = [TellStay(HOME.id, Stay.VISIT, START, START + hours * HOUR, "Jo", False, version) for hours in (2, 3)]
    rig.take(*both)
    assert [item.done.result(0) for item in both] == [Taken.DONE, Taken.STALE]
    (kept,) = rig.stores.log.stays(HOME.id).visits.values()
    assert (kept.end, kept.version != version) == (START + 2 * HOUR, True)


def test_two_absences_do_not_overlap_and_two_visits_do_not_begin_together(rig: Rig) -> None:
    assert tell(rig, Stay.ABSENCE, START, START + 2 * DAY) is Taken.DONE
    for start, end in ((START, OPEN), (START + DAY, START + 3 * DAY), (START - DAY, START + HOUR)):
        assert tell(rig, Stay.ABSENCE, start, end) is Taken.OVERLAPS
    assert tell(rig, Stay.ABSENCE, START, PLANNED.end, is_new=False) is Taken.OVERLAPS, "the planned one is in the way"
    assert tell(rig, Stay.ABSENCE, START, OPEN, is_new=False) is Taken.DONE
    assert tell(rig, Stay.ABSENCE, START + DAY, OPEN) is Taken.OVERLAPS
    assert tell(rig, Stay.ABSENCE, START, START + 2 * DAY, is_new=False) is Taken.DONE
    assert tell(rig, Stay.ABSENCE, START + 2 * DAY, START + 3 * DAY) is Taken.DONE
    assert tell(rig, Stay.VISIT, START, START + HOUR) is Taken.DONE
    assert tell(rig, Stay.VISIT, START, START + 2 * HOUR) is Taken.OVERLAPS
    assert tell(rig, Stay.VISIT, START + MINUTE, START + 2 * HOUR) is Taken.DONE
    assert tell(rig, Stay.VISIT, START, START + HOUR, home="nobody") is Taken.UNKNOWN
    told = [entry for entry in rig.entries() if isinstance(entry, AbsenceTold | VisitTold)]
    assert [entry.by for entry in told] == ["Jo"] * 6


def test_visits_at_one_time_are_one_time_in_company(rig: Rig) -> None:
    for start, end in ((0.0, 3.0), (1.0, 2.0), (2.5, 4.0)):
        tell(rig, Stay.VISIT, START + start * HOUR, START + end * HOUR)
    view = rig.worker.watches.watched[HOME.id].watch.engine.view
    assert view.company_in(START - DAY, START + DAY) == 4 * HOUR
    assert view.company_in(START + HOUR, START + 2 * HOUR) == HOUR


def test_what_people_say_of_a_described_absence_holds_until_the_file_says_otherwise(rig: Rig) -> None:
    assert tell(rig, Stay.ABSENCE, PLANNED.start, PLANNED.start + HOUR, is_new=False) is Taken.DONE
    for in_order in (True, False):
        rig.crash(in_order=in_order)
        rig.worker.open()
        assert not is_away(rig, PLANNED.end - HOUR)
        assert rig.stores.log.stays(HOME.id).absences[PLANNED.start].by == "Jo"
    tell(rig, Stay.ABSENCE, PLANNED.start, PLANNED.start, is_new=False)
    assert rig.stores.log.stays(HOME.id).absences == {}
    rig.homes = [replace(HOME, absences=(Absence(PLANNED.start, PLANNED.end + DAY),))]
    rig.crash(in_order=True)
    rig.worker.open()
    assert is_away(rig, PLANNED.end + HOUR)
    assert rig.stores.log.stays(HOME.id).absences[PLANNED.start].is_described
    rig.homes = [replace(HOME, absences=())]
    rig.crash(in_order=True)
    rig.worker.open()
    assert rig.stores.log.stays(HOME.id).absences == {}
    assert not is_away(rig, PLANNED.start + HOUR)


def test_a_replay_of_the_log_judges_what_was_told_as_the_hub_did(rig: Rig, tmp_path: Path) -> None:
    """Cold, away, said to be back, and cold again: the absence without an end goes through the file, too."""
    hear(rig, 12, 15.2)
    tell(rig, Stay.ABSENCE, rig.time.at, OPEN)
    told_at = rig.stores.log.stays(HOME.id).absences
    hear(rig, 1, 20.0)
    tell(rig, Stay.ABSENCE, min(told_at), rig.time.at, is_new=False)
    tell(rig, Stay.VISIT, rig.time.at, rig.time.at + HOUR)
    hear(rig, 12, 15.0)
    rig.worker.tick()
    changes = list(rig.stores.alerts.changes_of_home(HOME.id))
    assert [change.state.value for change in changes if change.kind is Kind.COLD][:1] == ["raised"]
    export_home(rig.stores, HOME.id, tmp_path / "out", judged_only=True)
    log = read_log(tmp_path / "out" / "readings.jsonl.gz", lambda error: pytest.fail(str(error)))
    assert list(replay(read_home(tmp_path / "out" / "home.toml"), log)) == changes
    assert '"end": null, "by": "Jo"' in (tmp_path / "out" / "entries.jsonl").read_text()
