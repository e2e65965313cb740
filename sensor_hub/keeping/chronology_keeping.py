"""Looks after the chronology while the hub runs: anchors outside of the database, what was refused, what is too old."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from sensor_hub.config.chronology_settings import ChronologySettings
from sensor_hub.keeping.anchors import AnchorFile, anchors_of
from sensor_hub.keeping.refusing import StoredRefusals
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.storage.chronology import ChronologyBook

log = logging.getLogger(__name__)

LOOKS_EVERY, ANCHORS_EVERY, CUTS_EVERY = MINUTE, 15 * MINUTE, HOUR
"""Real seconds."""
AT_ONCE = 2000
"""Entries cut in one transaction: some 20 ms in which nobody else writes."""


class Time(Protocol):
    def now(self) -> float: ...
    def wall(self) -> float: ...
    def monotonic(self) -> float: ...


class ChronologyKeeper:
    """`turn` is its one act; `start` has a thread do it every minute."""

    def __init__(
        self,
        book: ChronologyBook,
        refusals: StoredRefusals,
        file: AnchorFile,
        settings: ChronologySettings,
        time: Time,
    ) -> None:
        self.book = book
        self.refusals = refusals
        self.file = file
        self.settings = settings
        self.time = time
        self._anchored: dict[str, tuple[int, bytes]] = {}
        self._next_anchor = self._next_cut = 0.0
        self._failing: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chronology", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, within: float) -> None:
        """With a last anchor: what is added to or taken from the database until the next start is seen."""
        self._stopping.set()
        self._thread.join(within)
        self._try("refusals", self.refusals.flush)
        self._try("anchors", self.anchor)

    def turn(self) -> None:
        at = self.time.monotonic()
        self._try("refusals", self.refusals.flush)
        if at >= self._next_anchor:
            self._next_anchor = at + ANCHORS_EVERY
            self._try("anchors", self.anchor)
        if at >= self._next_cut:
            self._next_cut = at + CUTS_EVERY
            self._try("retention", self.cut)

    def anchor(self) -> None:
        """Writes down each chain's last entry where it is another than at the last time; also into the hub's log."""
        heads = {each: head for each, head in self.book.heads().items() if head != self._anchored.get(each)}
        self.file.add(anchors_of(heads, self.time.wall()))
        self._anchored.update(heads)
        for tenant, (number, hash_) in sorted(heads.items()):
            log.info("chronology of %s: entry %d has the hash %s", tenant or "the hub", number, hash_.hex())

    def cut(self) -> None:
        """Forgets what is older than its tenant's term."""
        now = self.time.now()
        for tenant in self.book.tenants():
            before = now - self.settings.days_of(tenant) * DAY
            while (count := self.book.cut(tenant, before, now, AT_ONCE)) and not self._stopping.is_set():
                log.info("chronology of %s: %d entries were older than is kept", tenant or "the hub", count)

    def _try(self, what: str, act: Callable[[], object]) -> None:
        """What fails is told once, and done at the next turn."""
        try:
            act()
        except (SQLAlchemyError, OSError):
            if what not in self._failing:
                log.exception("the chronology's %s cannot be looked after; it is tried again every minute", what)
                self._failing.add(what)
            self._next_anchor = 0.0
        else:
            self._failing.discard(what)

    def _run(self) -> None:
        while True:
            self.turn()
            if self._stopping.wait(LOOKS_EVERY):
                return
