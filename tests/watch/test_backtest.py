"""A home's own past under other settings."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from sensor_hub.commands.backtest_table import backtest_lines
from sensor_hub.model.alert import Outcome
from sensor_hub.model.dial import DEFAULT_FALSE_PAGES, FEWEST_FALSE_PAGES, MOST_FALSE_PAGES
from sensor_hub.model.entry import DialSet, Entry
from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import HOUR
from sensor_hub.watch.backtest import LIMITS, Backtest, Trial, backtest, backtest_row
from tests.watch.test_outcomes import ALERT, BACK, HOME, LOG, START, first_alert, outcome, with_entries

SAID = with_entries(outcome(Outcome.TRUE, BACK))


def tried(trial: Trial, log: Sequence[Entry] = SAID) -> Backtest:
    return backtest(HOME, log, trial)


def test_the_same_settings_change_nothing() -> None:
    result = tried(Trial(DEFAULT_FALSE_PAGES, {Kind.INACTIVITY: LIMITS[Kind.INACTIVITY]}))
    assert [(pair.change, pair.outcome) for pair in result.pairs] == [("same", Outcome.TRUE)]
    assert result.pages(after=False) == result.pages(after=True) == 1
    assert 3.0 < result.weeks < 3.3


def test_a_higher_limit_tells_a_true_alert_later_as_a_replay_does() -> None:
    (pair,) = tried(Trial(limits={Kind.INACTIVITY: LIMITS[Kind.INACTIVITY] + 2})).pairs
    assert pair.before is not None
    assert pair.after is not None
    assert pair.before.at == ALERT.at
    assert (pair.change, pair.before.id) == ("later", pair.after.id)
    assert pair.hours == round((pair.after.at - ALERT.at) / HOUR, 2)


def test_a_limit_that_nothing_reaches_leaves_it_to_the_net_or_to_nobody() -> None:
    result = tried(Trial(limits={Kind.INACTIVITY: 40.0}))
    assert [pair.change for pair in result.pairs] == ["gone"]
    assert result.outcomes() == {(Outcome.TRUE, "gone"): 1}
    told = list(backtest_lines(result, HOME.zone))
    assert told[1].split()[0] == "gone"
    assert told[-3] == "0 alerts would be the same; 1 would differ."
    assert told[-2].endswith("before, 0.00 after (1 and 0 in 3.2 weeks).")
    assert told[-1] == "Said to be true: 1 (1 gone)."


@pytest.mark.parametrize("pages", [FEWEST_FALSE_PAGES, MOST_FALSE_PAGES])
def test_a_dial_is_tried_in_the_place_of_those_that_were_set(pages: float) -> None:
    log = with_entries(DialSet(START + 1, 60.0), DialSet(START + HOUR, 90.0))
    would = first_alert(with_entries(DialSet(START + 1, pages)))
    result = tried(Trial(pages), log)
    assert [pair.after.at for pair in result.pairs if pair.after is not None] == ([] if would is None else [would])


def test_an_alert_that_only_the_trial_gives_is_new() -> None:
    result = backtest(HOME, with_entries(DialSet(START + 1, FEWEST_FALSE_PAGES)), Trial(MOST_FALSE_PAGES))
    assert {pair.change for pair in result.pairs} <= {"new", "earlier"}
    assert result.pages(after=True) >= result.pages(after=False)


def test_what_it_says_as_json_is_json() -> None:
    row = json.loads(json.dumps(backtest_row(tried(Trial(FEWEST_FALSE_PAGES)))))
    assert (row["home"], len(row["alerts"])) == (HOME.id, 1)
    assert row["alerts"][0]["outcome"] == "true"
    assert set(row["pages_a_week"]) == {"before", "after"}


def test_a_log_without_outcomes_says_so() -> None:
    assert list(backtest_lines(tried(Trial(DEFAULT_FALSE_PAGES), LOG), HOME.zone))[-1].startswith("Nobody has said")
