"""The rules of a home alone: what holds, what does not, and what cannot be told; each spell once, in a short text."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import pytest

from gateway.agreed import Agreed, InForce
from gateway.alone import (
    Alone,
    Known,
    Rule,
    Rules,
    Says,
    Told,
    end_spells,
    judge,
    message,
    message_back,
    untold,
)
from gateway.lookout_file import Memory, document_of, memory_in
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from tests.gateway.builders import MONDAY

NOW = MONDAY + DAY
ALL = Rules(cold_below=12, still_hours=14, smoke=True, sos=True)
HUB_AT = NOW - HOUR


def known(*readings: tuple[float, str, Metric, float | str], pets: Collection[str] = ()) -> Known:
    """Moments are hours before now."""
    found = Known()
    for hours, device, metric, value in sorted(readings, reverse=True):
        found.note(Reading(NOW - hours * HOUR, device, metric, value), pets)
    return found


def says(rule: Rule, home: Known, rooms: dict[str, Room] | None = None, *, hub_at: float = HUB_AT) -> Says:
    return {one.rule: one.says for one in judge(ALL, home, rooms or {}, hub_at=hub_at, at=NOW)}[rule]


def reports(device: str, first: float, last: float = 0.0, every: float = 1.0) -> list[tuple[float, str, Metric, float]]:
    """A sensor that says that nothing moves, from `first` hours ago to `last`."""
    return [(last + number * every, device, Metric.MOTION, 0.0) for number in range(int((first - last) / every) + 1)]


@pytest.mark.parametrize("rule", [Rule.SMOKE, Rule.SOS])
@pytest.mark.parametrize(
    ("hours", "expected"),
    [(0.1, Says.HOLDS), (0.99, Says.HOLDS), (1 + 30 / 3600, Says.HOLDS), (1.5, Says.QUIET)],
)
def test_an_alarm_counts_where_the_hub_may_not_have_heard_it(rule: Rule, hours: float, expected: Says) -> None:
    metric = Metric.SMOKE if rule is Rule.SMOKE else Metric.SOS
    assert says(rule, known((hours, "a", metric, 1))) is expected
    assert says(rule, known((hours, "a", metric, 0))) is Says.QUIET


def test_a_button_that_calls_for_help_by_its_actions_name_counts_too() -> None:
    assert says(Rule.SOS, known((0.5, "a", Metric.BUTTON, "emergency"))) is Says.HOLDS
    assert says(Rule.SOS, known((0.5, "a", Metric.BUTTON, "single"))) is not Says.HOLDS


def test_an_alarm_that_has_ended_is_still_told() -> None:
    assert says(Rule.SMOKE, known((0.5, "a", Metric.SMOKE, 1), (0.4, "a", Metric.SMOKE, 0))) is Says.HOLDS


@pytest.mark.parametrize(
    ("home", "rooms", "expected"),
    [
        ([], {}, Says.CANNOT_TELL),
        ([(3, "a", Metric.TEMPERATURE, 5)], {}, Says.CANNOT_TELL),
        ([(1, "a", Metric.TEMPERATURE, 5)], {}, Says.HOLDS),
        ([(1, "a", Metric.TEMPERATURE, 5)], {"a": Room.OUTDOOR}, Says.CANNOT_TELL),
        ([(1, "fridge", Metric.TEMPERATURE, 4), (1, "b", Metric.TEMPERATURE, 19)], {}, Says.QUIET),
        ([(1, "fridge", Metric.TEMPERATURE, 4), (3, "b", Metric.TEMPERATURE, 19)], {"b": Room.HALL}, Says.CANNOT_TELL),
        ([(1, "a", Metric.TEMPERATURE, 11.9)], {"a": Room.HALL}, Says.HOLDS),
        ([(1, "a", Metric.TEMPERATURE, 12.5)], {"a": Room.HALL}, Says.NEITHER),
        ([(1, "a", Metric.TEMPERATURE, 13)], {"a": Room.HALL}, Says.QUIET),
        ([(2, "a", Metric.TEMPERATURE, 19), (1, "a", Metric.TEMPERATURE, 9)], {}, Says.HOLDS),
    ],
)
def test_cold_is_the_warmest_room_that_was_heard_lately(home: list, rooms: dict[str, Room], expected: Says) -> None:
    assert says(Rule.COLD, known(*home), rooms) is expected


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        ([], Says.CANNOT_TELL),
        ([*reports("a", 20)], Says.HOLDS),
        ([*reports("a", 20), (15, "a", Metric.MOTION, 1)], Says.HOLDS),
        ([*reports("a", 20), (13, "a", Metric.MOTION, 1)], Says.QUIET),
        ([*reports("a", 20), (1, "door", Metric.CONTACT, 1)], Says.QUIET),
        # Silence of a sensor, in whatever way, is never stillness.
        ([(15, "a", Metric.MOTION, 1)], Says.CANNOT_TELL),
        ([*reports("a", 20, 4)], Says.CANNOT_TELL),
        ([*reports("a", 13)], Says.CANNOT_TELL),
        ([*reports("a", 20), *reports("b", 20, 4)], Says.CANNOT_TELL),
        ([*reports("a", 20, 10), *reports("a", 6)], Says.CANNOT_TELL),
        ([*reports("a", 20), (15, "door", Metric.CONTACT, 1)], Says.HOLDS),
        # Any sign of life of the device will do, and one that has been gone for a week is not asked.
        ([*reports("a", 20, 16), *[(n, "a", Metric.BATTERY, 80) for n in range(16)]], Says.HOLDS),
        ([*reports("a", 20), (8 * 24, "gone", Metric.MOTION, 1)], Says.HOLDS),
        ([(n, "a", Metric.TEMPERATURE, 20) for n in range(20)], Says.CANNOT_TELL),
    ],
)
def test_stillness_needs_sensors_that_were_heard_all_the_time(home: list, expected: Says) -> None:
    assert says(Rule.STILL, known(*home)) is expected


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([(2, "cat")], Says.HOLDS),
        ([(2, "cat"), (1, "cat")], Says.HOLDS),
        ([(2, "cat"), (2 - 2 / 3600, "cat")], Says.HOLDS),
        # Two together, or one beside another sign, may be the resident's.
        ([(2, "cat"), (2 - 0.05, "cat")], Says.QUIET),
        ([(2, "door"), (2 - 0.05, "cat")], Says.QUIET),
        ([(2, "a")], Says.QUIET),
    ],
)
def test_a_lone_movement_where_a_pet_is_is_no_sign_of_the_resident(
    moves: list[tuple[float, str]], expected: Says
) -> None:
    signs = [(hours, device, Metric.MOTION, 1.0) for hours, device in moves]
    home = known(*reports("a", 20), *reports("cat", 20), *signs, pets={"cat"})
    assert says(Rule.STILL, home) is expected
    if expected is Says.HOLDS:
        (told,) = judge(Rules(still_hours=14), home, {}, hub_at=HUB_AT, at=NOW)
        assert told.reason == "No movement but a pet's for 14 h: unwell, or nobody in."


def test_the_pets_of_the_settings_are_answered_kept_and_taken_out(tmp_path: Path) -> None:
    applied: list[Agreed] = []
    settings = InForce(tmp_path / "settings.json", applied.append)
    settings.take(b'{"version": 1, "pets": ["0x1"]}')
    InForce(tmp_path / "settings.json", applied.append).start()
    assert [one.pets for one in applied] == [{"0x1"}, {"0x1"}]
    assert settings.answer() == {"version": 1, "refused": {}, "pets": ["0x1"]}
    settings.take(b'{"version": 2}')
    assert settings.answer() == {"version": 2, "refused": {}}
    settings.take(b'{"version": 3, "pets": ["?"]}')
    assert settings.answer() == {"version": 3, "refused": {"pets": "not a list of devices"}}


def test_only_rules_that_were_sent_are_applied() -> None:
    home = known((0.1, "a", Metric.SMOKE, 1), *reports("a", 20))
    assert judge(Rules(), home, {}, hub_at=HUB_AT, at=NOW) == []
    assert [one.rule for one in judge(Rules(smoke=True), home, {}, hub_at=HUB_AT, at=NOW)] == [Rule.SMOKE]


def test_each_spell_is_told_once() -> None:
    home = known((0.9, "a", Metric.SMOKE, 1), (0.1, "b", Metric.TEMPERATURE, 5))

    def verdicts() -> list:
        return judge(ALL, home, {}, hub_at=HUB_AT, at=NOW)

    first = untold([], verdicts())
    assert [one.rule for one in first] == [Rule.SMOKE, Rule.COLD]
    told = [Told(one.rule, one.since, one.reason, NOW) for one in first]
    home.note(Reading(NOW - 30 * MINUTE, "a", Metric.SMOKE, 1))
    assert untold(told, verdicts()) == [], "within half an hour: the same alarm"
    home.note(Reading(NOW, "c", Metric.SMOKE, 1))
    assert [one.rule for one in untold(told, verdicts())] == [], "half an hour after the last sign"
    home.note(Reading(NOW + 31 * MINUTE, "c", Metric.SMOKE, 1))
    assert [one.rule for one in untold(told, verdicts())] == [Rule.SMOKE], "another one"
    home.note(Reading(NOW, "b", Metric.TEMPERATURE, 13.5))
    told = end_spells(told, verdicts())
    home.note(Reading(NOW, "b", Metric.TEMPERATURE, 11))
    assert Rule.COLD in [one.rule for one in untold(told, verdicts())], "warm in between"


def test_texts_are_short_plain_and_say_why() -> None:
    home = known((0.9, "a", Metric.SMOKE, 1), (0.9, "a", Metric.SOS, 1), (0.1, "b", Metric.TEMPERATURE, -12.5))
    home.note(Reading(NOW - 6 * DAY, "m", Metric.MOTION, 1))
    for hours in range(6 * 24 + 1):
        home.note(Reading(NOW - (6 * 24 - hours) * HOUR, "m", Metric.MOTION, 0))
    verdicts = judge(ALL, home, {}, hub_at=HUB_AT, at=NOW)
    texts = [message(one, 90 * DAY, "SIMULATED " + "A" * 20) for one in verdicts]
    told = [Told(one.rule, one.since, text, NOW) for one, text in zip(verdicts, texts, strict=True)]
    texts.append(message_back(told, 90 * DAY, "SIMULATED " + "A" * 20))
    assert len(texts) == 5
    assert all(len(text) <= 160 and text.isascii() and not set(text) & set("[]{}\\^~|`") for text in texts), texts
    assert message(verdicts[0], 35 * MINUTE, "A17") == (
        "A17 URGENT. Smoke alarm at 06 Jan 08:29 UTC. Told by the home's gateway: no hub for 35 min."
    )
    assert message(verdicts[3], 3 * HOUR, "") == (
        "URGENT. No movement for 144 h: unwell, or nobody in. Told by the home's gateway: no hub for 3 h."
    )
    assert texts[4].endswith("Told meanwhile: smoke, sos, cold, still.")


def test_what_is_known_and_told_outlives_a_restart_and_damage_costs_only_itself() -> None:
    home = known((0.9, "a", Metric.SMOKE, 1), (0.1, "b", Metric.TEMPERATURE, 5), *reports("m", 20))
    told = [Told(Rule.SMOKE, NOW, "text", NOW), Told(None, NOW, "back", None, is_over=True)]
    home.pet_at = NOW
    memory = Memory(home, told, HUB_AT, NOW)
    document = json.loads(json.dumps(document_of(memory)))
    assert memory_in(document) == memory
    for key in document:
        assert isinstance(memory_in(document | {key: [["x"]]}), Memory)
    assert memory_in({}) == Memory()


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"after_minutes": 0, "rules": {}},
        {"after_minutes": True, "rules": {}},
        {"after_minutes": 30, "rules": []},
        {"after_minutes": 30, "rules": {"flood": True}},
        {"after_minutes": 30, "rules": {"smoke": 1}},
        {"after_minutes": 30, "rules": {"cold_below": "12"}},
        {"after_minutes": 30, "rules": {"still_hours": 0}},
        {"after_minutes": 30, "rules": {}, "more": 1},
    ],
)
def test_rules_that_make_no_sense_are_refused(tmp_path: Path, value: object) -> None:
    applied = []
    settings = InForce(tmp_path / "settings.json", applied.append)
    settings.take(json.dumps({"version": 1, "alone": value}).encode())
    assert (applied[0].alone, list(applied[0].refused)) == (None, ["alone"])


def test_rules_are_kept_and_refused_where_there_is_no_way_out(tmp_path: Path) -> None:
    applied = []
    said = {"version": 1, "alone": {"after_minutes": 30, "rules": {"cold_below": 12, "smoke": True}}}
    InForce(tmp_path / "settings.json", applied.append).take(json.dumps(said).encode())
    InForce(tmp_path / "settings.json", applied.append).start()
    assert applied[0].alone == applied[1].alone == Alone(30, Rules(cold_below=12, smoke=True))
    InForce(tmp_path / "settings.json", applied.append, {"alone": "no way"}).start()
    assert (applied[2].alone, applied[2].refused) == (None, {"alone": "no way"})
