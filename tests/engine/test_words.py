"""The engine's words of each kind, as its detector says them: `tests/golden/words` holds them.

SENSOR_HUB_GOLDEN=write renews them. Read the difference as a tired duty officer.
"""

from __future__ import annotations

import math
import os
import re
from itertools import groupby
from pathlib import Path

import pytest

from sensor_hub.engine import words
from sensor_hub.model.alert import AlertState
from sensor_hub.model.kind import HOME_KINDS, Kind
from tests.engine.months import Change, Months
from tests.engine.situations import SITUATIONS, Situation
from tests.engine.test_slow_change import afternoons_in_the_chair, as_usual, chairbound
from tests.homes import changes, small_home

GOLDEN = Path(__file__).parent.parent / "golden" / "words"
SLOW: dict[Kind, Change] = {
    Kind.ACTIVITY_DECLINE: chairbound,
    Kind.ROUTINE_CHANGE: afternoons_in_the_chair,
}
"""Told from days alone: months of them, without the hub."""
LONGEST = 290
JARGON = re.compile(r"surprise|deviation|learned|episode|infection|dementia|dehydrat|!|\b\d:\d\d", re.I)
"""Words that say nothing at night, words of a doctor, and clocks of one figure."""


def told(situation: Situation) -> list[str]:
    home, log = situation.log()
    found = [c for c in changes(home, log) if c.kind is situation.kind and c.state is not AlertState.CLEARED]
    return [f"{situation.name} ({change.urgency}): {change.summary}" for change in found]


def check(kind: Kind, lines: list[str]) -> None:
    path, text = GOLDEN / f"{kind}.txt", "\n".join(lines) + "\n"
    if os.environ.get("SENSOR_HUB_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "situations"),
    [(kind, list(group)) for kind, group in groupby(SITUATIONS, key=lambda situation: situation.kind)],
)
def test_what_a_kind_says(kind: Kind, situations: list[Situation]) -> None:
    lines = []
    for situation in situations:
        found = told(situation)
        assert found, f"{situation.name} is not told"
        lines += found
    check(kind, lines)


@pytest.mark.parametrize("kind", SLOW)
def test_what_a_slow_kind_says(kind: Kind) -> None:
    months = Months(small_home(), [kind]).live(90, as_usual).live(30, SLOW[kind])
    check(kind, [f"after 90 days ({one.finding.urgency}): {one.finding.summary}" for one in months.told])


@pytest.mark.parametrize("kind", HOME_KINDS)
def test_the_words_are_short_and_plain(kind: Kind) -> None:
    for line in (GOLDEN / f"{kind}.txt").read_text(encoding="utf-8").splitlines():
        summary = line.partition("): ")[2]
        assert summary.endswith(".")
        assert len(summary) <= LONGEST, summary
        assert not JARGON.search(summary), summary


@pytest.mark.parametrize(
    ("days", "known", "said"),
    [
        (1.0, math.inf, "about once a day"),
        (10.0, math.inf, "about once in 10 days"),
        (30.0, math.inf, "about once in 4 weeks"),
        (200.0, math.inf, "about once in 7 months"),
        (360.0, math.inf, "about once a year"),
        (1e6, math.inf, "less than once a year"),
        (1e6, 60, "less than once a year"),
        (1e6, 12, "less than once in 4 months"),
        (20.0, 12, "about once in 3 weeks"),
    ],
)
def test_how_rare_is_said_no_surer_than_is_known(days: float, known: float, said: str) -> None:
    assert words.once_in(days, known=known) == said


def test_of_many_sensors_only_some_are_named() -> None:
    assert words.not_heard([]) == ""
    assert words.not_heard(["a"]) == " Not heard now: a."
    assert words.not_heard(["a", "b", "c", "d", "e"]) == " Not heard now: a, b, c and 2 more."
