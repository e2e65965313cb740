"""Counters that only grow become events: none is lost with a frame, none is made up by a reset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.counts import MOST_EVENTS, Count, moments
from gateway.adapters.device_files import OWN, read_device_files
from gateway.adapters.lorawan import Normaliser, Uplink
from tests.gateway.adapters.messages import EUI, NOON

FILES = read_device_files(OWN)


@pytest.mark.parametrize(
    ("values", "bits", "expected"),
    [
        ([10, 10, 13], 16, [0, 3]),
        ([65534, 2], 16, [4]),
        ([500, 3], 16, [3]),
        ([500, 3], 0, [3]),
        ([5, 60_000], 16, [0]),
    ],
)
def test_the_difference_is_what_happened(values: list[int], bits: int, expected: list[int]) -> None:
    count = Count(values[0], 0.0)
    assert [count.grow(value, at, bits) for at, value in enumerate(values[1:], 1)] == expected


def test_a_late_message_tells_nothing_again() -> None:
    count = Count(1, 0.0)
    assert [count.grow(9, 20.0, 16), count.grow(5, 10.0, 16), count.grow(10, 30.0, 16)] == [8, 0, 1]


@given(steps=st.lists(st.integers(0, 50), min_size=1), lost=st.sets(st.integers(0, 50)), start=st.integers(0, 65535))
def test_lost_frames_lose_no_events(steps: list[int], lost: set[int], start: int) -> None:
    count, value, seen, heard = Count(start, 0.0), start, 0, 0
    for at, step in enumerate(steps, 1):
        value += step
        if at - 1 not in lost:
            seen += count.grow(value % 65536, at, 16)
            heard = value - start
    assert seen == heard


def test_each_event_has_a_moment_of_its_own() -> None:
    assert moments(3, NOON) == [NOON - 0.002, NOON - 0.001, NOON]
    assert len(moments(1000, NOON)) == MOST_EVENTS


def heard(normaliser: Normaliser, frame: int, **more: object) -> list[tuple[str, float]]:
    at = NOON + 600 * frame
    answer = normaliser.decode(Uplink(EUI, at, at, counter=frame, **more))  # type: ignore[arg-type]
    return [(one.metric.value, round(one.at - at, 3)) for one in answer.readings if one.metric == "motion"]


def test_a_total_in_a_decoded_object_counts_by_its_difference() -> None:
    normaliser = Normaliser()
    rows = [heard(normaliser, frame, object={"motion_counter": total}) for frame, total in enumerate((7, 7, 9))]
    assert rows == [[], [], [("motion", -0.001), ("motion", 0.0)]]


def test_bytes_say_when_the_last_movement_was() -> None:
    normaliser = Normaliser(FILES)
    told = {"port": 102, "names": "tbms100"}
    assert heard(normaliser, 1, data="AAs0AgAQAAA=", **told) == []
    assert heard(normaliser, 2, data="AAs0AgARAAA=", **told) == [("motion", -120.0)]
