"""What is read for the weekly review."""

from __future__ import annotations

from dataclasses import replace

from sensor_hub.alerts.review import Unseen
from sensor_hub.alerts.routing import Reason
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.storage.coverage_board import CARE
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.ports import Closing, CoverageRow
from tests.storage.test_alert_book import RAISED as COLD
from tests.storage.test_alert_book import T

WEEK = (T - DAY, T + 6 * DAY)


def rows(*kinds: Kind, state: str = "blind") -> list[CoverageRow]:
    return [CoverageRow(kind, "", state, "silent") for kind in kinds]


def test_an_alert_is_reviewed_with_its_outcome_and_its_first_answer(stores: SqlStores) -> None:
    stores.alerts.record(COLD)
    stores.alerts.record(replace(COLD, id="a2", home="h2"))
    stores.alerts.record(replace(COLD, id="a3", at=T + 30 * DAY))
    stores.alerts.acknowledge("a1", "ann", T + 60)
    stores.alerts.lapse("a1", T + 3600)
    stores.alerts.close("a1", Closing("bea", Outcome.TRUE), T + 7200)
    stores.alerts.note("a2", T + 900, act="told", who="", reason=Reason.EXHAUSTED.value)
    for home, at in (("h1", T), ("h2", T + 60), ("h3", T), ("h1", T - 30 * DAY)):
        stores.digests.note_page(home, f"{home}{at}", 1, at)
    review = stores.reviews.review({"h1", "h2"}, *WEEK)
    assert (review.pages, review.pages_per_home_week) == (2, 1)
    assert [(each.alert, each.outcome, each.answered_at, each.is_open) for each in review.alerts] == [
        ("a1", Outcome.TRUE, T + 60, False),
        ("a2", None, None, True),
    ]
    assert review.exhausted == ["h2: Cold home"]
    assert [each.alert for each in stores.reviews.review({"h1"}, *WEEK).alerts] == ["a1"], "of these homes alone"


def test_a_home_is_unseen_for_as_long_as_it_was(stores: SqlStores) -> None:
    board = stores.coverage
    board.show("h1", T, rows(*CARE))
    board.show("h1", T + HOUR, rows(*CARE[1:]))
    board.show("h1", T + 2 * HOUR, rows(*CARE, state="learning"))
    board.show("h1", T + 5 * HOUR, rows(*CARE[:1]) + rows(*CARE[1:], state="not fitted"))
    board.show("h1", T + 6 * HOUR, [])
    board.show("h2", T - 30 * DAY, rows(CARE[0]))
    board.show("h3", T, rows(Kind.BATTERY_LOW, Kind.ROUTINE_CHANGE))
    review = stores.reviews.review({"h1", "h2", "h3"}, *WEEK)
    assert review.unseen == [Unseen("h1", 2 * HOUR, HOUR), Unseen("h2", 0, 7 * DAY)]
    assert review.away == 0


def test_a_hub_that_did_not_run_saw_no_home(stores: SqlStores) -> None:
    stores.coverage.note_away(T - 2 * DAY, T)
    review = stores.reviews.review({"h1"}, *WEEK)
    assert (review.away, review.unseen) == (DAY, [])


def test_a_round_is_remembered_by_its_reader_and_time(stores: SqlStores) -> None:
    assert stores.reviews.last("review", "ann") is None
    stores.reviews.keep("review", "ann", T)
    stores.reviews.keep("review", "ann", T)
    stores.reviews.keep("review", "ann", T + 7 * DAY)
    assert stores.reviews.last("review", "ann") == T + 7 * DAY
    assert stores.reviews.last("review", "bea") is None
