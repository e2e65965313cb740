"""Nobody is told that a resident in hospital does not move, and their routine is not unlearned meanwhile."""

from sensor_hub.model.entry import AbsenceTold, Arrival, HomeSet, VisitTold
from sensor_hub.model.finding import Blind, Learning
from sensor_hub.model.home import Absence
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.stay import OPEN
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, by_arrival, changes, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
AWAY = Absence(START + 14 * DAY + 11 * HOUR, START + 18 * DAY + 11 * HOUR)


def _said(log: list[Arrival], kind: Kind, at: float) -> str:
    """Why nothing of this kind is told at `at`, as the home's page shows it."""
    watch = HomeWatch.begin(small_home(absences=(AWAY,)))
    for entry in log:
        if entry.received <= at:
            watch.feed(entry)
    watch.tick_past(at)
    reasons = [f.reason for f in watch.findings or () if f.kind is kind and isinstance(f, Blind | Learning)]
    return reasons[0] if reasons else ""


def _about(start: float, end: float) -> list[Arrival]:
    """Somebody moves from room to room every ten minutes."""
    rooms, count = ("kitchen", "living", "bathroom"), int((end - start) / (10 * MINUTE))
    return [arrival(start + n * 10 * MINUTE, f"motion-{rooms[n % 3]}", Metric.MOTION) for n in range(count)]


def _door(at: float) -> Arrival:
    return arrival(at, "front-door", Metric.CONTACT)


def _log(end: float) -> list[Arrival]:
    return [
        one
        for one in whole_log(small_home(), START, end)
        if one.reading.metric != "motion" or not AWAY.start <= one.reading.at < AWAY.end
    ]


def test_a_planned_absence_is_quiet_and_the_home_is_watched_again_after_it() -> None:
    home, fall = small_home(absences=(AWAY,)), START + 20 * DAY + 10 * HOUR
    log = [one for one in _log(fall + 8 * HOUR) if one.reading.metric != "motion" or one.reading.at < fall]

    alerts = raised(home, log)

    assert [alert.kind for alert in alerts] == [Kind.INACTIVITY]
    assert 2.5 * HOUR <= alerts[0].at - fall <= 5 * HOUR


def test_an_absence_told_on_the_day_counts_from_then() -> None:
    told = AbsenceTold(AWAY.start + 600, Absence(AWAY.start, AWAY.end, received=AWAY.start + 600))

    assert raised(small_home(), by_arrival([*_log(START + 20 * DAY), told])) == []


def test_who_was_away_until_somebody_says_otherwise_is_watched_from_the_word_on() -> None:
    """Home from hospital, said the daughter who drove; nobody has moved inside since."""
    gone = AbsenceTold(AWAY.start + 600, Absence(AWAY.start, OPEN, received=AWAY.start + 600), "Jo")
    word = AWAY.end + HOUR
    back = AbsenceTold(word, Absence(AWAY.start, word - 600, received=word), "Ana")
    log = [one for one in _log(AWAY.end + 12 * HOUR) if one.reading.metric != "motion" or one.reading.at < AWAY.end]

    assert raised(small_home(), by_arrival([*log, gone])) == []
    (told,) = raised(small_home(), by_arrival([*log, gone, back]))
    assert told.kind is Kind.INACTIVITY
    assert 2.5 * HOUR <= told.at - word <= 5 * HOUR


def test_an_absence_nobody_told_of_is_told_as_stillness() -> None:
    kinds = [alert.kind for alert in raised(small_home(), _log(START + 20 * DAY))]

    assert kinds[0] is Kind.INACTIVITY


def test_a_visit_that_people_told_of_is_not_learned_and_not_told() -> None:
    """Somebody stays for two nights and uses the bathroom all the time."""
    home, came, left = small_home(), START + 14 * DAY + 9 * HOUR, START + 16 * DAY + 20 * HOUR
    guests = [arrival(came + n * 1200, "motion-bathroom", Metric.MOTION) for n in range(int((left - came) / 1200))]
    log = [*whole_log(home, START, START + 18 * DAY), *guests]

    assert Kind.TOILETING_INCREASE in {alert.kind for alert in raised(home, by_arrival(log))}
    assert raised(home, by_arrival([*log, VisitTold(came, came, left)])) == []


def test_an_absence_that_was_forgotten_ends_when_somebody_lives_there() -> None:
    """The stay was put off: the resident is at home on the second day, and falls at noon."""
    home, up, fall = small_home(absences=(AWAY,)), AWAY.start + 20 * HOUR, AWAY.start + 25 * HOUR
    log = by_arrival([*_log(fall + 9 * HOUR), *_about(up, fall)])

    told = [alert for alert in raised(home, log) if alert.kind is Kind.INACTIVITY]

    assert len(told) == 1
    assert 2.5 * HOUR <= told[0].at - fall <= 8 * HOUR
    assert "Told to be away until Fri 23 Jan 11:00 as planned, but somebody has moved about" in told[0].summary
    assert _said(log, Kind.INACTIVITY, up + HOUR).endswith("11:00 as planned")
    assert _said(log, Kind.INACTIVITY, up + 3 * HOUR).endswith("inside since 07:00: watched as at home")


def test_a_cleaner_in_an_absence_ends_nothing() -> None:
    came = AWAY.start + 26 * HOUR
    log = by_arrival([*_log(AWAY.end), _door(came), *_about(came, came + 40 * MINUTE), _door(came + 41 * MINUTE)])

    assert raised(small_home(absences=(AWAY,)), log) == []
    assert _said(log, Kind.INACTIVITY, came + 3 * HOUR).endswith("11:00 as planned")


def test_an_absence_holds_again_when_whoever_moved_has_gone_out() -> None:
    """The resident leaves three hours later than planned, or a daughter clears up for an afternoon."""
    gone = AWAY.start + 3 * HOUR
    log = by_arrival([*_log(AWAY.end), *_about(AWAY.start, gone), _door(gone)])

    assert "watched as at home" in _said(log, Kind.INACTIVITY, gone)
    assert _said(log, Kind.INACTIVITY, gone + HOUR).endswith("11:00 as planned")
    assert raised(small_home(absences=(AWAY,)), log) == []


def test_a_long_absence_asks_to_be_confirmed_until_somebody_says_so_again() -> None:
    long = Absence(START + 2 * DAY, START + 40 * DAY)
    watch = HomeWatch.begin(small_home(absences=(long,)))

    def said(at: float) -> str:
        watch.tick_past(at)
        return next(f.reason for f in watch.findings or () if f.kind is Kind.COLD and isinstance(f, Blind))

    watch.tick_past(START)
    assert "confirm" not in said(START + 15.9 * DAY)
    assert said(START + 16.1 * DAY).endswith("nothing was said of it for 14 days: please confirm that it still holds")
    watch.feed(AbsenceTold(START + 17 * DAY, Absence(long.start, long.end, received=START + 17 * DAY)))
    assert "confirm" not in said(START + 17.1 * DAY)


def test_word_of_a_visit_takes_no_alert_back_and_the_visitor_who_moves_does() -> None:
    """Who is said to be there may not have come: only somebody who moves ends a silence."""
    fall = START + 15 * DAY + 10 * HOUR
    log = [
        one
        for one in whole_log(small_home(), START, fall + 12 * HOUR)
        if one.reading.metric != "motion" or one.reading.at < fall
    ]
    told = [change for change in changes(small_home(), log) if change.kind is Kind.INACTIVITY]
    come = told[0].at + HOUR
    visit = VisitTold(told[0].at + 60.0, told[0].at, come + 2 * HOUR)

    assert [c for c in changes(small_home(), by_arrival([*log, visit])) if c.kind is Kind.INACTIVITY] == told
    expected = VisitTold(fall - HOUR, fall, fall + 8 * HOUR)
    assert [c for c in changes(small_home(), by_arrival([*log, expected])) if c.kind is Kind.INACTIVITY] == told
    seen = changes(small_home(), by_arrival([*log, visit, _door(come), *_about(come + 60, come + HOUR)]))
    assert [change.state.value for change in seen if change.kind is Kind.INACTIVITY][:2] == ["raised", "cleared"]


def test_an_absence_long_over_does_not_come_back_when_the_hub_starts_again_or_the_home_is_described_anew() -> None:
    """It would hold until the first movement after the start, and take the weeks since for days away."""
    home = small_home(absences=(Absence(START + DAY, START + 2 * DAY),))
    noon = START + 19 * DAY + 12 * HOUR
    watch = HomeWatch.begin(home)
    for entry in whole_log(home, START, noon):
        watch.feed(entry)
    again = HomeWatch.restore(watch.snapshot())
    again.feed(HomeSet(noon + MINUTE, home))
    for entry in whole_log(home, noon + 2 * MINUTE, noon + 2 * HOUR):
        again.feed(entry)
    assert again.engine.view.absence_at(noon) is None
    assert again.engine.state.absences == []
