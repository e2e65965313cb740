"""The home's budget of interruptions, through the worker and its stores: what is over it is in the daily digest."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import Policy
from sensor_hub.alerts.round_plan import RoundPlan, Times
from sensor_hub.dispatch.courier import deliver_due
from sensor_hub.model.alert import AlertChange, AlertState, Outcome
from sensor_hub.model.home import Home
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.watch.items import Acknowledge, Close
from sensor_hub.watch.ports import Closing
from tests.alerts.plans import plan, rota, steps
from tests.homes import moment
from tests.storage.stores import rows
from tests.storage.test_alert_book import RAISED
from tests.watch.test_worker import Rig

BARE = Home("bare", "Europe/London")
"""Nothing in it tells anything, and so nothing of it is found."""
MONDAY = moment("2026-01-05 09:00")
CARE = rota(("ann", "08:00", "14:00"), ("bea", "14:00", "08:00"), name="care")
PLAN = plan(Policy("care", steps("care", "cid", wait=HOUR)), rotas=(CARE,))
OVER = "not urgent, and over the home's budget of the week: it is told in the daily digest (2 this week, at most 2)"


def alert(number: int, kind: Kind = Kind.COLD, urgency: Urgency = Urgency.SOON) -> AlertChange:
    return replace(RAISED, id=f"a{number}", home=BARE.id, kind=kind, urgency=urgency, subject=str(number))


@dataclass
class Week(Rig):
    """A hub in which alerts are raised by hand."""

    where: Path | str
    plan: Plan = field(default_factory=lambda: PLAN)
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    """To whom, about which alert (none: a round), and the title."""

    def __post_init__(self) -> None:
        super().__init__(self.where, [BARE], MONDAY, self.plan)

    def raise_(self, *changes: AlertChange) -> None:
        self.worker.watches._record([replace(each, at=self.time.at, since=self.time.at) for each in changes])
        self.goes_on(self.time.at + 15 * MINUTE)

    def goes_on(self, to: float) -> None:
        while self.time.at < to:
            self.time.at = min(to, self.time.at + 15 * MINUTE)
            self.worker.tick()
            for contact in self.plan.contacts:
                deliver_due(self.stores.outbox, self, contact, self.time)

    def send(self, notice: Notice, contact: Contact) -> None:
        self.sent.append((contact.id, notice.alert, notice.title.partition(" (ref")[0]))

    def told(self, alert: str) -> list[tuple[str, str]]:
        return [(who, reason) for _, who, reason, _ in self.stores.registry.decisions(alert)]

    def digests(self) -> list[tuple[str, str]]:
        return [(who, title) for who, _, title in self.sent if title.startswith("Daily digest")]


@pytest.fixture
def week(where: Path | str) -> Iterator[Week]:
    week = Week(where)
    yield week
    week.stores.database.close()


def paged(week: Week) -> set[str]:
    """The alerts that people were told of by themselves or with others of the home."""
    # The home's own silence is an alert, too.
    select = "SELECT alert FROM notice WHERE alert LIKE 'a_' AND state = 'delivered'"
    return {alert for (alert,) in rows(week.stores, select)}


def test_what_is_over_the_budget_is_told_in_the_digest_to_who_is_on_call_then(week: Week) -> None:
    week.raise_(alert(1), alert(2), alert(3))
    assert paged(week) == {"a1", "a2"}
    assert week.told("a3")[-1] == ("", OVER)
    week.goes_on(moment("2026-01-05 14:55"))
    assert (week.digests(), "a3" in paged(week)) == ([], False)
    week.goes_on(moment("2026-01-06 14:55"))
    assert week.digests() == [("bea", "Daily digest: 1 alert")]
    assert ("bea", "told in the daily digest") in week.told("a3")
    assert "a3" not in paged(week), "nobody is called after it"
    week.goes_on(moment("2026-01-08 14:55"))
    assert len(week.digests()) == 1, "a digest comes when there is something new in it"


def test_the_next_digest_has_what_nobody_took_of_the_last(week: Week) -> None:
    week.raise_(*(alert(number) for number in range(1, 5)))
    week.goes_on(moment("2026-01-05 16:00"))
    week.take(Acknowledge("a3", "bea"))
    week.raise_(alert(5))
    week.goes_on(moment("2026-01-06 16:00"))
    assert [title for _, title in week.digests()] == ["Daily digest: 2 alerts", "Daily digest: 1 alert"]
    select = "SELECT body FROM notice WHERE title LIKE 'Daily digest%' ORDER BY made_ms"
    assert "From earlier digests: 1 for today." in rows(week.stores, select)[1][0]


def test_what_ended_or_was_closed_before_the_digest_is_not_in_it(week: Week) -> None:
    week.raise_(*(alert(number) for number in range(1, 5)))
    week.worker.watches._record([replace(alert(3), number=2, state=AlertState.CLEARED, at=week.time.at)])
    week.take(Close("a4", Closing("bea", Outcome.FALSE)))
    week.goes_on(moment("2026-01-06 16:00"))
    assert week.digests() == []


def test_a_new_week_has_a_new_budget(week: Week) -> None:
    week.raise_(alert(1), alert(2))
    week.goes_on(moment("2026-01-11 23:30"))
    week.raise_(alert(3))
    assert "a3" not in paged(week)
    week.goes_on(moment("2026-01-12 00:05"))
    week.raise_(alert(4))
    assert "a4" in paged(week)


def test_the_urgent_is_never_held_back_nor_what_is_worth_nothing_tomorrow(week: Week) -> None:
    week.raise_(alert(1), alert(2))
    week.raise_(alert(3, Kind.INACTIVITY, Urgency.URGENT), alert(4, Kind.NO_RETURN), alert(5, Kind.GATEWAY_SILENT))
    week.goes_on(week.time.at + 30 * MINUTE)
    assert {"a3", "a4", "a5"} <= paged(week)


def test_one_that_becomes_urgent_is_told_at_once(week: Week) -> None:
    week.raise_(alert(1), alert(2), alert(3))
    worse = replace(alert(3), number=2, state=AlertState.UPDATED, urgency=Urgency.URGENT)
    week.raise_(worse)
    assert "a3" in paged(week)


def test_further_steps_of_an_alert_are_not_counted_anew(week: Week) -> None:
    week.raise_(alert(1), alert(2))
    week.goes_on(week.time.at + 2 * HOUR)
    assert [who for who, about, _ in week.sent if about == "a1"] == ["ann", "cid"]


def test_nobody_is_interrupted_with_a_budget_of_none(where: Path | str) -> None:
    week = Week(where, replace(PLAN, rounds=RoundPlan(pages_per_home_week=0, digest=Times(12 * 60))))
    week.raise_(alert(1), alert(2))
    assert paged(week) == set()
    week.goes_on(moment("2026-01-05 12:00"))
    assert week.digests() == [("ann", "Daily digest: 2 alerts")]
    week.stores.database.close()


def test_a_hub_that_stood_still_at_the_hour_tells_the_digest_when_it_is_back_and_once(week: Week) -> None:
    week.raise_(alert(1), alert(2), alert(3))
    week.time.at = moment("2026-01-05 18:00")
    for _ in range(3):
        week.crash()
        week.worker.open()
        week.goes_on(week.time.at + 10 * MINUTE)
    assert week.digests() == [("bea", "Daily digest: 1 alert")]


def test_what_waits_for_a_reader_who_is_no_more_is_told_to_who_is_there(week: Week) -> None:
    week.raise_(alert(1), alert(2), alert(3))
    week.plan = replace(plan(Policy("care", steps("cid"))), fallback=("office",))
    week.crash()
    week.worker.open()
    week.goes_on(moment("2026-01-06 16:00"))
    assert week.digests() == [("office", "Daily digest: 1 alert")]


@pytest.mark.parametrize("seed", [1, 2])
def test_no_more_than_the_budget_interrupts_and_nothing_is_lost(where: Path | str, seed: int) -> None:
    week = Week(where, plan(Policy("care", steps("office"))))
    chance = random.Random(seed)
    kinds = [
        chance.choice((Kind.COLD, Kind.DAMP, Kind.NO_RETURN, Kind.SENSOR_FAULT, Kind.INACTIVITY)) for _ in range(9)
    ]
    for number, kind in enumerate(kinds):
        urgency = Urgency.URGENT if kind is Kind.INACTIVITY else Urgency.SOON
        week.raise_(alert(number, kind, urgency))
        week.goes_on(week.time.at + chance.randrange(5) * HOUR)
    week.goes_on(week.time.at + 25 * HOUR)
    at_once = {f"a{number}" for number, kind in enumerate(kinds) if kind in {Kind.INACTIVITY, Kind.NO_RETURN}}
    assert at_once <= paged(week)
    assert len(paged(week) - at_once) <= 2
    # What the silent gateway covers is told when that is over.
    covered = "SELECT alert FROM escalation WHERE stage = 'covered'"
    told_else = f"SELECT alert FROM digest_line WHERE told_ms IS NOT NULL UNION {covered}"
    told = paged(week) | {name for (name,) in rows(week.stores, told_else)}
    assert told == {f"a{number}" for number in range(len(kinds))}
    week.stores.database.close()
