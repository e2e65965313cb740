"""What changes, read from the store once for all who listen: see `web.event_ports.HubChanges`."""

from __future__ import annotations

import asyncio
import logging
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from sensor_hub.model.change import Change, What
from sensor_hub.storage.changes import SqlChanges
from sensor_hub.web.bounds import Tenancy, following
from sensor_hub.web.event_ports import Place

log = logging.getLogger(__name__)

MOST_RECENT = 10_000
"""Changes that are kept in memory for those who listen."""
AT_ONCE = 1000
LOOK_EVERY = 1.0
"""Seconds: commands beside the hub change things too, and ring nobody."""
REST = 0.02
"""Between two reads: what comes close together is read together."""
Wait = tuple[asyncio.AbstractEventLoop, asyncio.Event]


class KnownTenancy:
    """Whose the homes are, as of the last change that was read: it is not read anew for each who listens."""

    def __init__(self, stored: Tenancy) -> None:
        self._stored = stored
        self._whose: dict[str, str] = {}

    @property
    def own(self) -> str:
        return self._stored.own

    def whose_contact(self, contact: str) -> str:
        return self._stored.whose_contact(contact)

    def home_of(self, contact: str) -> str:
        return self._stored.home_of(contact)

    def whose(self) -> Mapping[str, str]:
        return self._whose

    def whose_home(self, home: str) -> str | None:
        return self._whose.get(home)

    def homes_after(self, tenant: str, after: str, limit: int) -> list[str]:
        return following(self._whose, tenant, after, limit)

    def load(self) -> None:
        """In place: whoever listens looks at this one."""
        now = self._stored.whose()
        self._whose.update(now)
        for gone in self._whose.keys() - now.keys():
            del self._whose[gone]

    def take(self, change: Change) -> None:
        if change.detail:
            self._whose[change.home] = change.detail
        else:
            self.load()


class ChangeFeed:
    """One thread reads as long as anybody listens; it is rung by who stores a change (`Database.on_noted`)."""

    def __init__(self, changes: SqlChanges, tenancy: Tenancy, now: Callable[[], float]) -> None:
        self._changes = changes
        self._now = now
        self.tenancy = KnownTenancy(tenancy)
        self._guard = threading.Lock()
        self._recent: list[Change] = []
        self._from = self._upto = -1
        """Positions behind the first of which, up to the second, `_recent` has all."""
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._listeners = 0
        self._is_ready = False
        self.is_well = True
        self._rung = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="changes", daemon=True)

    # The thread, and who rings it.

    def start(self) -> None:
        self._changes.note(What.HUB_STARTED, self._now())
        self._changes.database.on_noted = self._rung.set
        self._thread.start()

    def stop(self, within: float) -> None:
        """Whoever listens ends."""
        self._stopping.set()
        self._rung.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(within)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._rung.wait(LOOK_EVERY if self._listeners else None)
            self._rung.clear()
            if not self._listeners or self._stopping.is_set():
                continue
            try:
                self._read()
            except Exception:
                if self.is_well:
                    log.exception("what changes cannot be read: those who listen are told so")
                self.is_well = False
                self._stopping.wait(LOOK_EVERY)
                self._rung.set()
            else:
                self.is_well = True
                self._stopping.wait(REST)

    def _read(self) -> None:
        if not self._is_ready:
            self._begin()
        while rows := self._changes.after(self._upto, AT_ONCE):
            for change in rows:
                if change.what is What.TENANCY:
                    self.tenancy.take(change)
            with self._guard:
                self._recent += rows
                self._upto = rows[-1].position
                if len(self._recent) > 2 * MOST_RECENT:
                    self._from = self._recent[-MOST_RECENT - 1].position
                    del self._recent[:-MOST_RECENT]
            self._wake()

    def _begin(self) -> None:
        """From here on: who listened before read for themselves."""
        position = self._changes.newest()[0]
        self.tenancy.load()
        with self._guard:
            self._recent, self._from, self._upto, self._is_ready = [], position, position, True
        self._wake()

    def _wake(self) -> None:
        with self._guard:
            waiting, self._waiting = self._waiting, {}
        loops: dict[asyncio.AbstractEventLoop, list[asyncio.Event]] = {}
        for event, loop in waiting.items():
            loops.setdefault(loop, []).append(event)
        for loop, events in loops.items():
            # One that was closed has nobody left who waits.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_set_all, events)

    # What those who listen ask.

    def newest(self) -> Place:
        return Place(*self._changes.newest())

    def is_kept(self, place: Place) -> bool:
        return self._changes.is_kept(*place)

    def after(self, position: int, most: int) -> Sequence[Change]:
        return self._changes.after(position, most)

    @property
    def is_closing(self) -> bool:
        return self._stopping.is_set()

    @contextmanager
    def listening(self) -> Iterator[None]:
        with self._guard:
            self._listeners += 1
        self._rung.set()
        try:
            yield
        finally:
            with self._guard:
                self._listeners -= 1
                self._is_ready = self._is_ready and self._listeners > 0

    def recent(self, position: int) -> Sequence[Change] | None:
        with self._guard:
            if not self._is_ready or position < self._from:
                return None
            return self._recent[bisect_right(self._recent, position, key=_position) :]

    async def news(self, position: int, within: float) -> None:
        event = asyncio.Event()
        with self._guard:
            if self._stopping.is_set() or (self._is_ready and self._upto > position):
                return
            self._waiting[event] = asyncio.get_running_loop()
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), within)
        finally:
            with self._guard:
                self._waiting.pop(event, None)


def _position(change: Change) -> int:
    return change.position


def _set_all(events: Sequence[asyncio.Event]) -> None:
    for event in events:
        event.set()
