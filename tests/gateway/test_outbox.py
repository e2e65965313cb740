"""The outbox takes readings once, keeps them over a crash, and gives up the least precious first."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bounds import Bounds
from gateway.outbox import Answer, Appended, Outbox, Sample, open_outbox
from gateway.series import MOST_TEXT
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY
from sensor_hub.model.wire import GZIP_MAGIC, MOST_BYTES, MOST_READINGS, encode_batch
from tests.gateway.builders import MONDAY, reading


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.db"


def texts(outbox: Outbox, after: int = 0) -> list[tuple[float, str, object]]:
    batch = outbox.batch(after, "boot")
    return [] if batch is None else [(one.at, one.metric.value, one.value) for one in batch.readings]


def test_rows_are_numbered_from_one_and_leave_only_when_answered(path: Path) -> None:
    outbox = open_outbox(path)
    assert outbox.batch(0, "b") is None
    assert outbox.append([reading(value=1.5), reading(MONDAY + 1, 2)], at=MONDAY) == Appended(accepted=2)
    batch = outbox.batch(0, "b")
    assert batch is not None
    assert (batch.stream, batch.kept, batch.after, batch.upto, batch.boot) == (outbox.stream, 0, 0, 2, "b")
    assert batch.readings == [reading(value=1.5), reading(MONDAY + 1, 2)]
    assert outbox.answer(outbox.stream, 1) is Answer.PROGRESS
    assert (outbox.kept(), outbox.waiting(), outbox.oldest()) == (1, 1, MONDAY + 1)
    assert outbox.answer(outbox.stream, 1) is Answer.NOTHING
    assert outbox.answer("other", 2) is Answer.FOREIGN
    assert outbox.answer(outbox.stream, 2) is Answer.PROGRESS
    assert (outbox.batch(0, "b"), outbox.oldest(), outbox.kept()) == (None, None, 2)
    outbox.close()


def test_a_second_value_at_one_moment_moves_by_a_millisecond_and_a_repeat_is_dropped(path: Path) -> None:
    outbox = open_outbox(path)
    outbox.append([reading(value=1.0)], at=MONDAY)
    appended = outbox.append(
        [reading(value=1.0), reading(value=2.0), reading(value=2.0), reading(value=3.0)], at=MONDAY
    )
    assert appended == Appended(accepted=2, repeats=2)
    assert texts(outbox) == [
        (MONDAY, "temperature", 1),
        (MONDAY + 0.001, "temperature", 2),
        (MONDAY + 0.002, "temperature", 3),
    ]
    outbox.answer(outbox.stream, 3)
    assert outbox.append([reading(value=2.0)], at=MONDAY) == Appended(repeats=1), "answered rows are still known"
    outbox.close()


def test_repeats_among_many_leave_no_gap_and_no_other_order(path: Path) -> None:
    outbox = open_outbox(path)
    outbox.append([reading(MONDAY + 1, 1), reading(MONDAY + 2, 2)], at=MONDAY)
    found = outbox.append(
        [reading(MONDAY, 0), reading(MONDAY + 2, 2), reading(MONDAY + 1, 9), reading(MONDAY, 0)], at=0
    )
    assert (found.accepted, found.repeats, outbox.last) == (2, 2, 4)
    batch = outbox.batch(2, "b")
    assert batch is not None
    assert (batch.after, batch.upto, [(one.at, one.value) for one in batch.readings]) == (
        2,
        4,
        [(MONDAY, 0), (MONDAY + 1.001, 9)],
    )
    outbox.close()


def test_what_was_accepted_outlives_a_kill(path: Path) -> None:
    first = open_outbox(path)
    first.append([reading(value="single", metric=Metric.BUTTON), reading()], at=MONDAY)
    killed = path.with_name("killed")
    killed.mkdir()
    for part in path.parent.glob("outbox.db*"):
        shutil.copy(part, killed)
    again = open_outbox(killed / "outbox.db")
    assert (again.stream, again.last) == (first.stream, 2)
    assert texts(again) == [(MONDAY, "button", "single"), (MONDAY, "temperature", 19.5)]
    again.append([reading(MONDAY + 1)], at=MONDAY)
    assert again.last == 3
    first.close()
    again.close()


def test_what_was_answered_is_remembered_and_numbers_are_never_given_twice(path: Path) -> None:
    outbox = open_outbox(path, Bounds(answered_for=0))
    outbox.append([reading()], at=MONDAY)
    outbox.answer(outbox.stream, 1)
    outbox.append([], at=MONDAY + DAY)
    outbox.close()
    again = open_outbox(path)
    assert (again.kept(), again.waiting()) == (1, 0)
    again.append([reading(MONDAY + 9)], at=MONDAY + DAY)
    assert again.last == 2
    again.close()


def test_a_batch_is_small_enough_for_the_wire(path: Path) -> None:
    outbox = open_outbox(path)
    many = [reading(MONDAY + n, "x" * 256, Metric.BUTTON, "d" * 128) for n in range(900)]
    outbox.append(many, at=MONDAY)
    first = outbox.batch(0, "b")
    assert first is not None
    assert 300 < len(first.readings) <= 500
    second = outbox.batch(first.upto, "b")
    assert second is not None
    assert second.after == first.upto
    outbox.close()


def test_what_cannot_be_said_on_the_wire_is_counted(path: Path) -> None:
    outbox = open_outbox(path)
    unfit = [reading(value=float("nan")), reading(value="x" * 300, metric=Metric.BUTTON), reading(value="\ud800")]
    assert outbox.append([*unfit, reading()], at=MONDAY) == Appended(accepted=1, unfit=3)
    outbox.close()


@pytest.mark.parametrize("content", [b"", b"nonsense" * 1000, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_file_that_is_no_outbox_is_set_aside(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    outbox = open_outbox(path)
    assert outbox.append([reading()], at=MONDAY).accepted == 1
    outbox.close()
    aside = list(path.parent.glob("outbox.db.damaged-*"))
    assert [part.read_bytes() for part in aside] == ([content] if content else [])


def test_another_programs_database_is_set_aside(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE other (x)")
    db.commit()
    db.close()
    outbox = open_outbox(path)
    assert outbox.append([reading()], at=MONDAY).accepted == 1
    outbox.close()
    assert (path.parent / "outbox.db.damaged-1").exists()


def test_damage_found_while_running_begins_a_new_stream(path: Path) -> None:
    outbox = open_outbox(path)
    outbox.append([reading(MONDAY + n) for n in range(5000)], at=MONDAY)
    stream = outbox.stream
    outbox.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.rows.CHECK_WHOLE_BELOW", 0)
        again = open_outbox(path)
    assert again.append([reading()], at=MONDAY).accepted == 1
    assert again.stream != stream
    assert (path.parent / "outbox.db.damaged-1").exists()
    again.close()


def test_climate_is_given_up_before_signs_of_a_person(path: Path) -> None:
    outbox = open_outbox(path, Bounds(size=300_000))
    given_up = 0
    for n in range(60):
        climate = [reading(MONDAY + n * 1000 + i, i + 0.1) for i in range(200)]
        given_up += outbox.append([reading(MONDAY + n, 1, Metric.MOTION), *climate], at=MONDAY).given_up
    assert given_up > 1000
    count = "SELECT count(*) FROM reading JOIN series ON series = id WHERE metric = 'motion'"
    db = sqlite3.connect(path)
    assert db.execute(count).fetchone()[0] == 60
    db.close()
    batch = outbox.batch(0, "b")
    assert batch is not None
    assert (batch.kept, batch.after) == (0, 0), "the first row, a motion, still waits"
    assert outbox.waiting() + given_up == 60 * 201
    outbox.close()


def test_readings_older_than_the_bound_are_given_up_and_kept_says_so(path: Path) -> None:
    outbox = open_outbox(path)
    outbox.append([reading(MONDAY)], at=MONDAY)
    outbox.append([reading(MONDAY + DAY)], at=MONDAY + DAY)
    assert outbox.append([reading(MONDAY + 45.5 * DAY)], at=MONDAY + 45.5 * DAY).given_up == 1
    batch = outbox.batch(0, "b")
    assert batch is not None
    assert (batch.kept, batch.after, batch.upto, outbox.waiting()) == (1, 1, 3, 2)
    outbox.close()


def test_a_restored_copy_goes_on_in_a_stream_of_its_own(path: Path) -> None:
    outbox = open_outbox(path)
    outbox.append([reading()], at=MONDAY)
    stream = outbox.stream
    assert outbox.answer(stream, 7) is Answer.RENEWED
    assert outbox.stream != stream
    assert outbox.waiting() == 1
    outbox.close()


def test_a_few_rejected_messages_are_kept_with_the_reason(path: Path) -> None:
    outbox = open_outbox(path)
    outbox.append([], at=MONDAY, samples=[Sample(MONDAY, "odd", "hall", "\ud800", "z/hall")] * 600)
    db = sqlite3.connect(path)
    assert db.execute("SELECT count(*), max(reason), max(detail) FROM rejected").fetchone() == (500, "odd", "?")
    db.close()
    outbox.close()


@pytest.mark.parametrize("letter", ["a", "\x01", "ä", "\U0001f600"])
def test_a_batch_of_long_texts_is_no_larger_than_a_message_may_be(path: Path, letter: str) -> None:
    outbox = open_outbox(path)
    rows = [reading(MONDAY + n, letter * MOST_TEXT, Metric.BUTTON) for n in range(MOST_READINGS)]
    outbox.append(rows, at=MONDAY)
    sent = 0
    while (batch := outbox.batch(sent, "b")) is not None:
        packed = encode_batch(batch)
        assert packed.startswith(GZIP_MAGIC)
        assert len(gzip.decompress(packed)) <= MOST_BYTES
        sent = batch.upto
    assert sent == MOST_READINGS
    outbox.close()


@pytest.fixture
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An outbox with a reading in it, in a folder of ours, that another user owns."""
    folder = Path(tempfile.mkdtemp())
    outbox = open_outbox(folder / "outbox.db")
    outbox.append([reading()], at=MONDAY)
    outbox.close()
    (folder / "outbox.db").chmod(0o600 if os.geteuid() == 0 else 0)
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    yield folder / "outbox.db"
    os.seteuid(os.getuid())
    shutil.rmtree(folder)


def test_an_outbox_of_another_user_stays_where_it_is_and_nothing_starts(foreign: Path) -> None:
    """Somebody ran the gateway once as root: what waits in it must not be set aside as damaged."""
    with pytest.raises(PermissionError, match=r"outbox.db is not readable: owned by \w+, and this runs as \w+"):
        open_outbox(foreign)
    if os.getuid() == 0:
        os.seteuid(0)
    foreign.chmod(0o600)
    outbox = open_outbox(foreign)
    assert outbox.waiting() == 1
    outbox.close()
    assert list(foreign.parent.glob("*damaged*")) == []
