"""Streams: a backlog of its own, a hub that goes back, readings that wait for their moments, and a damaged file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.bounds import Bounds
from gateway.outbox import Answer, Outbox, open_outbox
from gateway.rows import MOST_ASIDE
from gateway.streams import MOST_UNFINISHED
from gateway.timekeeping import Anchor
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from tests.gateway.builders import MONDAY, reading


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.db"


def fill(outbox: Outbox, first: int, count: int, *, at: float = MONDAY) -> None:
    outbox.append([reading(MONDAY + number, number + 0.5) for number in range(first, first + count)], at=at)


def sent(outbox: Outbox, stream: str) -> list[float]:
    """The moments of all that waits in the stream, as it would be sent."""
    found: list[float] = []
    after = 0
    while (batch := outbox.batch(after, "b", stream)) is not None:
        found += [one.at - MONDAY for one in batch.readings]
        after = batch.upto
    return found


def test_a_sealed_backlog_and_live_rows_are_numbered_each_from_one(path: Path) -> None:
    outbox = open_outbox(path)
    backlog = outbox.stream
    fill(outbox, 0, 700)
    assert outbox.seal()
    live = outbox.stream
    fill(outbox, 700, 3)
    assert outbox.turn() == [live, backlog]
    assert outbox.streams() == {live: 3, backlog: 700}
    batch = outbox.batch(0, "b")
    assert batch is not None
    assert (batch.stream, batch.kept, batch.after, batch.upto) == (live, 0, 0, 3)
    assert sent(outbox, backlog) == list(range(700))
    assert outbox.answer(live, 3) is Answer.PROGRESS
    assert outbox.answer(backlog, 700) is Answer.PROGRESS
    assert (outbox.turn(), outbox.waiting()) == ([live], 0)
    outbox.close()
    again = open_outbox(path)
    assert (again.stream, again.streams()) == (live, {live: 0, backlog: 0})
    again.close()


def test_any_number_of_outages_makes_a_bounded_number_of_streams(path: Path) -> None:
    outbox = open_outbox(path)
    for outage in range(3 * MOST_UNFINISHED):
        fill(outbox, 10 * outage, 10)
        assert outbox.seal()
    streams = outbox.streams()
    assert len(streams) == MOST_UNFINISHED + 1
    everything = [at for stream in reversed(streams) for at in sent(outbox, stream)]
    assert sorted(everything) == list(range(30 * MOST_UNFINISHED))
    outbox.close()


def test_a_hub_restored_from_a_backup_is_sent_what_it_lost(path: Path) -> None:
    outbox = open_outbox(path)
    backlog = outbox.stream
    fill(outbox, 0, 100)
    outbox.seal()
    fill(outbox, 100, 50)
    assert outbox.answer(backlog, 100) is Answer.PROGRESS
    assert outbox.answer(outbox.stream, 50) is Answer.PROGRESS
    outbox.append([], at=MONDAY + HOUR)
    outbox.append([], at=MONDAY + DAY)
    assert outbox.answer(backlog, 40) is Answer.BACK
    assert outbox.answer(outbox.stream, 0) is Answer.BACK
    assert sent(outbox, backlog) == list(range(40, 100))
    assert sent(outbox, outbox.stream) == list(range(100, 150))
    outbox.close()
    again = open_outbox(path)
    assert again.waiting() == 110, "over a restart too"
    again.append([], at=MONDAY + 4 * DAY)
    assert again.waiting() == 110, "what waits again is not dropped for having been answered once"
    again.close()


def test_answered_rows_go_two_days_after_their_answer_however_old_they_are(path: Path) -> None:
    outbox = open_outbox(path)
    backlog = outbox.stream
    fill(outbox, 0, 100, at=MONDAY - 30 * DAY)
    outbox.seal()
    outbox.answer(backlog, 100)
    outbox.append([], at=MONDAY)
    outbox.append([], at=MONDAY + 1.9 * DAY)
    assert outbox.answer(backlog, 0) is Answer.BACK
    assert len(sent(outbox, backlog)) == 100
    outbox.answer(backlog, 100)
    outbox.append([], at=MONDAY + 2 * DAY)
    outbox.append([], at=MONDAY + 4.1 * DAY)
    assert backlog not in outbox.streams()
    outbox.close()


def test_rows_that_wait_for_a_time_get_it_once(path: Path) -> None:
    outbox = open_outbox(path)
    wrong = Anchor("boot-1", MONDAY - 7200)
    outbox.hold([reading(MONDAY - 7100, 1.0), reading(MONDAY - 9000, 2.0)], wrong)
    assert (outbox.held, outbox.waiting(), outbox.batch(0, "b")) == (2, 2, None)
    outbox.close()
    again = open_outbox(path)
    assert again.settle(Anchor("boot-1", MONDAY), at=MONDAY, is_sure=True).accepted == 2
    batch = again.batch(0, "b")
    assert batch is not None
    assert [one.at for one in batch.readings] == [MONDAY + 100, MONDAY - 9000], "dated before this boot: left alone"
    assert again.held == 0
    again.close()


def test_rows_of_an_earlier_boot_are_not_dated_after_this_one(path: Path) -> None:
    outbox = open_outbox(path)
    outbox.hold([reading(MONDAY + 500)], Anchor("boot-0", MONDAY))
    outbox.settle(Anchor("boot-1", MONDAY + 300), at=MONDAY + 400, is_sure=True)
    assert sent(outbox, outbox.stream) == [300]
    outbox.close()


def test_a_clock_that_was_right_all_along_changes_nothing(path: Path) -> None:
    outbox = open_outbox(path)
    outbox.hold([reading(MONDAY + 0.123)], Anchor("boot-1", MONDAY - 50))
    outbox.settle(Anchor("boot-1", MONDAY - 49.5), at=MONDAY, is_sure=True)
    assert outbox.append([reading(MONDAY + 0.123)], at=MONDAY).repeats == 1
    outbox.close()


def test_signs_of_life_go_first_then_climate_is_thinned_and_motion_stays(path: Path) -> None:
    outbox = open_outbox(path, Bounds(size=400_000))
    given_up = 0
    for n in range(150):
        rows = [reading(MONDAY + 60 * n + i / 2, i, Metric.TEMPERATURE) for i in range(100)]
        rows += [reading(MONDAY + 60 * n + i, i, Metric.LINK_QUALITY) for i in range(30)]
        rows += [reading(MONDAY + 60 * n, 1, metric) for metric in (Metric.MOTION, Metric.SOS, Metric.CONTACT)]
        given_up += outbox.append(rows, at=MONDAY).given_up
    left = [one for stream in outbox.streams() for one in _readings(outbox, stream)]
    assert sum(one.metric in (Metric.MOTION, Metric.SOS, Metric.CONTACT) for one in left) == 450
    oldest = [one for one in left if one.at < MONDAY + HOUR]
    assert not any(one.metric is Metric.LINK_QUALITY for one in oldest)
    assert any(one.metric is Metric.TEMPERATURE for one in oldest), "one an hour is left"
    assert len(left) + given_up == 150 * 133
    outbox.close()


def test_nobodys_age_drops_a_sign_of_a_person(path: Path) -> None:
    outbox = open_outbox(path)
    outbox.append([reading(metric=Metric.MOTION, value=1), reading()], at=MONDAY)
    outbox.append([], at=MONDAY + HOUR)
    assert outbox.append([], at=MONDAY + 60 * DAY).given_up == 1
    assert outbox.waiting() == 1
    outbox.close()


@pytest.mark.parametrize("keep", [0.0, 0.2, 0.5, 0.9])
def test_what_a_cut_file_holds_is_saved_and_the_rest_counted(path: Path, keep: float) -> None:
    outbox = open_outbox(path)
    fill(outbox, 0, 3000)
    outbox.answer(outbox.stream, 1000)
    old = outbox.stream
    outbox.close()
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * keep))
    again = open_outbox(path)
    saved = [at for stream in again.streams() for at in sent(again, stream)]
    assert len(saved) + again.lost_since_start == 2000
    assert again.lost == again.lost_since_start
    assert saved == sorted(saved)
    assert all(at >= 1000 for at in saved)
    assert old not in again.streams(), "lost numbers are not given to other rows"
    fill(again, 5000, 1)
    again.close()


def test_damaged_files_do_not_fill_the_disk(path: Path) -> None:
    for _ in range(5):
        path.write_bytes(b"nonsense" * 100)
        open_outbox(path).close()
    assert len(list(path.parent.glob("*.damaged-*"))) == MOST_ASIDE


def test_what_is_no_longer_agreed_is_not_sent(path: Path) -> None:
    outbox = open_outbox(path)
    outbox.append([reading(), reading(metric=Metric.MOTION, value=1)], at=MONDAY)
    outbox.agree({Metric.MOTION})
    batch = outbox.batch(0, "b")
    assert batch is not None
    assert [one.metric for one in batch.readings] == [Metric.MOTION]
    assert batch.upto == 2
    outbox.close()


def _readings(outbox: Outbox, stream: str):
    after = 0
    while (batch := outbox.batch(after, "b", stream)) is not None:
        yield from batch.readings
        after = batch.upto
