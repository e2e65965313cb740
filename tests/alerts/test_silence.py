from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor_hub.alerts.silence import Silence, silencing
from sensor_hub.model.kind import ALARMS, Kind, Urgency
from tests.alerts.changes import AT, change

ALL = Silence("s1", "*", AT, AT + 60, "Ann", "the heating is being renewed")
ROOMS = {"0x01": "bathroom"}


def holds(silence: Silence, kind: Kind = Kind.COLD, subject: str = "", home: str = "flat-12", at: float = AT) -> bool:
    return silencing(replace(change(kind, home=home), subject=subject), [silence], ROOMS, at) is not None


def test_it_holds_from_its_start_until_before_its_end_unless_somebody_ended_it() -> None:
    assert [holds(ALL, at=AT + later) for later in (-1, 0, 59, 60)] == [False, True, True, False]
    assert not holds(replace(ALL, ended_at=AT))


@pytest.mark.parametrize(
    ("homes", "held"), [("flat-12", True), ("flat-*", True), ("flat-1", False), ("block-*", False)]
)
def test_it_is_about_homes_of_a_pattern(homes: str, held: bool) -> None:
    assert holds(replace(ALL, homes=homes)) is held


def test_it_is_about_the_kinds_that_it_names() -> None:
    cold = replace(ALL, kinds=frozenset({Kind.COLD}))
    assert holds(cold)
    assert not holds(cold, Kind.INACTIVITY)


def test_it_is_about_a_room_with_what_stands_in_it_or_about_a_device() -> None:
    bathroom = replace(ALL, place="bathroom")
    assert holds(bathroom, Kind.DAMP, "bathroom")
    assert holds(bathroom, Kind.DEVICE_SILENT, "0x01")
    assert not holds(bathroom, Kind.DEVICE_SILENT, "0x02")
    assert not holds(bathroom, Kind.COLD)
    assert holds(replace(ALL, place="0x01"), Kind.DEVICE_SILENT, "0x01")


def test_of_several_the_one_that_lasts_longest_is_named() -> None:
    longer = replace(ALL, id="s2", until=AT + 90)
    found = silencing(change(Kind.COLD), [ALL, longer], ROOMS, AT)
    assert found == longer


@given(
    homes=st.sampled_from(["*", "flat-12", "flat-*"]),
    kinds=st.frozensets(st.sampled_from(list(Kind))),
    place=st.sampled_from(["", "bathroom", "0x01"]),
    subject=st.sampled_from(["", "bathroom", "0x01"]),
    kind=st.sampled_from([*sorted(ALARMS), Kind.HOMES_SILENT]),
    urgency=st.sampled_from(list(Urgency)),
)
def test_no_silence_whatever_it_says_holds_back_an_alarm(
    homes: str, kinds: frozenset[Kind], place: str, subject: str, kind: Kind, urgency: Urgency
) -> None:
    silence = replace(ALL, homes=homes, kinds=kinds, place=place)
    assert silencing(replace(change(kind, urgency), subject=subject), [silence], ROOMS, AT) is None
