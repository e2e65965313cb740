"""Nobody is told that a resident in hospital does not move, and their routine is not unlearned meanwhile."""

from sensor_hub.model.entry import AbsenceTold, Arrival, VisitTold
from sensor_hub.model.home import Absence
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from tests.homes import arrival, by_arrival, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
AWAY = Absence(START + 14 * DAY + 11 * HOUR, START + 18 * DAY + 11 * HOUR)


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
