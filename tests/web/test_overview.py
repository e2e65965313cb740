from dataclasses import replace

from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import HOUR
from sensor_hub.web.overview import overview, view_home
from sensor_hub.web.ports import CoverageRow, Handled, HomeRow, Sight
from tests.web.builders import NOW, covers, make_alert, make_home


def _home(*coverage: CoverageRow) -> HomeRow:
    return HomeRow(make_home("oak-2"), list(coverage), NOW, {}, None, [], {})


def test_a_home_is_watched_while_its_weeks_are_still_learned() -> None:
    slow = [CoverageRow(Kind.ACTIVITY_DECLINE, "", sight, "weeks") for sight in (Sight.LEARNING, Sight.BLIND)]
    view = view_home(_home(*covers(), *slow), NOW)
    assert (view.sight, view.gaps) == (Sight.WATCHING, [])
    assert view_home(_home(*covers(Sight.LEARNING, "3 days"), *slow), NOW).sight is Sight.LEARNING


def test_an_urgent_alert_that_nobody_answered_heads_the_list_until_somebody_takes_it() -> None:
    rows = [
        make_alert(name, "oak-2", Kind.INACTIVITY, Urgency.URGENT, NOW - since * HOUR, "No movement.")
        for name, since in (("older", 3), ("younger", 2))
    ]
    rows[1] = replace(rows[1], exhausted_at=NOW - HOUR)
    urgent = overview(rows, [], NOW, is_ready=True).sections[0].alerts
    assert [(alert.row.id, alert.is_exhausted) for alert in urgent] == [("younger", True), ("older", False)]
    rows[1] = replace(rows[1], handled=Handled.ACKNOWLEDGED)
    urgent = overview(rows, [], NOW, is_ready=True).sections[0].alerts
    assert [(alert.row.id, alert.is_exhausted) for alert in urgent] == [("older", False), ("younger", False)]
