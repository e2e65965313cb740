"""The one thread that stores what comes, answers it, and watches all homes."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sensor_hub.model.entry import Arrival, OutcomesForgotten, OutcomeTold
from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import iso
from sensor_hub.model.reading import Reading
from sensor_hub.model.wire import Status, Stored
from sensor_hub.watch.home_watch import FUTURE, GRID
from sensor_hub.watch.items import (
    Acknowledge,
    Act,
    BatchCame,
    Close,
    EndSilence,
    ForgetOutcomes,
    Item,
    PassOn,
    Place,
    SetSilence,
    StatusCame,
    TellStay,
)
from sensor_hub.watch.passing import pass_on
from sensor_hub.watch.placing import Placing
from sensor_hub.watch.ports import Downlink, Rejection, Silences, Taken, Time
from sensor_hub.watch.staying import tell_stay
from sensor_hub.watch.taking import Taking
from sensor_hub.watch.watches import Watches

log = logging.getLogger(__name__)

MOST_WAITING = 2000
MOST_AT_ONCE = 200
"""Items stored in one transaction: one flush of the disk answers them all."""
LOOK_EVERY = 5.0
"""The clock is looked at this often at least: it may have been set."""
PAUSE = 1.0
"""Before it goes on after the store failed."""
MOST_STREAMS = 64
UNKNOWN_HOME = "no home of this id"
OTHER_TENANT = "another tenant than the home's"
STRANGER = {
    UNKNOWN_HOME: "messages of an unknown home are not stored: add its home.toml, its gateway keeps them",
    OTHER_TENANT: "messages of a home under another tenant than before are not stored: give hub.toml the right tenant",
}


class Worker:
    """`take` and `tick` are its two acts; `start` runs them in a thread as items come and time passes."""

    def __init__(self, watches: Watches, time: Time, on_notices: Callable[[], None]) -> None:
        self.watches = watches
        self.stores = watches.stores
        self.time = time
        self.on_notices = on_notices
        self._queue: queue.Queue[Item | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._stopping = threading.Event()
        self._is_open = False
        """Whether the watches are where the store is: they are not before the first look, nor after a failure."""
        self._suspects: list[Item] = []
        self._strangers: set[tuple[str, str]] = set()
        self.placing = Placing(watches)
        self.turns = 0
        """Grows as long as it works, with or without anything to store."""

    # What other threads call.

    def offer(self, item: Item) -> bool:
        """Hands over an item; False when too many wait: it is neither stored nor answered, and will come again."""
        try:
            self._queue.put_nowait(item)
        except queue.Full:
            return False
        return True

    def tell_gateways(self, downlink: Downlink) -> None:
        """How gateways are told where their devices stand."""
        self.placing.downlink = downlink

    def tell_link(self, is_linked: Callable[[], bool]) -> None:
        """How it is known whether the hub has its broker."""
        self.watches.storms.is_linked = is_linked

    def start(self) -> None:
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive() and self._is_open and self.watches.is_on_time(self.time.now())

    def stop(self, within: float) -> None:
        """Takes what waits, takes snapshots, and ends."""
        self._stopping.set()
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(None)
        self._thread.join(within)

    # What the thread does.

    def open(self) -> None:
        """Goes on where the log and the last tick left off."""
        self.watches.load()
        self.watches.go_live(self.time.now())
        self.move()

    def tick(self) -> None:
        """Makes the ticks that are due, then lets alerts go on that are to be told now."""
        now = self.time.now()
        if self.watches.was_away(now):
            log.warning("no tick since %s: the hub did not run", iso(self.watches.last_tick or now))
            self.watches.note_away(now)
        self.watches.tick(now)
        if self.watches.rounds.look(now):
            self.on_notices()
        self.move()

    def move(self) -> None:
        """Tells what is to be told now."""
        if self.watches.move(self.time.now()):
            self.on_notices()

    def take(self, items: Sequence[Item]) -> None:
        """Stores all items in one transaction, answers them, then lets the homes' watches have what was new."""
        self.tick()
        taking = Taking(self.time.now())
        with self.stores.database.transaction():
            for item in items:
                self._store(item, taking)
        for answer in (*taking.answers.values(), *taking.acts):
            answer()
        for home, position, entries in taking.fed:
            self.watches.feed(home, position, entries)
        if taking.fed or taking.acts:
            # An alarm waits for no tick, nor does who follows, nor what somebody's silence held back.
            self.move()

    def close(self) -> None:
        """Takes every home's snapshot."""
        self.watches.save()

    def _run(self) -> None:
        while True:
            try:
                if not self._is_open:
                    self.open()
                    self._is_open = True
                self._turn()
                self.turns += 1
            except Exception:
                # What the store did not take is not answered: it comes again. The watches may be ahead of the store.
                log.exception("the watch stumbled; it starts again from the store")
                self._is_open = False
                self._stopping.wait(PAUSE)
            if self._stopping.is_set():
                break
        _refuse([*self._suspects, *(item for item in self._drained() if item is not None)])
        if self._is_open:
            self.close()

    def _turn(self) -> None:
        """Takes what waits; after a failure one by one, so that a single one cannot hold up the others for ever."""
        if self._suspects:
            self._take_or_reject(self._suspects.pop(0))
            return
        items = self._next()
        if not items:
            self.tick()
            return
        try:
            self.take(items)
        except Exception:
            self._suspects = [item for item in items if not _is_done(item)]
            raise

    def _take_or_reject(self, item: Item) -> None:
        """A batch that no store can hold is answered as rejected; that the store fails is no fault of a batch."""
        try:
            self.take([item])
        except (ValueError, TypeError, OverflowError) as error:
            _refuse([item])
            if not isinstance(item, BatchCame):
                raise
            rejection = Rejection("batch", f"could not be stored: {type(error).__name__}", b"")
            empty = None if item.batch is None else replace(item.batch, readings=())
            self.take([replace(item, batch=empty, rejections=(rejection,))])
        except Exception:
            _refuse([item])
            raise

    def _next(self) -> list[Item]:
        """What waits, after waiting for something until the next tick is due."""
        last = self.watches.last_tick
        wait = LOOK_EVERY if last is None else min(LOOK_EVERY, self.time.seconds_until(last + GRID))
        try:
            first = self._queue.get(timeout=wait)
        except queue.Empty:
            return []
        return [item for item in (first, *self._drained()) if item is not None]

    def _drained(self) -> Iterator[Item | None]:
        for _ in range(MOST_AT_ONCE - 1):
            try:
                yield self._queue.get_nowait()
            except queue.Empty:
                return

    def _store(self, item: Item, taking: Taking) -> None:
        match item:
            case BatchCame():
                self._store_batch(item, taking)
            case StatusCame():
                self._store_status(item, taking)
            case Place():
                self.placing.by_person(item, taking)
            case TellStay():
                tell_stay(self.watches, item, taking)
            case Acknowledge(alert=alert, by=by):
                taken = self.stores.alerts.acknowledge(alert, by, taking.now)
                self._store_act(item, OutcomeTold(0.0, alert, by, None), taken, taking)
            case PassOn(alert=alert, by=by):
                taken = pass_on(self.stores, self.watches.teller.telling.plan, alert, by, taking.now)
                taking.acts.append(lambda: item.done.set_result(taken))
            case Close(alert=alert, closing=closing):
                taken = self.stores.alerts.close(alert, closing, taking.now)
                self._store_act(item, OutcomeTold(0.0, alert, closing.by, closing.outcome), taken, taking)

            case SetSilence(silence=silence):
                self.stores.silences.add(silence)
                taking.acts.append(lambda: item.done.set_result(Taken.DONE))
            case EndSilence(silence=name, by=by):
                taken = end_silence(self.stores.silences, name, by, taking.now)
                taking.acts.append(lambda: item.done.set_result(taken))
            case ForgetOutcomes(home=home, kind=kind, by=by):
                self._store_told(item, home, OutcomesForgotten(0.0, kind, by), self._forgettable(home, kind), taking)

    def _forgettable(self, home: str, kind: Kind) -> Taken:
        watched = self.watches.watched.get(home)
        if watched is None:
            return Taken.UNKNOWN
        return Taken.DONE if kind in watched.watch.engine.state.outcomes else Taken.TAKEN

    def _store_batch(self, item: BatchCame, taking: Taking) -> None:
        home, batch = item.home, item.batch
        if not self._is_known(item, taking.now):
            return
        self.stores.rejections.add(home, taking.now, item.rejections)
        if batch is None:
            return
        received = taking.received_at(self.watches, home)
        appended = self.stores.log.append_readings(home, received, batch.readings)
        if appended is not None:
            taking.received[home] = received
            taking.fed.append((home, appended.position, [Arrival(received, each) for each in appended.readings]))
            future = [_future(each) for each in appended.readings if each.at > received + FUTURE]
            self.stores.rejections.add(home, taking.now, future)
        # A gap (rows before `after` that never came) leaves `upto` where it is: the gateway sends again from there.
        upto = max(self.stores.streams.upto(home, batch.stream), batch.kept)
        if batch.after <= upto:
            upto = max(upto, batch.upto)
        self.stores.streams.move(home, batch.stream, upto)
        stored = Stored(batch.stream, upto, taking.now)
        taking.answers[home, batch.stream] = lambda: item.reply(stored)

    def _store_status(self, item: StatusCame, taking: Taking) -> None:
        if not self._is_known(item, taking.now):
            return
        last = self.stores.gateways.last(item.home)
        before = None if last is None else last[1]
        self.placing.by_gateway(item, before, taking)
        self._look_for_a_copy(item, before, taking.now)
        self.stores.gateways.told(item.home, taking.now, item.status)
        for stream in list(item.status.streams)[:MOST_STREAMS]:
            stored = Stored(stream, self.stores.streams.upto(item.home, stream), taking.now)
            taking.answers[item.home, stream] = lambda stored=stored: item.reply(stored)  # type: ignore[misc]

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
        taking.acts.append(lambda: item.done.set_result(taken))

    def _is_known(self, item: BatchCame | StatusCame, now: float) -> bool:
        """What is of an unknown home, or another tenant's, is not answered: its gateway keeps everything."""
        home, tenant, reason = item.home, item.tenant, UNKNOWN_HOME
        if home in self.watches.watched:
            # What cannot be read binds no home.
            is_readable = isinstance(item, StatusCame) or item.batch is not None
            bound = self.stores.tenants.bind(home, tenant) if is_readable else self.stores.tenants.of(home)
            if bound in {None, tenant}:
                return True
            reason = OTHER_TENANT
        self.stores.rejections.add(home, now, [Rejection("message", reason, b"")])
        if (home, tenant) not in self._strangers and len(self._strangers) < MOST_WAITING:
            self._strangers.add((home, tenant))
            log.warning("%s", STRANGER[reason])
        return False


def _future(reading: Reading) -> Rejection:
    what = f"{reading.device} {reading.metric.value} {iso(reading.at)} {reading.value}"
    return Rejection("reading", "measured in the future", what.encode())


def end_silence(silences: Silences, silence: str, by: str, at: float) -> Taken:
    if silences.get(silence) is None:
        return Taken.UNKNOWN
    return Taken.DONE if silences.end(silence, at, by) else Taken.TAKEN


def _refuse(items: Sequence[Item]) -> None:
    for item in items:
        if isinstance(item, Act) and not _is_done(item):
            item.done.set_exception(RuntimeError("the store failed"))


def _is_done(item: Item) -> bool:
    return isinstance(item, Act) and item.done.done()
