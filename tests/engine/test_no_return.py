"""Out for longer or later than ever before: what is told, and where nothing can be said."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import pytest

from sensor_hub.engine.detectors.no_return import longest_usual
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.entry import AbsenceTold, Arrival, Entry
from sensor_hub.model.finding import Blind, Finding, Learning
from sensor_hub.model.home import Absence
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, by_arrival, moment, small_home, whole_log

START = moment("2026-01-05 00:00")
HOME = small_home()
Told = tuple[list[AlertChange], list[Finding]]


@lru_cache
def _learned(days: int) -> bytes:
    """The watch of a home after so many days, on each of which the resident was out from 10 for one to two hours."""
    watch = HomeWatch.begin(HOME)
    for entry in _days(0, days, [(10.02, 11.02 + day % 5 / 4) for day in range(days)]):
        watch.feed(entry)
    return watch.snapshot()


def _days(first: int, last: int, outings: list[tuple[float, float]]) -> list[Arrival]:
    """The days from `first` to before `last`; out on each from one hour of the day to another, past 24 the next day."""
    stays = [
        (START + (first + n) * DAY + a * HOUR, START + (first + n) * DAY + b * HOUR) for n, (a, b) in enumerate(outings)
    ]
    log = [
        one
        for one in whole_log(HOME, START + first * DAY, START + last * DAY)
        if one.reading.metric is not Metric.MOTION or not any(a <= one.reading.at < b for a, b in stays)
    ]
    doors = [arrival(at, "front-door", Metric.CONTACT) for stay in stays for at in stay]
    halls = [arrival(at, "motion-hall", Metric.MOTION) for a, b in stays for at in (a - MINUTE, b + MINUTE)]
    return by_arrival([*log, *doors, *halls])


def _after(days: int, *, out: tuple[float, float], before: Sequence[Entry] = (), door_dies: float = 99.0) -> Told:
    """What is told of an outing after so many days, and what the watch says in the end, 30 hours later."""
    watch, dies = HomeWatch.restore(_learned(days)), START + days * DAY + door_dies * HOUR
    told = [change for entry in before for change in watch.feed(entry)]
    for entry in _days(days, days + 2, [out]):
        if entry.received < START + (days + 1.25) * DAY and (
            entry.reading.device != "front-door" or entry.received < dies
        ):
            told += watch.feed(entry)
    findings = [one for one in watch.findings or [] if one.kind is Kind.NO_RETURN]
    return [c for c in told if c.kind is Kind.NO_RETURN], findings


@pytest.mark.parametrize(("days", "urgency"), [(25, Urgency.NOTICE), (52, Urgency.SOON)])
def test_longer_than_ever_is_told_and_ends_with_the_return(days: int, urgency: Urgency) -> None:
    told, _ = _after(days, out=(10.0, 19.0))

    left = START + days * DAY + 10 * HOUR
    assert [(c.state, c.urgency) for c in told] == [(AlertState.RAISED, urgency), (AlertState.CLEARED, urgency)]
    assert told[0].since == left
    assert 3 * HOUR <= told[0].at - left <= 6 * HOUR
    assert 9 * HOUR <= told[1].at - left <= 9 * HOUR + 10 * MINUTE
    assert f"Of {days} outings half lasted less than 1 h 30 min, the longest 2 h" in told[0].summary


def test_not_back_at_ten_in_the_evening_is_told_where_that_is_rare() -> None:
    told, _ = _after(52, out=(20.5, 33.0))
    assert [(c.state, c.urgency) for c in told] == [
        (AlertState.RAISED, Urgency.NOTICE),
        (AlertState.UPDATED, Urgency.SOON),
    ]
    assert 0 <= told[0].at - (START + 52 * DAY + 22 * HOUR) <= 10 * MINUTE
    assert 0 <= told[1].at - (START + 53 * DAY) <= 10 * MINUTE
    assert "Out at 22:00 on 0 of 52 evenings before" in told[0].summary


def test_what_is_only_odd_is_for_today_once_it_is_late() -> None:
    told, _ = _after(40, out=(12.5, 33.0))
    assert [(c.state, c.urgency) for c in told] == [
        (AlertState.RAISED, Urgency.NOTICE),
        (AlertState.UPDATED, Urgency.SOON),
    ]
    assert 0 <= told[1].at - (START + 41 * DAY) <= 10 * MINUTE


def test_an_ordinary_outing_is_not_told() -> None:
    assert _after(52, out=(12.5, 15.0)) == ([], [])


def test_too_little_is_known_in_the_first_weeks() -> None:
    told, (finding,) = _after(12, out=(10.0, 33.0))
    assert told == []
    assert isinstance(finding, Learning)
    assert finding.reason.startswith("12 of 20 outings and 13 of 33 evenings learned")


def test_it_is_blind_without_the_door_and_in_an_absence() -> None:
    told, (finding,) = _after(52, out=(10.0, 33.0), door_dies=10.1)
    assert told == []
    assert isinstance(finding, Blind)
    assert "front-door not heard" in finding.reason
    last = START + 52 * DAY
    told, (finding,) = _after(52, out=(10.0, 33.0), before=[AbsenceTold(last, Absence(last, last + 40 * HOUR))])
    assert told == []
    assert finding == Blind(Kind.NO_RETURN, "", "away as planned")


def test_the_limit_follows_the_outings_that_were_learned() -> None:
    assert longest_usual([HOUR] * 20) == 3 * HOUR
    assert longest_usual([HOUR] * 19 + [8 * HOUR]) == 10 * HOUR
    assert longest_usual([HOUR, 2 * HOUR] * 10) > 4 * HOUR
