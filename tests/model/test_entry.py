import pytest

from sensor_hub.model.alert import Outcome
from sensor_hub.model.entry import (
    AbsenceTold,
    DeviceGone,
    DialSet,
    Entry,
    HomeSet,
    HubAway,
    OutcomesForgotten,
    OutcomeTold,
    PlacementTold,
    VisitTold,
    entry_row,
    parse_entry,
)
from sensor_hub.model.home import Absence
from sensor_hub.model.kind import Kind
from sensor_hub.model.problem import InputError
from sensor_hub.model.room import Room
from sensor_hub.model.stay import OPEN
from tests.homes import moment, small_home

AT = moment("2026-01-05 09:00")
ENTRIES: tuple[Entry, ...] = (
    HubAway(AT, AT - 600, AT),
    AbsenceTold(AT, Absence(AT, AT + 3600, received=AT)),
    AbsenceTold(AT, Absence(AT - 3600, OPEN, received=AT), "Jo"),
    VisitTold(AT, AT - 3600, AT + 3600),
    VisitTold(AT, AT + 3600, AT + 3600, "Jo"),
    PlacementTold(AT, "motion-hall", Room.KITCHEN),
    PlacementTold(AT, "motion-hall-2", Room.HALL, "Jo", "motion-hall"),
    DeviceGone(AT, "motion-hall", "Jo"),
    OutcomeTold(AT, "a1", "Jo", Outcome.FALSE),
    OutcomeTold(AT, "a1", "Jo", None),
    HomeSet(AT, small_home()),
    DialSet(AT, 60.0),
    OutcomesForgotten(AT, Kind.INACTIVITY, "Jo"),
)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)
def test_an_entry_survives_its_line(entry: Entry) -> None:
    assert parse_entry(entry_row(entry), where="entries.jsonl:1") == entry


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"received": AT},
        {"received": AT, "entry": "magic"},
        {"received": AT, "entry": "visit", "start": AT, "end": AT - 1},
        {"received": AT, "entry": "visit", "start": AT, "end": None},
        {"received": AT, "entry": "absence", "start": AT, "end": AT - 1},
        {"received": AT, "entry": "absence", "start": AT},
        {"received": AT, "entry": "placement", "device": "m1", "room": "attic"},
        {"received": AT, "entry": "placement", "device": "m1"},
        {"received": AT, "entry": "outcome", "alert": "a1", "outcome": "perhaps"},
        {"received": AT, "entry": "settings", "home": {"id": "X"}},
        {"received": AT, "entry": "settings"},
        {"received": AT, "entry": "settings", "false_pages": 0},
        {"received": AT, "entry": "settings", "false_pages": True},
        {"received": AT, "entry": "settings", "forget_outcomes": "boredom"},
    ],
)
def test_what_is_no_entry_is_told_with_its_place(row: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"^entries.jsonl:7"):
        parse_entry(row, where="entries.jsonl:7")
