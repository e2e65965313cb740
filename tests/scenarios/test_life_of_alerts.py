"""Every urgent alert ends acknowledged, cleared or exhausted, whatever befalls the hub, its services and its people.

A machine plays at random over the real stores, teller and outbox: time passes, services refuse, hang, answer late or
tell afterwards that nothing arrived, the power fails at any point of a call, several people answer at once, conditions
end and return. More of it: `LIVES=1000 pytest tests/scenarios/test_life_of_alerts.py`.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.delivery import Attempt
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import Policy, Step
from sensor_hub.alerts.receipt import Reached, Receipt
from sensor_hub.alerts.routing import Reason
from sensor_hub.dispatch.courier import deliver_due, settle_stuck
from sensor_hub.dispatch.ports import NotifyError, UnheardError
from sensor_hub.dispatch.receipts import Receipts
from sensor_hub.model.alert import AlertChange, AlertState, Outcome
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.watch.items import Acknowledge, Close, PassOn
from sensor_hub.watch.ports import Closing, Taken
from tests.postgres import fresh_database
from tests.storage.test_alert_book import RAISED, T
from tests.watch.test_worker import Rig

PEOPLE = {
    "ann": Contact("ann", "sms://ann"),
    "bea": Contact("bea", "sms://bea", further=("mail://bea",)),
    "cid": Contact("cid", "sms://cid", further=("mail://cid", "call://cid")),
    "office": Contact("office", "mail://office", further=("call://office",)),
}
WAIT = 10 * MINUTE
STEPS = (Step(("ann", "bea"), WAIT), Step(("cid",), WAIT), Step(("bea", "cid"), WAIT))
PLAN = Plan(tuple(PEOPLE.values()), (Policy("care", STEPS),), fallback=("office",), acknowledged_for=HOUR)
ADDRESSES = tuple(channel.address for contact in PEOPLE.values() for channel in contact.channels)
FALLS = {
    "fall": replace(RAISED, id="fall", home="h1", kind=Kind.INACTIVITY, urgency=Urgency.URGENT, subject="", at=T),
    "smoke": replace(RAISED, id="smoke", home="h2", kind=Kind.SMOKE, urgency=Urgency.URGENT, subject="d1", at=T),
}
TOLD_TO_SOMEBODY = {
    reason.value
    for reason in (
        Reason.RAISED,
        Reason.ESCALATED,
        Reason.PASSED,
        Reason.UNDELIVERED,
        Reason.LAPSED,
        Reason.EXHAUSTED,
        Reason.NOBODY,
    )
}
ALERTS = st.sampled_from(sorted(FALLS))
OK, BUSY, REFUSES, LOSES, TAKES_IN_SILENCE, CUT_BEFORE, CUT_AFTER, TAKEN_MEANWHILE = range(8)


class PowerCutError(BaseException):
    """The hub dies while it talks to a service."""


@dataclass
class Sent:
    notice: Notice
    address: str
    id: str
    has_it: bool
    """Whether it really reached the service."""
    is_known: bool
    """Whether the hub was told that it did."""
    attempt: Attempt | None = None
    was_in_doubt: bool = False
    """Whether the hub did not know it at first."""


@dataclass
class Services:
    """Does with each address what it was told to do, and holds the hub to its promises at the moment of each call."""

    life: LifeOfAlerts
    how: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ADDRESSES, OK))
    calls: list[Sent] = field(default_factory=list)
    bounced: set[str] = field(default_factory=set)
    """Ids of messages of which a service said later that they did not arrive."""
    broken: list[str] = field(default_factory=list)
    """Promises that were."""

    def send(self, notice: Notice, contact: Contact) -> str:
        self.hold_to_promises(notice, contact.address)
        how = self.how[contact.address]
        has_it = how in {OK, TAKES_IN_SILENCE, CUT_AFTER}
        id_ = f"id-{len(self.calls)}"
        call = Sent(notice, contact.address, id_, has_it, is_known=how == OK, was_in_doubt=how != OK)
        if how in {OK, LOSES, TAKES_IN_SILENCE, CUT_BEFORE, CUT_AFTER}:
            self.calls.append(call)
        if how == TAKEN_MEANWHILE:
            self.life.rig.take(Acknowledge(notice.alert, "cid"))
        if how in {BUSY, REFUSES, TAKEN_MEANWHILE}:
            raise NotifyError("no", permanent=how == REFUSES)
        if how in {LOSES, TAKES_IN_SILENCE}:
            number = self.life.rig.stores.outbox.find(notice.reference)
            assert number is not None
            channel = next(each for each in PEOPLE[contact.id].channels if each.address == contact.address)
            call.attempt = Attempt(notice.reference, number.attempts, channel)
            raise UnheardError("no answer")
        if how in {CUT_BEFORE, CUT_AFTER}:
            # One cut each: else the hub would never get up.
            self.how[contact.address] = OK
            raise PowerCutError
        return call.id

    def hold_to_promises(self, notice: Notice, address: str) -> None:
        row = self.life.rig.stores.registry.alert(notice.alert)
        before = [call for call in self.calls if call.notice.reference == notice.reference]
        doubtful = [call for call in before if not call.is_known]
        known = [call for call in before if call.is_known and call.id not in self.bounced]
        self.promise(row is not None and row.handled == "open", "nobody hears of what somebody took or ended")
        self.promise(not known, "nobody hears of it twice, knowingly")
        is_marked = "(again, ref" in notice.title
        self.promise(is_marked or not doubtful, "a repeat says so")
        # What was in doubt and is known by now not to have arrived is called a repeat all the same.
        self.promise(not is_marked or any(call.was_in_doubt for call in before), "what was never in doubt is no repeat")
        self.promise(sum(call.address == address for call in doubtful) <= 1, "by one channel at most once more")

    def promise(self, is_kept: bool, what: str) -> None:
        """An exception would be taken for one of the service's own."""
        if not is_kept:
            self.broken.append(what)


@contextmanager
def folder() -> Iterator[Path]:
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


class LifeOfAlerts(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        logging.disable(logging.CRITICAL)
        self.end = ExitStack()
        self.rig = Rig(self.end.enter_context(self.place()), [], T, PLAN)
        self.services = Services(self)
        self.numbers: Counter[str] = Counter()
        self.raised: set[str] = set()
        """Alerts whose condition holds."""
        self.begin()

    def place(self) -> AbstractContextManager[Path | str]:
        """Where its database is."""
        return folder()

    def teardown(self) -> None:
        try:
            self.come_to_an_end()
        finally:
            self.rig.stores.database.close()
            self.end.close()
            logging.disable(logging.NOTSET)

    # What the hub does.

    def begin(self) -> None:
        """As a program that starts."""
        self.receipts = Receipts(self.rig.stores.receipts, self.rig.stores.outbox, PEOPLE, self.rig.time)
        settle_stuck(self.rig.stores.outbox, PEOPLE, self.rig.time)
        self.receipts.settle()

    def crash(self) -> None:
        self.rig.crash()
        self.rig.worker.open()
        self.begin()

    def deliver(self) -> None:
        # No two moves of an alert happen at one moment.
        self.rig.time.at += 1
        for contact in PEOPLE.values():
            try:
                deliver_due(self.rig.stores.outbox, self.services, contact, self.rig.time)
            except PowerCutError:
                self.crash()
        self.receipts.settle()

    def pass_minutes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.rig.time.at += MINUTE
            self.rig.worker.tick()
            self.deliver()

    def tell(self, alert: str, state: AlertState) -> None:
        self.numbers[alert] += 1
        change = replace(FALLS[alert], number=self.numbers[alert], state=state, at=self.rig.time.at)
        self.record(change)
        self.deliver()

    def record(self, change: AlertChange) -> None:
        self.rig.worker.watches._record([change])

    # What befalls it.

    @initialize(alert=ALERTS)
    def first(self, alert: str) -> None:
        self.condition_begins(alert)

    @rule(alert=ALERTS)
    def condition_begins(self, alert: str) -> None:
        if alert not in self.raised:
            self.raised.add(alert)
            self.tell(alert, AlertState.RAISED)

    @rule(alert=ALERTS)
    def condition_ends(self, alert: str) -> None:
        if alert in self.raised:
            self.raised.discard(alert)
            self.tell(alert, AlertState.CLEARED)

    @rule(minutes=st.integers(1, 25))
    def time_passes(self, minutes: int) -> None:
        self.pass_minutes(minutes)

    @rule(minutes=st.integers(1, 300))
    def the_hub_is_off(self, minutes: int) -> None:
        self.rig.time.at += minutes * MINUTE
        self.crash()
        self.deliver()

    @rule(how=st.lists(st.tuples(st.sampled_from(ADDRESSES), st.integers(OK, TAKEN_MEANWHILE)), min_size=1, max_size=4))
    def services_change(self, how: list[tuple[str, int]]) -> None:
        self.services.how.update(how)

    @rule(how=st.integers(OK, TAKEN_MEANWHILE))
    def all_services_change(self, how: int) -> None:
        self.services.how.update(dict.fromkeys(ADDRESSES, how))

    @rule(alert=ALERTS, people=st.lists(st.sampled_from(sorted(PEOPLE)), min_size=1, max_size=3))
    def people_take_it(self, alert: str, people: list[str]) -> None:
        if not self.numbers[alert]:
            return
        acts = [Acknowledge(alert, who) for who in people]
        self.rig.worker.tick()
        was_open = self.state(alert)[0] == "open"
        self.rig.take(*acts)
        taken = [self.said(act.done) for act in acts]
        assert taken.count(Taken.DONE) == was_open, "of several people one takes it"
        self.deliver()

    @rule(alert=ALERTS, who=st.sampled_from(sorted(PEOPLE)))
    def somebody_passes_it_on(self, alert: str, who: str) -> None:
        self.rig.take(PassOn(alert, who))
        self.deliver()

    @rule(alert=ALERTS, who=st.sampled_from(sorted(PEOPLE)), outcome=st.sampled_from(Outcome))
    def somebody_closes_it(self, alert: str, who: str, outcome: Outcome) -> None:
        self.rig.take(Close(alert, Closing(who, outcome)))
        self.deliver()

    @precondition(lambda self: self.services.calls)
    @rule(data=st.data(), reached=st.sampled_from(Reached), is_permanent=st.booleans())
    def a_receipt_comes(self, data: st.DataObject, reached: Reached, is_permanent: bool) -> None:
        call = data.draw(st.sampled_from(self.services.calls))
        call.has_it = call.has_it or reached is Reached.ARRIVED
        if reached is Reached.FAILED:
            self.services.bounced.add(call.id)
        self.receipts.take(Receipt("plain", call.id, reached, "", is_permanent))
        self.deliver()

    @precondition(lambda self: self.taken_in_silence())
    @rule(data=st.data())
    def an_answer_comes_late(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(self.taken_in_silence()))
        assert call.attempt is not None
        self.rig.stores.outbox.delivered(call.attempt, self.rig.time.at, call.id)
        call.is_known, call.attempt = True, None
        self.receipts.settle()

    def taken_in_silence(self) -> list[Sent]:
        return [call for call in self.services.calls if call.attempt is not None and call.has_it]

    # What always holds.

    @invariant()
    def every_promise_is_kept(self) -> None:
        assert self.services.broken == []

    @invariant()
    def nothing_is_left_between_asking_and_hearing(self) -> None:
        assert self.rig.stores.outbox.stuck() == []

    @invariant()
    def nothing_goes_to_nobody(self) -> None:
        for alert in FALLS:
            for _, who, reason, _ in self.rig.stores.registry.decisions(alert):
                assert who or reason not in TOLD_TO_SOMEBODY, reason

    @invariant()
    def each_move_tells_a_person_once(self) -> None:
        for alert in FALLS:
            moves = Counter(
                who for _, people, *_ in self.rig.stores.registry.decisions(alert) for who in people.split(", ") if who
            )
            told = Counter(row.contact for row in self.rig.stores.registry.notices(alert))
            assert told == moves

    def come_to_an_end(self) -> None:
        """The services stay as they are, and nobody does anything any more."""
        how = self.services.how.items()
        self.services.how = {address: BUSY if each == TAKEN_MEANWHILE else each for address, each in how}
        self.pass_minutes(5 * 60)
        for alert in self.numbers:
            handled, is_exhausted = self.state(alert)
            # One that somebody took and that is over stays theirs until they say what it was.
            assert handled == "closed" or is_exhausted or (handled, alert) == ("acknowledged", "fall")
            assert handled != "acknowledged" or alert not in self.raised
        self.services.how = dict.fromkeys(ADDRESSES, OK)
        # Longer than any service that has no time is waited for.
        self.pass_minutes(90)
        assert self.services.broken == []
        for alert in self.numbers:
            if self.state(alert) == ("open", True):
                self.assert_the_fallback_heard_of(alert)

    def assert_the_fallback_heard_of(self, alert: str) -> None:
        rows = [row for row in self.rig.stores.registry.notices(alert) if row.contact == "office"]
        assert rows, "exhausted goes to the fallback"
        calls = [call for call in self.services.calls if call.notice.alert == alert and "office" in call.address]
        heard = any(call.has_it for call in calls)
        # Where no service ever says a word, each was asked once and one of them again: that is all that is done.
        is_repeated = rows[-1].state == "unknown" and rows[-1].attempts > len(PEOPLE["office"].channels)
        assert heard or rows[-1].state == "failed" or is_repeated, rows

    def state(self, alert: str) -> tuple[str, bool]:
        row = self.rig.stores.registry.alert(alert)
        assert row is not None
        return row.handled, row.exhausted_ms is not None

    @staticmethod
    def said(done: Future[Taken]) -> Taken:
        return done.result(0)


def _how(examples: int, steps: int, *, is_same: bool) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=is_same,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
        # Shrinking takes minutes: a failure tells all its steps as it is.
        phases=[Phase.generate],
        print_blob=False,
    )


class LifeOnPostgresql(LifeOfAlerts):
    def place(self) -> AbstractContextManager[Path | str]:
        return fresh_database()


LONG = int(os.environ.get("LIVES", "0"))
LifeOfAlerts.TestCase.settings = _how(LONG, 40, is_same=False) if LONG else _how(12, 20, is_same=True)
TestLifeOfAlerts = LifeOfAlerts.TestCase
LifeOnPostgresql.TestCase.settings = _how(LONG or 4, 20, is_same=not LONG)
TestLifeOnPostgresql = LifeOnPostgresql.TestCase
