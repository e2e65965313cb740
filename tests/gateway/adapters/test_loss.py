"""Frames lost, by the gaps of a counter."""

from __future__ import annotations

from gateway.adapters.loss import MOST_DEVICES, Loss, LossLog
from gateway.intake import build_intake
from sensor_hub.model.moment import DAY
from tests.gateway.adapters.messages import EUI, NOON, chirpstack


def log(*counters: int) -> LossLog:
    found = LossLog()
    for number, counter in enumerate(counters):
        found.note("a", counter, NOON + 600 * number)
    return found


def test_gaps_are_missed_frames() -> None:
    assert log(5, 6, 9, 10).of("a", NOON) == Loss(4, 2, 4, 2)


def test_a_frame_out_of_order_was_not_lost() -> None:
    assert log(5, 8, 9, 6).of("a", NOON) == Loss(4, 1, 4, 1)


def test_a_counter_that_begins_again_misses_nothing() -> None:
    assert log(5000, 5001, 0, 1).of("a", NOON) == Loss(4, 0, 4, 0)
    assert log(5, 60_000).of("a", NOON) == Loss(2, 0, 2, 0)


def test_the_last_day_is_told_apart() -> None:
    found = log(1, 5)
    found.note("a", 6, NOON + 2 * DAY)
    assert found.of("a", NOON + 2 * DAY) == Loss(3, 3, 1, 0)
    told = found.of("a", NOON + 2 * DAY)
    assert told is not None
    assert told.share_day == 0.0
    silent = found.of("a", NOON + 9 * DAY)
    assert silent is not None
    assert silent.share_day is None


def test_a_device_that_was_never_heard_has_no_loss() -> None:
    assert LossLog().of("a", NOON) is None


def test_memory_is_bounded() -> None:
    found = LossLog()
    for number in range(MOST_DEVICES + 5):
        found.note(str(number), 1, NOON)
    assert len(found.devices()) == MOST_DEVICES
    assert found.of("0", NOON) is None


def test_the_intake_tells_the_loss_of_each_device_and_counts_no_repeat() -> None:
    intake = build_intake(("chirpstack",))
    for frame in (1, 1, 4):
        intake.decode(chirpstack({"temperature": 20}, frame=frame, key=f"k{frame}", at=NOON + frame))
    assert list(intake.loss(NOON)) == [(EUI, Loss(2, 2, 2, 2))]
