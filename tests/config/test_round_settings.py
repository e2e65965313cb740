"""`[review]` of hub.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sensor_hub.alerts.round_plan import RoundPlan, Times
from sensor_hub.config.telling_settings import read_plan
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table

PEOPLE = """
[[contact]]
id = "ann"
address = "console://"
receives = ["care"]
[[contact]]
id = "fitter"
address = "console://"
receives = ["technical"]
"""
TEAM = '[[team]]\nid = "office"\nmembers = ["ann"]\n'


def rounds(text: str = "", people: str = PEOPLE) -> RoundPlan:
    return read_plan(Table(tomllib.loads(people + text), "hub.toml"), Path()).rounds


def test_without_words_teams_have_the_review_or_else_who_receives_care() -> None:
    assert rounds() == RoundPlan(Times(8 * 60, frozenset({0})), ("ann",))
    assert rounds(people=PEOPLE + TEAM).reviewers == ("office",)


def test_the_budget_and_the_hour_of_the_digest_are_set() -> None:
    assert rounds().pages_per_home_week == 2
    told = rounds('[budget]\npages_per_home_week = 0\ndigest_at = "11:30"\ntimezone = "Europe/London"\n')
    assert (told.pages_per_home_week, told.digest) == (0, Times(690, zone=ZoneInfo("Europe/London")))
    with pytest.raises(InputError, match=r"\[budget\]"):
        rounds("[budget]\npages_per_home_week = -1\n")


def test_the_day_the_hour_the_clock_and_the_readers_are_set() -> None:
    told = rounds('[review]\nday = "fri"\nat = "16:30"\ntimezone = "Europe/London"\nto = ["fitter"]\n')
    assert told == RoundPlan(Times(990, frozenset({4}), ZoneInfo("Europe/London")), ("fitter",))
    assert rounds("[review]\nto = []\n").reviewers == ()


@pytest.mark.parametrize(
    "text", ['day = "someday"', 'at = "8"', 'timezone = "Nowhere"', 'to = ["zoe"]', 'hour = "08:00"']
)
def test_a_mistake_is_named(text: str) -> None:
    with pytest.raises(InputError, match=r"\[review\]"):
        rounds(f"[review]\n{text}\n")
