"""What becomes of each item in the store: batches and status of gateways, and the acts of people."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from sensor_hub.access.actor import GATEWAY
from sensor_hub.access.chronology import Act as Noted
from sensor_hub.access.chronology import ChronologyEntry
from sensor_hub.model.entry import Arrival, OutcomesForgotten, OutcomeTold
from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import iso
from sensor_hub.model.reading import Reading
from sensor_hub.model.wire import Status, Stored
from sensor_hub.watch.agreeing import Agreeing
from sensor_hub.watch.chronicling import note_acts
from sensor_hub.watch.home_watch import FUTURE
from sensor_hub.watch.items import (
    Acknowledge,
    Act,
    Agree,
    BatchCame,
    Close,
    EndSilence,
    Erase,
    ForgetOutcomes,
    Item,
    PassOn,
    Place,
    Replace,
    Save,
    SetSilence,
    StatusCame,
    TakeAway,
    TellStay,
    Withdraw,
)
from sensor_hub.watch.kept_back_ports import Silences
from sensor_hub.watch.passing import pass_on
from sensor_hub.watch.placing import Placing
from sensor_hub.watch.ports import Rejection, Taken
from sensor_hub.watch.staying import tell_stay
from sensor_hub.watch.taking import Taking
from sensor_hub.watch.watches import Watches

log = logging.getLogger(__name__)

MOST_STREAMS = 64
UNKNOWN_HOME = "no home of this id"
OTHER_TENANT = "another tenant than the home's"
STRANGER = {
    UNKNOWN_HOME: "messages of an unknown home are not stored: add its home.toml, its gateway keeps them",
    OTHER_TENANT: "messages of a home under another tenant than before are not stored: give hub.toml the right tenant",
}
MOST_STRANGERS = 2000
"""Homes and tenants that are told of once each."""
MOST_WARNINGS = 20
"""Of each reason, as long as the hub runs: who makes up homes fills no log."""
LAST = "; no more warnings of this: /metrics and the pages go on counting"


class Storing:
    """Called by the worker's thread, within its transaction."""

    def __init__(self, watches: Watches) -> None:
        self.watches = watches
        self.stores = watches.stores
        self.placing = Placing(watches)
        self.agreeing = Agreeing(watches, self.placing)
        self._strangers: set[tuple[str, str]] = set()
        self._warnings: Counter[str] = Counter()

    def store(self, item: Item, taking: Taking) -> None:
        """Within the worker's transaction; answers and what the watches are to have go into `taking`."""
        if isinstance(item, BatchCame):
            self._take_batch(item, taking)
            return
        # In the order in which it came.
        self._write_batches(taking)
        if isinstance(item, Act):
            # It may change of which homes something is taken, and what may be kept of one.
            taking.known.clear()
            taking.strangers.clear()
            self._write_rejections(taking)
        match item:
            case StatusCame():
                self._store_status(item, taking)
            case Place() | Replace() | TakeAway():
                self.placing.by_person(item, taking)
            case TellStay():
                tell_stay(self.watches, item, taking)
            case Agree() | Withdraw() | Erase():
                self.agreeing.take(item, taking)
            case Save(home=home):
                taking.acts.append(partial(self.watches.save, home))
                taking.acts.append(partial(item.done.set_result, Taken.DONE))
            case Acknowledge(alert=alert, by=by):
                taken = self.stores.alerts.acknowledge(alert, by, taking.now)
                self._store_act(item, OutcomeTold(0.0, alert, by, None), taken, taking)
            case PassOn(alert=alert, by=by):
                plan = self.watches.teller.plans().of(self.stores.alerts.home_of(alert) or "")
                taken = pass_on(self.stores, plan, alert, by, taking.now)
                taking.settle(item, taken)
            case Close(alert=alert, closing=closing):
                taken = self.stores.alerts.close(alert, closing, taking.now)
                self._store_act(item, OutcomeTold(0.0, alert, closing.by, closing.outcome), taken, taking)
            case SetSilence(silence=silence):
                self.stores.silences.add(silence, taking.now)
                taking.settle(item, Taken.DONE)
            case EndSilence(silence=name, by=by):
                taken = _end_silence(self.stores.silences, name, by, taking.now)
                taking.settle(item, taken)
            case ForgetOutcomes(home=home, kind=kind, by=by):
                self._store_told(item, home, OutcomesForgotten(0.0, kind, by), self._forgettable(home, kind), taking)
        note_acts(self.stores, taking)

    def _forgettable(self, home: str, kind: Kind) -> Taken:
        watched = self.watches.watched.get(home)
        if watched is None:
            return Taken.UNKNOWN
        return Taken.DONE if kind in watched.watch.engine.state.outcomes else Taken.TAKEN

    def know(self, items: Sequence[Item], taking: Taking) -> None:
        """Finds out of all homes at once whose they are."""
        homes = {item.home for item in items if isinstance(item, BatchCame)} & self.watches.watched.keys()
        tenants = self.stores.tenants.of_each(homes)
        taking.known |= {each for each in tenants.items() if not self.stores.erasures.is_erased(each[0])}

    def _take_batch(self, item: BatchCame, taking: Taking) -> None:
        home, batch = item.home, item.batch
        if (home, item.tenant) not in taking.known and not self._is_known(item, taking):
            return
        if item.rejections:
            taking.reject(home, *self.agreeing.without_values(home, item.rejections, taking))
        if batch is None:
            return
        taking.known.add((home, item.tenant))
        taking.came.setdefault(home, []).extend(batch.readings)
        # A gap (rows before `after` that never came) leaves `upto` where it is: the gateway sends again from there.
        key = home, batch.stream
        upto = taking.moved.get(key)
        upto = max(self.stores.streams.upto(home, batch.stream) if upto is None else upto, batch.kept)
        taking.moved[key] = max(upto, batch.upto) if batch.after <= upto else upto
        taking.repliers[key] = item.reply

    def write(self, taking: Taking) -> None:
        """All that came and is not written yet: last in the transaction."""
        self._write_batches(taking)
        self._write_rejections(taking)

    def _write_batches(self, taking: Taking) -> None:
        """Stores what batches brought: of each home as one entry of its log, and of each stream how far it is."""
        for home, readings in taking.came.items():
            received = taking.received_at(self.watches, home)
            agreed = self.agreeing.agreed(home, readings, taking)
            appended = self.stores.log.append_readings(home, received, agreed)
            if appended is not None:
                taking.received[home] = received
                taking.fed.append((home, appended.position, [Arrival(received, each) for each in appended.readings]))
                for each in appended.readings:
                    if each.at > received + FUTURE:
                        taking.reject(home, _future(each))
        self.stores.streams.move(taking.moved)
        for (home, stream), upto in taking.moved.items():
            taking.answers[home, stream] = partial(taking.repliers[home, stream], Stored(stream, upto, taking.now))
        taking.came.clear()
        taking.moved.clear()

    def _write_rejections(self, taking: Taking) -> None:
        """Together: who sends what cannot be used, however much, holds up the others little."""
        self.stores.rejections.add(taking.now, taking.rejected)
        taking.rejected.clear()

    def _store_status(self, item: StatusCame, taking: Taking) -> None:
        if not self._is_known(item, taking):
            return
        last = self.stores.gateways.last(item.home)
        before = None if last is None else last[1]
        self.placing.by_gateway(item, before, taking)
        self._look_for_a_copy(item, before, taking.now)
        self.stores.gateways.told(item.home, taking.now, item.status)
        for stream in list(item.status.streams)[:MOST_STREAMS]:
            stored = Stored(stream, self.stores.streams.upto(item.home, stream), taking.now)
            taking.answers[item.home, stream] = partial(item.reply, stored)

    def _look_for_a_copy(self, item: StatusCame, before: Status | None, now: float) -> None:
        """Two gateways with one home's password push each other out, and both tell of the home."""
        said = item.status
        # A last will, or what was late, was not said now.
        is_said_now = said.state == "online" and (before is None or said.at >= before.at)
        if is_said_now and self.stores.gateways.note_start(item.home, said.boot, now):
            log.warning("home %s: two gateways speak for it in turn; one is a copy of the other", item.home)

    def _store_act(self, item: Acknowledge | Close, told: OutcomeTold, taken: Taken, taking: Taking) -> None:
        self._store_told(item, self.stores.alerts.home_of(told.alert), told, taken, taking)

    def _store_told(
        self, item: Act, home: str | None, told: OutcomeTold | OutcomesForgotten, taken: Taken, taking: Taking
    ) -> None:
        """Writes a person's act to the home's log, if it was done."""
        if taken is Taken.DONE and home in self.watches.watched:
            taking.append(self.watches, home, lambda received: replace(told, received=received))
        taking.settle(item, taken)

    def _is_known(self, item: BatchCame | StatusCame, taking: Taking) -> bool:
        """What is of an unknown home, or another tenant's, is not answered: its gateway keeps everything."""
        key = item.home, item.tenant
        reason = taking.strangers.get(key)
        if reason is None:
            reason = self._strangeness(item)
            if reason is None:
                return True
            taking.strangers[key] = reason
            self._tell_stranger(key, reason, taking)
        if reason:
            # Any name may come: what is of no home is counted together.
            of = item.home if reason == OTHER_TENANT else ""
            taking.reject(of, Rejection("message", reason, b""))
        return False

    def _strangeness(self, item: BatchCame | StatusCame) -> str | None:
        """Why nothing is taken of it; None: it is known. Empty where the home is erased: neither answered nor counted,
        since even that something came would be kept of the home."""
        home = item.home
        if self.stores.erasures.is_erased(home):
            return ""
        if home not in self.watches.watched:
            return UNKNOWN_HOME
        # What cannot be read binds no home.
        is_readable = isinstance(item, StatusCame) or item.batch is not None
        bound = self.stores.tenants.bind(home, item.tenant) if is_readable else self.stores.tenants.of(home)
        return None if bound in {None, item.tenant} else OTHER_TENANT

    def _tell_stranger(self, key: tuple[str, str], reason: str, taking: Taking) -> None:
        if reason and key not in self._strangers and len(self._strangers) < MOST_STRANGERS:
            self._strangers.add(key)
            self._warnings[reason] += 1
            if self._warnings[reason] <= MOST_WARNINGS:
                log.warning("%s%s", STRANGER[reason], LAST if self._warnings[reason] == MOST_WARNINGS else "")
            if reason == OTHER_TENANT:
                self._note_refusal(*key, taking.now)

    def _note_refusal(self, home: str, tenant: str, now: float) -> None:
        """For whoever the home belongs to: somebody else's gateway speaks for it. Once as long as the hub runs."""
        owner, topic = self.stores.tenants.of(home) or "", f"care/1/{tenant}/{home}"
        entry = ChronologyEntry(now, owner, f"{tenant}/{home}", GATEWAY, Noted.REFUSED, home, topic, OTHER_TENANT)
        self.stores.chronology.write(entry)


def _future(reading: Reading) -> Rejection:
    what = f"{reading.device} {reading.metric.value} {iso(reading.at)} {reading.value}"
    return Rejection("reading", "measured in the future", what.encode())


def _end_silence(silences: Silences, silence: str, by: str, at: float) -> Taken:
    if silences.get(silence) is None:
        return Taken.UNKNOWN
    return Taken.DONE if silences.end(silence, at, by) else Taken.TAKEN
