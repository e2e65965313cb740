from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.routing import Before
from sensor_hub.model.alert import AlertChange, AlertState, Outcome
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.ports import Closing, Recorded, Taken

T = 1_767_605_000.0
RAISED = AlertChange(
    id="a1",
    number=1,
    home="h1",
    kind=Kind.COLD,
    subject="bedroom",
    urgency=Urgency.SOON,
    state=AlertState.RAISED,
    at=T,
    since=T - 7200,
    summary="The bedroom is at 15 °C.",
    evidence={"temperature_c": 15.2, "room": "bedroom"},
)
UPDATED = replace(RAISED, number=2, urgency=Urgency.URGENT, state=AlertState.UPDATED, at=T + 600, summary="Colder.")
CLEARED = replace(RAISED, number=3, state=AlertState.CLEARED, at=T + 900, summary="It ended.", evidence={})
RAISED_AGAIN = replace(RAISED, number=4, at=T + 1200)


def handled(stores: SqlStores) -> tuple[str, str | None]:
    row = stores.registry.alert("a1")
    assert row is not None
    return row.handled, row.closed_by


def test_a_change_made_again_is_nothing(stores: SqlStores) -> None:
    assert stores.alerts.record(RAISED) == Recorded(Before(None))
    assert stores.alerts.record(UPDATED) == Recorded(Before(Urgency.SOON))
    assert stores.alerts.record(RAISED) is None
    assert list(stores.alerts.changes_of_home("h1")) == [RAISED, UPDATED]
    row = stores.registry.alert("a1")
    assert row is not None
    assert (row.urgency, row.summary) == ("urgent", "Colder.")


def test_an_alert_that_nobody_took_closes_when_its_condition_ends(stores: SqlStores) -> None:
    for change in (RAISED, CLEARED):
        stores.alerts.record(change)
    assert handled(stores) == ("closed", None)
    assert stores.alerts.acknowledge("a1", "Ann", T + 1000) is Taken.TAKEN
    row = stores.registry.alert("a1")
    assert row is not None
    assert row.summary == RAISED.summary


def test_an_alert_that_somebody_took_stays_theirs_when_its_condition_ends(stores: SqlStores) -> None:
    stores.alerts.record(RAISED)
    assert stores.alerts.acknowledge("a1", "Ann", T + 10) is Taken.DONE
    stores.alerts.record(CLEARED)
    assert handled(stores) == ("acknowledged", None)


@pytest.mark.parametrize(("kind", "handled"), [(Kind.COLD, "closed"), (Kind.SMOKE, "open")])
def test_what_its_owner_gives_back_after_it_ended_is_closed_unless_somebody_has_to_look(
    stores: SqlStores, kind: Kind, handled: str
) -> None:
    for change in (RAISED, CLEARED):
        stores.alerts.record(replace(change, kind=kind))
        stores.alerts.acknowledge("a1", "Ann", T + 60)
    stores.alerts.lapse("a1", T + 1000)
    row = stores.registry.alert("a1")
    assert row is not None
    assert row.handled == handled
    assert (row.closed_ms is not None) == (handled == "closed")


def test_of_two_people_one_is_first(stores: SqlStores) -> None:
    stores.alerts.record(RAISED)
    assert stores.alerts.acknowledge("a1", "Ann", T + 10) is Taken.DONE
    assert stores.alerts.acknowledge("a1", "Bob", T + 11) is Taken.TAKEN
    assert stores.alerts.close("a1", Closing("Ann", Outcome.TRUE, "boiler"), T + 12) is Taken.DONE
    assert stores.alerts.close("a1", Closing("Bob", Outcome.FALSE), T + 13) is Taken.TAKEN
    row = stores.registry.alert("a1")
    assert row is not None
    assert (row.acknowledged_by, row.closed_by, row.outcome, row.note) == ("Ann", "Ann", "true", "boiler")


def test_an_alert_that_closed_by_itself_takes_its_first_outcome(stores: SqlStores) -> None:
    for change in (RAISED, CLEARED):
        stores.alerts.record(change)
    assert stores.alerts.close("a1", Closing("Ann", Outcome.FALSE), T + 1000) is Taken.DONE
    assert stores.alerts.close("a1", Closing("Bob", Outcome.TRUE), T + 1001) is Taken.TAKEN


def test_an_alert_raised_again_after_it_closed_is_open_again(stores: SqlStores) -> None:
    for change in (RAISED, CLEARED):
        stores.alerts.record(change)
    stores.alerts.close("a1", Closing("Ann", Outcome.FALSE), T + 1000)
    assert stores.alerts.record(RAISED_AGAIN) == Recorded(Before(None))
    assert handled(stores) == ("open", None)


def test_an_alert_nobody_knows(stores: SqlStores) -> None:
    assert stores.alerts.acknowledge("a9", "Ann", T) is Taken.UNKNOWN
    assert stores.alerts.close("a9", Closing("Ann", Outcome.TRUE), T) is Taken.UNKNOWN
    assert stores.alerts.home_of("a9") is None


def test_a_change_and_its_notices_are_one(stores: SqlStores) -> None:
    def record_and_fail() -> None:
        with stores.database.transaction():
            stores.alerts.record(RAISED)
            stores.alerts.add_notice(Notice("ref", "a1", "team", Urgency.SOON, "title", "body"), T, T)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        record_and_fail()
    assert list(stores.alerts.changes_of_home("h1")) == []
    assert stores.outbox.due("team", T + 1) == []


def test_pages_of_closed_alerts_follow_each_other(stores: SqlStores) -> None:
    for number in range(7):
        for change in (RAISED, CLEARED):
            stores.alerts.record(replace(change, id=f"a{number}", at=change.at + number // 2))
    seen: list[str] = []
    after: tuple[float, str] | None = None
    while page := list(stores.registry.closed_alerts(3, after)):
        seen += [row.id for row in page]
        assert page[-1].closed_ms is not None
        after = (page[-1].closed_ms / 1000, page[-1].id)
    assert seen == ["a6", "a5", "a4", "a3", "a2", "a1", "a0"]
