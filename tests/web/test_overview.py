from sensor_hub.model.kind import Kind
from sensor_hub.web.overview import view_home
from sensor_hub.web.ports import CoverageRow, HomeRow, Sight
from tests.web.builders import NOW, covers, make_home


def _home(*coverage: CoverageRow) -> HomeRow:
    return HomeRow(make_home("oak-2"), list(coverage), NOW, {}, None, [], {})


def test_a_home_is_watched_while_its_weeks_are_still_learned() -> None:
    slow = [CoverageRow(Kind.ACTIVITY_DECLINE, "", sight, "weeks") for sight in (Sight.LEARNING, Sight.BLIND)]
    view = view_home(_home(*covers(), *slow), NOW)
    assert (view.sight, view.gaps) == (Sight.WATCHING, [])
    assert view_home(_home(*covers(Sight.LEARNING, "3 days"), *slow), NOW).sight is Sight.LEARNING
