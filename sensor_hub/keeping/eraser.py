"""Erases what is to be erased, a little at a time, and writes certificates; goes on where it was cut short."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Protocol

from sensor_hub.access.actor import HUB
from sensor_hub.access.chronology import Act, ChronologyEntry
from sensor_hub.history.port import HistoryError
from sensor_hub.keeping.certificates import certificate_of
from sensor_hub.keeping.restore import ERASED
from sensor_hub.model.consent import DATA_OF, EVERYTHING, Decision, Told, scope_names, scope_of, withdrawn
from sensor_hub.model.entry import ScopeSet
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import local, to_millisecond
from sensor_hub.storage.erasing import Erasing, data_words
from sensor_hub.storage.erasures import Job, mark_of
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.consent_ports import Withdrawal
from sensor_hub.watch.items import Item, Save
from sensor_hub.watch.ports import Taken

log = logging.getLogger(__name__)

EVERY = 5.0
PAUSE = 0.01
"""Between two transactions, so that whoever waits to write comes in."""
SAVED_WITHIN = 60.0
AGAIN = "a backup brought it back"


class ErasedHistory(Protocol):
    def erase(self, home: str, metrics: frozenset[Metric] | None) -> None:
        """Removes what the log has no longer of a home, all of it or of these metrics; HistoryError where it cannot."""
        ...


@dataclass(frozen=True, slots=True)
class Eraser:
    """`erase` does one job to its end. Its thread is `ErasingThread`."""

    stores: SqlStores
    offer: Callable[[Item], bool]
    """Hands an item to the watch's worker."""
    now: Callable[[], float]
    data: Path
    """The data folder."""
    backups_days: float
    history: ErasedHistory | None = None
    """Which is beside the log; None: there is none."""

    def turn(self, wait: Callable[[float], object]) -> bool:
        """Does the job that is due, if there is one; whether there was.

        HistoryError where a history beside the log cannot be asked now: the job goes on next time.
        """
        job = self.stores.erasures.due(self.now())
        if job is None:
            return False
        if not job.step and not self._prepare(job):
            return False
        erasing = Erasing(self.stores.database, self.stores.erasures)
        while erasing.advance(job, self.now()):
            if wait(PAUSE):
                return False
            job = self.stores.erasures.job(job.id) or job
        self._erase_history(job)
        self._finish(self.stores.erasures.job(job.id) or job)
        return True

    def _prepare(self, job: Job) -> bool:
        """Notes what is to be erased outside of the database, and lets the watch's snapshot forget it."""
        note_erasure(self.data / ERASED, job)
        if job.is_whole:
            return True
        saved: Future[Taken] = Future()
        if not self.offer(Save(job.home, saved)):
            return False
        try:
            saved.result(SAVED_WITHIN)
        except TimeoutError:
            return False
        return True

    def _erase_history(self, job: Job) -> None:
        """HistoryError while something may be left there: before that there is no certificate."""
        if self.history is not None:
            metrics = frozenset(metric for metric, data in DATA_OF.items() if data in job.data)
            self.history.erase(job.home, None if job.is_whole else metrics)

    def _finish(self, job: Job) -> None:
        at = self.now()
        certificate = certificate_of(job, at=at, backups_days=self.backups_days)
        detail = f"certificate {certificate['sha256']}"
        done = ChronologyEntry(at, job.tenant, job.by, HUB, Act.ERASED, job.home, job.id, detail)
        with self.stores.database.transaction():
            self.stores.erasures.finish(job, certificate, at)
            self.stores.chronology.write(done)
        log.info("an erasure is done (%s): certificate %s", data_words(job.data), job.id)


class ErasingThread:
    def __init__(self, eraser: Eraser) -> None:
        self.eraser = eraser
        self._waits = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="eraser", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, within: float) -> None:
        self._stopping.set()
        self._thread.join(within)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self.eraser.turn(self._stopping.wait):
                    self._waits = False
                    continue
            except HistoryError as error:
                if not self._waits:
                    log.warning("an erasure waits for the history, and is not certified before: %s", error)
                self._waits = True
            except Exception:
                log.exception("what is to be erased could not be; it is tried again")
            self._stopping.wait(EVERY)


def note_erasure(file: Path, job: Job) -> None:
    """Adds a line to the list, once for each job. On disk when it returns."""
    if any(row["id"] == job.id for row in _listed(file)):
        return
    row = {"id": job.id, "mark": mark_of(job.home), "data": scope_names(job.data), "by": job.by}
    # A line that a power cut left half written ends here, and is no part of this one.
    begin = "\n" if file.exists() and file.read_bytes()[-1:] not in {b"", b"\n"} else ""
    with file.open("a", encoding="utf-8") as out:
        out.write(begin + json.dumps(row) + "\n")
        out.flush()
        os.fsync(out.fileno())


def erase_again(stores: SqlStores, file: Path, now: float) -> int:
    """What was erased and stands in the database again, since an older backup took its place, is asked to be erased.

    Called before the hub watches. How many homes that concerns.
    """
    again = 0
    names = {mark_of(home): home for home in stores.erasures.homes()}
    for row in _listed(file):
        home = names.get(row["mark"])
        if stores.erasures.job(row["id"]) is None and home is not None:
            with stores.database.transaction():
                again += _ask_again(stores, home, row, now)
    return again


def _ask_again(stores: SqlStores, home: str, row: dict[str, Any], now: float) -> bool:
    received = to_millisecond((stores.log.last_received(home) or 0.0) + 0.001)
    if not row["data"]:
        position = stores.log.append(home, ScopeSet(received, frozenset()))
        stores.erasures.ask_whole(Withdrawal(home, EVERYTHING, position, now, row["by"]), AGAIN)
        return True
    before = stores.consents.current(home)
    lost = frozenset(data for data in EVERYTHING if data.value in row["data"]) & scope_of(before)
    if not lost:
        return False
    decision: Decision = withdrawn(before, lost, Told("", local(now, UTC).date(), AGAIN))
    stores.consents.add(home, now, decision, row["by"])
    position = stores.log.append(home, ScopeSet(received, decision.scope))
    stores.erasures.ask(Withdrawal(home, lost, position, now, row["by"]))
    return True


def _listed(file: Path) -> Iterator[dict[str, Any]]:
    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            # A line that a power cut left half written: its job had not begun.
            continue
        if isinstance(row, dict) and {"id", "mark", "data", "by"} <= row.keys():
            yield row
