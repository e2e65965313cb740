"""The one thread that stores what comes, answers it, and watches all homes."""

from __future__ import annotations

import itertools
import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence

from sensor_hub.model.moment import iso
from sensor_hub.watch.downlink_ports import Downlink
from sensor_hub.watch.home_watch import GRID
from sensor_hub.watch.items import BatchCame, Item
from sensor_hub.watch.ports import Time
from sensor_hub.watch.storing import Storing
from sensor_hub.watch.suspects import Suspects, refuse
from sensor_hub.watch.taking import Taking
from sensor_hub.watch.watches import Watches

log = logging.getLogger(__name__)

MOST_WAITING = 4000
MOST_AT_ONCE = 2000
"""Items stored in one transaction: one flush of the disk answers them all."""
MOST_READINGS = 20_000
"""Of one transaction, but for the last batch: nobody else who writes waits for longer than some tenths of a second."""
REST = 0.005
"""Seconds between two transactions: where much comes, more of it shares a flush."""
LOOK_EVERY = 5.0
"""The clock is looked at this often at least: it may have been set."""
LOOK_AGAIN = 0.25
"""Seconds between two looks for what is to be told by now, however much comes; what is new waits for none."""
PAUSE = 1.0
"""Before it goes on after the store failed."""


class Worker:
    """`take` and `tick` are its two acts; `start` runs them in a thread as items come and time passes."""

    def __init__(self, watches: Watches, time: Time, on_notices: Callable[[], None]) -> None:
        self.watches = watches
        self.stores = watches.stores
        self.time = time
        self.on_notices = on_notices
        self._queue: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._stopping = threading.Event()
        self._is_open = False
        """Whether the watches are where the store is: they are not before the first look, nor after a failure."""
        self.is_full = False
        """Whether it stands still for want of room on the disk."""
        self.storing = Storing(watches)
        self._suspects = Suspects(self.stores.database, self._store)
        self._looked_at = 0.0
        self.turns = 0
        """Grows as long as it works, with or without anything to store."""

    # What other threads call.

    def offer(self, item: Item) -> bool:
        """Hands over an item; False when too many wait: it is neither stored nor answered, and will come again."""
        if self._queue.qsize() >= MOST_WAITING:
            return False
        self._queue.put(item)
        return True

    def tell_gateways(self, downlink: Downlink) -> None:
        """How gateways are told where their devices stand."""
        self.storing.placing.downlink = downlink

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
        self._queue.put(None)
        self._thread.join(within)

    # What the thread does.

    def open(self) -> None:
        """Goes on where the log and the last tick left off."""
        self.watches.load()
        self.watches.go_live(self.time.now())
        self.move()

    def tick(self) -> None:
        """Makes the ticks that are due, then lets alerts go on that are to be told now."""
        self._tick()
        self._look()

    def _tick(self) -> None:
        now = self.time.now()
        if self.watches.was_away(now):
            log.warning("no tick since %s: the hub did not run", iso(self.watches.last_tick or now))
            self.watches.note_away(now)
        self.watches.tick(now)

    def _look(self) -> None:
        self._looked_at = self.time.wall()
        if self.watches.rounds.look(self.time.now()):
            self.on_notices()
        self.move()

    def move(self) -> None:
        """Tells what is to be told now."""
        if self.watches.move(self.time.now()):
            self.on_notices()

    def take(self, items: Sequence[Item]) -> None:
        """Stores all items in one transaction, answers them, then lets the homes' watches have what was new."""
        self._keep_up()
        self._follow(self._store(items))

    def _keep_up(self) -> None:
        self._tick()
        if abs(self.time.wall() - self._looked_at) >= LOOK_AGAIN:
            self._look()

    def _store(self, items: Sequence[Item]) -> Taking:
        taking = Taking(self.time.now())
        with self.stores.database.transaction():
            self.storing.know(items, taking)
            for item in items:
                self.storing.store(item, taking)
            self.storing.write(taking)
        return taking

    def _follow(self, taking: Taking) -> None:
        """What was stored is answered, and watched."""
        for answer in (*taking.answers.values(), *taking.acts):
            answer()
        for home, position, entries in taking.fed:
            self.watches.feed(home, position, entries)
        if self.watches.has_news or taking.acts:
            # An alarm waits for no tick, nor does who follows, nor what somebody's silence held back.
            self.move()

    def close(self) -> None:
        """Takes every home's snapshot."""
        self.watches.save()

    def _run(self) -> None:
        while True:
            try:
                if self.is_full and not self.stores.database.has_room():
                    self._stand_still()
                else:
                    self._work()
            except Exception as error:
                # What the store did not take is not answered: it comes again. The watches may be ahead of the store.
                self._is_open = False
                if self.stores.database.is_full(error):
                    self._stand_still()
                else:
                    log.exception("the watch stumbled; it starts again from the store")
                    self._stopping.wait(PAUSE)
            if self._stopping.is_set():
                break
        self._refuse_all()
        if self._is_open:
            self.close()

    def _work(self) -> None:
        if not self._is_open:
            self.open()
            self._is_open = True
        if self.is_full:
            self.is_full = False
            log.warning("there is room on the disk again: the hub goes on where it stood still")
        self._turn()
        self.turns += 1

    def _stand_still(self) -> None:
        """Nothing can be stored: nothing is answered, so gateways send it again; people are told at once."""
        if not self.is_full:
            self.is_full = True
            log.error("the disk is full: nothing is accepted, and nobody is told anything, until there is room again")
        self._refuse_all()
        self._stopping.wait(PAUSE)

    def _refuse_all(self) -> None:
        refuse([*self._suspects.drain(), *(item for item in self._drained() if item is not None)])

    def _turn(self) -> None:
        """Takes what waits; after a failure by parts, so that a single one cannot hold up the others for ever."""
        if self._suspects:
            self._keep_up()
            if (taking := self._suspects.store()) is not None:
                self._follow(taking)
            return
        items = self._next()
        if not items:
            self.tick()
            return
        try:
            self.take(items)
        except Exception:
            self._suspects.put(items)
            raise
        if len(items) < MOST_AT_ONCE:
            self._stopping.wait(REST)

    def _next(self) -> list[Item]:
        """What waits, after waiting for something until the next tick is due."""
        last = self.watches.last_tick
        wait = LOOK_EVERY if last is None else min(LOOK_EVERY, self.time.seconds_until(last + GRID))
        try:
            first = self._queue.get(timeout=wait)
        except queue.Empty:
            return []
        items, room = [], MOST_READINGS
        for item in itertools.chain((first,), self._drained()):
            if item is None:
                continue
            items.append(item)
            if isinstance(item, BatchCame) and item.batch is not None:
                room -= len(item.batch.readings)
                if room <= 0:
                    break
        return items

    def _drained(self) -> Iterator[Item | None]:
        for _ in range(MOST_AT_ONCE - 1):
            try:
                yield self._queue.get_nowait()
            except queue.Empty:
                return
