"""All homes' watches over their logs: load, tick, feed, and what becomes of the changes they make.

Called by one thread. Moments are arguments, so that days of it run in a test.
"""

from __future__ import annotations

import logging
import math
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sensor_hub.model.alert import AlertChange
from sensor_hub.model.dial import DEFAULT_FALSE_PAGES
from sensor_hub.model.entry import DialSet, Entry, HomeSet, HubAway
from sensor_hub.model.home import Home
from sensor_hub.model.moment import to_millisecond
from sensor_hub.watch.boards import Boards
from sensor_hub.watch.home_watch import GRID, HomeWatch
from sensor_hub.watch.ports import Stores, Time
from sensor_hub.watch.rounds import Rounds
from sensor_hub.watch.snapshot import SnapshotError
from sensor_hub.watch.storms import Storms
from sensor_hub.watch.telling import Teller, Telling

log = logging.getLogger(__name__)

SNAPSHOT_ENTRIES = 5000
SNAPSHOT_TICKS = 72
"""A home's snapshot is taken after so many entries or ticks: what follows it is fed again at the next start."""
AWAY = 900.0
"""A hub that missed more than this, or 5 real seconds, was away."""


@dataclass(slots=True)
class Watched:
    """A home's watch, and what of it is not in its snapshot."""

    watch: HomeWatch
    boards: Boards
    received: float = 0.0
    """Of the last entry in its log."""
    entries: int = 0
    ticks: int = 0
    is_lost: bool = False
    """A rule failed: what its watch holds is not to be relied on."""


class Watches:
    """Homes by id, each with its watch."""

    def __init__(
        self,
        homes: Iterable[Home],
        stores: Stores,
        time: Time,
        telling: Telling,
        *,
        false_pages: float = DEFAULT_FALSE_PAGES,
    ) -> None:
        self.homes = {home.id: home for home in homes}
        self.stores = stores
        self.time = time
        self.teller = Teller(self.homes, stores, time, telling, rooms=self._rooms)
        self.storms = Storms(len(self.homes), stores, time)
        self.rounds = Rounds(self.homes, stores, time, telling)
        self.false_pages = false_pages
        self.has_news = False
        """Whether something was found that nobody was told of yet."""
        self.watched: dict[str, Watched] = {}
        self.last_tick: float | None = None

    def load(self) -> None:
        """Brings every home to where its log and the last tick left it."""
        self.last_tick = self.stores.memory.last_tick()
        self.watched.clear()
        self.stores.now.keep_only(self.homes)
        for home in self.homes.values():
            self._load(home)
        if self.last_tick is not None:
            self.stores.memory.keep_settled(self.last_tick)

    def _load(self, home: Home) -> None:
        watch = self._restore(home)
        # Homes take their snapshots at different ticks.
        spread = zlib.crc32(home.id.encode()) % SNAPSHOT_TICKS
        received = self.stores.log.last_received(home.id) or 0.0
        self.watched[home.id] = Watched(watch, Boards(self.stores, home.id), received, ticks=spread)
        changes: list[AlertChange] = []
        for position, entry in self.stores.log.read(home.id, watch.state.position):
            changes += self._ask(home.id, partial(HomeWatch.feed, entry=entry, position=position))
        if self.last_tick is not None and watch.state.ticked is not None:
            changes += self._ask(home.id, partial(HomeWatch.tick_past, moment=self.last_tick))
        self._record(changes)

    def go_live(self, now: float) -> None:
        """Writes down that the hub was away until `now`, and homes and a dial that are new."""
        with self.stores.database.transaction():
            self.note_away(now)
            for home in self.homes.values():
                if self.stores.log.last_home(home.id) != home:
                    self.append(home.id, HomeSet(self.received_after(home.id, now), home))
                if (self.stores.log.last_false_pages(home.id) or DEFAULT_FALSE_PAGES) != self.false_pages:
                    self.append(home.id, DialSet(self.received_after(home.id, now), self.false_pages))
            self.teller.adopt(now)
        self.tick(now)

    def note_away(self, now: float) -> None:
        """Silence since each home's last tick says nothing about the home."""
        away_since = now
        with self.stores.database.transaction():
            for id_, watched in self.watched.items():
                ticked = watched.watch.state.ticked
                if ticked is not None and ticked < now:
                    away_since = min(away_since, ticked)
                    self.append(id_, HubAway(self.received_after(id_, now), ticked, now))
            if now - away_since > GRID:
                self.stores.coverage.note_away(away_since, now)

    def was_away(self, now: float) -> bool:
        """Whether so much time has passed since the last tick that the hub did not run in it."""
        return self.last_tick is not None and now - self.last_tick > GRID + max(AWAY, 5 * self.time.speed)

    def is_on_time(self, now: float) -> bool:
        """Whether ticks come when they should; not after a stall, nor while the clock is behind the last tick."""
        return self.last_tick is not None and now >= self.last_tick - GRID and not self.was_away(now)

    def tick(self, now: float) -> None:
        """Every tick up to `now` that has not been yet, for all homes."""
        moment = math.floor(now / GRID) * GRID
        if self.last_tick is not None and moment <= self.last_tick:
            return
        # Durable first: after a crash the tick is made again, whether or not it was made, and gives the same.
        self.stores.memory.keep_tick(moment)
        self.last_tick = moment
        changes: list[AlertChange] = []
        for id_, watched in self.watched.items():
            changes += self._ask(id_, partial(HomeWatch.tick_past, moment=moment))
            watched.ticks += 1
        with self.stores.database.transaction():
            self._record(changes)
            self.stores.memory.keep_settled(moment)
            for watched in self.watched.values():
                if not watched.is_lost:
                    watched.boards.show(watched.watch, moment)
        self._take_snapshots()

    def move(self, now: float) -> int:
        """Looks over all homes, then lets every alert go on whose next move is due. How many notices that gave."""
        self.has_news = False
        with self.stores.database.transaction():
            storm = self.storms.look(now)
            if storm is not None:
                self._record([storm])
            return self.teller.move(now)

    def received_at(self, home: str, now: float) -> float:
        """`received` of a batch stored now: never less than the entry before it, nor than the home's last tick."""
        watched = self.watched[home]
        return max(now, watched.received, watched.watch.state.ticked or 0.0)

    def received_after(self, home: str, now: float) -> float:
        """`received` of any other entry stored now: later than the entry before it.

        So the order of the log is that of (received, other entries first), which is how exported files are read.
        """
        return max(self.received_at(home, now), to_millisecond(self.watched[home].received + 0.001))

    def append(self, home: str, entry: Entry) -> None:
        """Stores an entry and feeds it."""
        position = self.stores.log.append(home, entry)
        self.feed(home, position, [entry])

    def feed(self, home: str, position: int, entries: Sequence[Entry]) -> None:
        """Feeds what was stored at `position`, unless the home is not watched any more."""
        watched = self.watched.get(home)
        if watched is None:
            return
        watched.received = max(watched.received, *(entry.received for entry in entries))
        watched.entries += len(entries)
        self._record(self._ask(home, partial(_feed, position=position, entries=entries)))

    def save(self, home: str | None = None) -> None:
        """Takes every home's snapshot, or that of one."""
        self._save_all(
            self.watched if home is None else {id_: self.watched[id_] for id_ in self.watched if id_ == home}
        )

    def drop(self, home: str) -> None:
        """The home is not watched any more."""
        self.watched.pop(home, None)
        self.homes.pop(home, None)

    def _ask(self, home: str, act: Callable[[HomeWatch], list[AlertChange]]) -> list[AlertChange]:
        """What the home's watch makes of it. A fault of a rule in one home blinds that home and no other.

        Its log goes on; a program put right reads it from the last snapshot.
        """
        watched = self.watched[home]
        if watched.is_lost:
            return []
        try:
            return act(watched.watch)
        except Exception:
            log.exception("home %s cannot be watched any more: a rule failed", home)
            watched.is_lost = True
            watched.boards.show_lost(self.time.now())
            return []

    def _restore(self, home: Home) -> HomeWatch:
        snapshot = self.stores.snapshots.load(home.id)
        if snapshot is not None:
            try:
                return HomeWatch.restore(snapshot)
            except SnapshotError as error:
                log.warning("the snapshot of home %s is not used, its log is read instead: %s", home.id, error)
        # The log's first entry describes the home as it was then: it is what an export is replayed with.
        return HomeWatch.begin(self.stores.log.first_home(home.id) or home)

    def _record(self, changes: Sequence[AlertChange]) -> None:
        """Writes the changes that are new, and with them when they are to be told."""
        if not changes:
            return
        self.has_news = True
        with self.stores.database.transaction():
            for change in changes:
                recorded = self.stores.alerts.record(change)
                if recorded is not None:
                    self.teller.tell(change, recorded)

    def _rooms(self, home: str) -> Mapping[str, str]:
        watched = self.watched.get(home)
        devices = () if watched is None else watched.watch.state.description.home().devices
        return {device.id: device.room for device in devices}

    def _take_snapshots(self) -> None:
        due = {
            id_: watched
            for id_, watched in self.watched.items()
            if watched.entries >= SNAPSHOT_ENTRIES or watched.ticks >= SNAPSHOT_TICKS
        }
        if due:
            self._save_all(due)

    def _save_all(self, due: Mapping[str, Watched]) -> None:
        with self.stores.database.transaction():
            for id_, watched in due.items():
                if not watched.is_lost:
                    self._save(id_, watched)

    def _save(self, home: str, watched: Watched) -> None:
        state = watched.watch.state
        self.stores.snapshots.save(home, state.position, state.ticked, watched.watch.snapshot())
        watched.entries = watched.ticks = 0


def _feed(watch: HomeWatch, position: int, entries: Sequence[Entry]) -> list[AlertChange]:
    return [change for entry in entries for change in watch.feed(entry, position)]
