"""What a database can never hold is rejected, that alone, and holds up nothing else; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.model.entry import Arrival
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.wire import Batch, Status
from sensor_hub.watch.items import Acknowledge, BatchCame, StatusCame
from sensor_hub.watch.narrowing import UNFIT
from sensor_hub.watch.ports import Rejection, Taken
from tests.homes import small_home
from tests.storage.stores import rows
from tests.waiting import wait_for
from tests.watch.test_worker import START, Rig, motion

HALF = "\ud800"
"""Half a character, which no encoding has."""
TOO_BIG = 2.0**63 / 1000
"""A moment whose milliseconds no column takes."""
POISON = {
    "half a character": Reading(START, "button", Metric.BUTTON, HALF),
    "a moment beyond all": Reading(TOO_BIG, "motion-hall", Metric.MOTION, 1.0),
    "a device's name with half a character": Reading(START, f"m{HALF}", Metric.MOTION, 1.0),
}


@pytest.fixture
def rig(where: Path | str) -> Iterator[Rig]:
    rig = Rig(where, [small_home()], START)
    rig.crash()
    yield rig
    rig.worker.stop(10)
    rig.stores.database.close()


def stored(rig: Rig) -> list[Reading]:
    return [entry.reading for entry in rig.entries() if isinstance(entry, Arrival)]


def offer(rig: Rig, *items: BatchCame | StatusCame | Acknowledge) -> None:
    """It runs in its thread, and an act behind all items tells when they are done."""
    last = Acknowledge("none", "Ann")
    for item in (*items, last):
        assert rig.worker.offer(item)
    if not rig.worker.is_running:
        rig.worker.start()
    wait_for(last.done.done)


def test_a_bad_reading_among_many_messages_makes_none_of_them_wait_for_a_transaction_of_its_own(rig: Rig) -> None:
    many = [rig.batch([motion(START + number)], after=number, upto=number + 1) for number in range(100)]
    many[70] = rig.batch([POISON["half a character"]], after=70, upto=71)
    for item in many:
        assert rig.worker.offer(item)
    tried = rig.stores.database.rollbacks
    offer(rig, *many[:1])
    assert [each.upto for each in rig.answers][-1] == 100
    assert stored(rig) == [motion(START + number) for number in range(100) if number != 70]
    assert rig.stores.rejections.counts() == {UNFIT: 1}
    assert rig.worker.turns < 20
    assert rig.stores.database.rollbacks - tried < 20


@pytest.mark.parametrize("what", POISON)
def test_one_bad_reading_is_rejected_and_the_others_of_its_batch_are_stored(rig: Rig, what: str) -> None:
    good = [motion(START + number) for number in range(40)]
    bad = rig.batch([*good[:27], POISON[what], *good[27:]])
    offer(rig, bad, rig.batch([motion(START + 99)], after=41, upto=42))
    wait_for(lambda: [each.upto for each in rig.answers][-1:] == [42])
    assert stored(rig) == [*good, motion(START + 99)]
    assert rig.stores.rejections.counts(rig.homes[0].id) == {UNFIT: 1}
    ((kind, payload),) = rows(rig.stores, "SELECT what, payload FROM rejected")
    assert kind == "reading"
    assert POISON[what].device.encode(errors="backslashreplace") in bytes(payload)


def test_a_nul_is_refused_by_postgresql_alone(rig: Rig) -> None:
    offer(rig, rig.batch([Reading(START, "button", Metric.BUTTON, "a\0b"), motion(START)]))
    wait_for(lambda: [each.upto for each in rig.answers] == [2])
    expected = {} if rig.stores.database.is_sqlite else {UNFIT: 1}
    assert rig.stores.rejections.counts() == expected
    assert motion(START) in stored(rig)


def test_all_of_a_batch_that_is_bad_is_rejected_one_by_one(rig: Rig) -> None:
    poison = [Reading(START + number, "button", Metric.BUTTON, HALF) for number in range(9)]
    offer(rig, rig.batch(poison))
    wait_for(lambda: [each.upto for each in rig.answers] == [9])
    assert rig.stores.rejections.counts() == {UNFIT: 9}
    assert stored(rig) == []


def test_what_else_of_a_batch_is_bad_is_rejected_with_it_and_answered_where_it_can_be(rig: Rig) -> None:
    told = replace(rig.batch([motion(START)]), rejections=(Rejection("record", HALF, b""),))
    nowhere = BatchCame(rig.homes[0].id, Batch(HALF, 0, 0, 1, "b1", [motion(START)]), (), rig.answers.append, "local")
    offer(rig, told, nowhere)
    wait_for(lambda: [each.upto for each in rig.answers] == [1])
    assert rig.stores.rejections.counts() == {UNFIT: 2}


def test_a_bad_status_is_counted_and_the_next_one_is_taken(rig: Rig) -> None:
    home = rig.homes[0].id
    bad = Status("online", f"b{HALF}", "1.0", START)
    good = Status("online", "b1", "1.0", START)
    offer(rig, *(StatusCame(home, each, rig.answers.append, "local") for each in (bad, good)))
    wait_for(lambda: rig.stores.gateways.last(home) is not None)
    assert rig.stores.rejections.counts() == {UNFIT: 1}


def test_an_act_that_cannot_be_written_is_told_so_and_the_next_one_is_done(rig: Rig) -> None:
    bad = Acknowledge(HALF, HALF)
    offer(rig, bad)
    assert isinstance(bad.done.exception(0), RuntimeError) or bad.done.result(0) is Taken.UNKNOWN
