"""The life of an alert from the first notice to its end, through the worker, its stores and the couriers' outbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import Policy
from sensor_hub.dispatch.courier import deliver_due
from sensor_hub.dispatch.ports import NotifyError, UnheardError
from sensor_hub.model.alert import AlertChange, AlertState, Outcome
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.watch.items import Acknowledge, Close, PassOn
from sensor_hub.watch.ports import Closing
from tests.alerts.plans import plan, rota, steps
from tests.homes import small_home
from tests.storage.stores import rows
from tests.storage.test_alert_book import RAISED, T
from tests.watch.test_worker import Rig

NIGHTS = rota(("ann", "20:00", "08:00"), ("bea", "08:00", "20:00"), name="nights")
PLAN = replace(
    plan(Policy("care", steps("nights", "cid", "duty")), rotas=(NIGHTS,), duty=("ann", "cid")),
    fallback=("office",),
    acknowledged_for=HOUR,
)
FALL = replace(RAISED, home=small_home().id, kind=Kind.INACTIVITY, urgency=Urgency.URGENT, subject="", at=T)
"""At 09:23 in the home."""
OVER = replace(FALL, number=2, state=AlertState.CLEARED)


class House(Rig):
    """A hub in which alerts are raised by hand, and that keeps whom couriers have told of these, and after how long."""

    def __init__(self, where: Path | str, of: Plan = PLAN) -> None:
        super().__init__(where, [small_home()], T, of)
        self.sent: list[tuple[float, str]] = []
        self.down: set[str] = set()
        """Contacts whose address is wrong."""
        self.silent: set[str] = set()
        """Contacts of whose service nothing is heard."""
        self.raise_(FALL)

    def raise_(self, change: AlertChange) -> None:
        self.worker.watches._record([change])
        self.worker.move()
        self.deliver()

    def deliver(self) -> None:
        """As couriers do: whatever may go, goes."""
        for contact in self.plan.contacts:
            deliver_due(self.stores.outbox, self, contact, self.time)

    def send(self, notice: Notice, contact: Contact) -> None:
        if contact.id in self.down:
            raise NotifyError("no such address", permanent=True)
        if contact.id in self.silent:
            raise UnheardError("no answer")
        if notice.alert in {FALL.id, "a2"}:
            self.sent.append(((self.time.at - T) / MINUTE, contact.id))

    def pass_(self, minutes: int, *, each: Callable[[], object] = lambda: None) -> None:
        for _ in range(minutes):
            self.time.at += MINUTE
            self.worker.tick()
            self.deliver()
            each()

    def state(self) -> tuple[str, bool]:
        row = self.stores.registry.alert(FALL.id)
        assert row is not None
        return row.handled, row.exhausted_ms is not None


@pytest.fixture
def house(where: Path | str) -> Iterator[House]:
    house = House(where)
    yield house
    house.stores.database.close()


WHOLE = [(0, "bea"), (10, "cid"), (20, "ann"), (20, "cid"), (30, "office")]


def test_an_urgent_alert_that_nobody_takes_is_exhausted_and_reaches_the_fallback(house: House) -> None:
    house.pass_(300)
    assert house.sent == WHOLE
    assert house.state() == ("open", True)
    told = [(who, reason) for _, who, reason, _ in house.stores.registry.decisions(FALL.id)]
    assert told == [
        ("bea", "a new alert that somebody must act on"),
        ("cid", "nobody answered in time"),
        ("ann, cid", "nobody answered in time"),
        ("office", "everybody was told and nobody answered"),
    ]


@pytest.mark.parametrize("after", [0, 1, 9, 10, 15, 29, 31])
def test_an_acknowledgement_ends_all_steps_at_once(house: House, after: int) -> None:
    house.pass_(after)
    house.take(Acknowledge(FALL.id, "cid"))
    taken_at = list(house.sent)
    house.pass_(59)
    assert house.sent == taken_at == [one for one in WHOLE if one[0] <= after]
    assert house.state()[0] == "acknowledged"


def test_an_acknowledgement_holds_back_what_waits_for_a_service_that_is_down(house: House) -> None:
    """The notice of a step was made, and nothing of it sent: it stays so."""
    house.time.at += 10 * MINUTE
    assert house.worker.watches.move(house.time.at) == 1
    house.take(Acknowledge(FALL.id, "bea"))
    house.pass_(59)
    assert house.sent == [(0, "bea")]


def test_a_step_of_which_nothing_can_be_delivered_is_not_waited_for(house: House) -> None:
    house.down = {"cid"}
    house.pass_(40)
    assert house.sent == [(0, "bea"), (11, "ann"), (21, "office")]
    reasons = [reason for _, _, reason, _ in house.stores.registry.decisions(FALL.id)]
    assert reasons[2] == "no notice of the step before could be delivered"


def test_an_alert_of_which_nobody_can_be_told_is_exhausted_at_once(house: House) -> None:
    house.pass_(9)
    house.down = {"ann", "cid"}
    house.pass_(4)
    assert house.sent == [(0, "bea"), (12, "office")]
    assert house.state() == ("open", True)


def test_a_step_of_which_it_is_not_known_whether_it_was_told_is_not_waited_for(house: House) -> None:
    house.silent = {"cid", "office"}
    house.pass_(40)
    assert house.sent == [(0, "bea"), (11, "ann")]
    assert house.state() == ("open", True)
    # Nobody follows the fallback: it is told again, marked, and no third time.
    marks = "SELECT is_again, attempts, state FROM notice WHERE contact = 'office'"
    assert rows(house.stores, marks) == [(1, 2, "unknown")]


def test_what_ended_goes_no_further(house: House) -> None:
    house.pass_(12)
    house.raise_(OVER)
    house.pass_(300)
    assert house.sent == WHOLE[:2]
    assert house.state() == ("closed", False)


def test_an_acknowledgement_without_an_outcome_returns_to_its_owner_and_then_to_the_fallback(house: House) -> None:
    house.pass_(12)
    house.take(Acknowledge(FALL.id, "Cid"))
    house.pass_(61)
    assert house.sent[2:] == [(72, "cid")]
    assert house.state() == ("open", False)
    house.pass_(300)
    assert house.sent[3:] == [(82, "office")]
    assert house.state() == ("open", True)


def test_one_that_returned_can_be_taken_again_and_lapse_again(house: House) -> None:
    house.take(Acknowledge(FALL.id, "cid"))
    house.pass_(60)
    house.take(Acknowledge(FALL.id, "cid"))
    house.pass_(60)
    assert house.sent == [(0, "bea"), (60, "cid"), (120, "cid")]
    house.take(Close(FALL.id, Closing("cid", Outcome.TRUE)))
    house.pass_(300)
    assert len(house.sent) == 3


def test_one_that_is_given_back_when_everybody_was_told_reaches_the_fallback_anew(house: House) -> None:
    house.pass_(300)
    told = len(house.sent)
    assert (house.sent[-1][1], house.state()) == ("office", ("open", True))
    house.take(Acknowledge(FALL.id, "cid"))
    house.take(PassOn(FALL.id, "cid"))
    house.pass_(5)
    assert [who for _, who in house.sent[told:]] == ["office"]
    assert house.state() == ("open", True)


def test_with_an_outcome_or_when_it_ended_nothing_returns(house: House) -> None:
    house.take(Acknowledge(FALL.id, "cid"))
    house.raise_(OVER)
    house.pass_(300)
    assert house.sent == [(0, "bea")]


def test_an_alarm_that_is_over_still_wants_somebody_to_look(where: Path | str) -> None:
    house = House(where)
    house.take(Close(FALL.id, Closing("ann", Outcome.TRUE)))
    smoke = replace(FALL, id="a2", kind=Kind.SMOKE)
    house.raise_(smoke)
    house.raise_(replace(smoke, number=2, state=AlertState.CLEARED))
    house.pass_(40)
    assert house.sent == [WHOLE[0], *WHOLE]
    house.stores.database.close()


def test_a_hub_that_stops_anywhere_goes_on_with_the_same_steps_and_sends_nothing_twice(house: House) -> None:
    def restart() -> None:
        house.crash()
        house.worker.open()

    house.pass_(40, each=restart)
    assert house.sent == WHOLE


def test_after_hours_without_the_hub_each_step_has_its_time_all_the_same(house: House) -> None:
    house.time.at += 5 * HOUR
    house.pass_(40)
    assert house.sent == [(0, "bea"), (301, "cid"), (311, "ann"), (311, "cid"), (321, "office")]


def test_one_that_becomes_more_urgent_begins_its_chain_anew(where: Path | str) -> None:
    quiet = replace(PLAN, policies=(replace(PLAN.policies[0], urgencies=frozenset({Urgency.URGENT})),))
    house = House(where, replace(quiet, policies=(*quiet.policies, Policy("soon", steps("ann")))))
    house.take(Close(FALL.id, Closing("ann", Outcome.TRUE)))
    cold = replace(FALL, id="a2", kind=Kind.COLD, urgency=Urgency.SOON)
    house.raise_(cold)
    house.pass_(40)
    # At half past nine.
    assert house.sent[1:] == [(7, "ann")]
    house.raise_(replace(cold, number=2, state=AlertState.UPDATED, urgency=Urgency.URGENT))
    house.pass_(10)
    assert house.sent[2:] == [(40, "bea"), (50, "cid")]
    house.stores.database.close()


def test_one_that_becomes_more_urgent_while_somebody_has_it_returns_to_them(where: Path | str) -> None:
    house = House(where)
    house.take(Close(FALL.id, Closing("ann", Outcome.TRUE)))
    cold = replace(FALL, id="a2", kind=Kind.COLD, urgency=Urgency.NOTICE)
    house.raise_(cold)
    house.take(Acknowledge("a2", "bea"))
    house.raise_(replace(cold, number=2, state=AlertState.UPDATED, urgency=Urgency.URGENT))
    house.pass_(70)
    assert house.sent[1:] == [(60, "bea"), (70, "office")]
    house.stores.database.close()


def test_a_home_that_is_described_no_longer_goes_on(house: House) -> None:
    house.worker.watches.teller.homes = {}
    house.pass_(40)
    assert house.sent == WHOLE
