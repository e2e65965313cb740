"""Notes in the chronology what was refused: see `web.refusals.Refusals`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from sensor_hub.access.chronology import Act, Chronicler, ChronologyEntry
from sensor_hub.web.refusals import Refused, Why

log = logging.getLogger(__name__)

MOST_APART = 50
"""Addresses and people told apart between two writings; what is refused to others is one entry for each reason."""
ELSEWHERE = "elsewhere"


class _Asker(NamedTuple):
    address: str
    who: str
    why: Why


@dataclass(slots=True)
class _Tally:
    """What was refused to one asker; `first` is what they asked for first."""

    at: float
    first: Refused
    count: int = 0


class StoredRefusals:
    """Counts, and writes one entry for each asker when `flush` is called: nobody fills the disk by asking."""

    def __init__(self, chronology: Chronicler, now: Callable[[], float]) -> None:
        self.chronology = chronology
        self.now = now
        self._tallies: dict[_Asker, _Tally] = {}
        self._guard = threading.Lock()

    def tell(self, refused: Refused) -> None:
        asker = _Asker(refused.address, "" if refused.who is None else refused.who.id, refused.why)
        with self._guard:
            if asker not in self._tallies and len(self._tallies) >= MOST_APART:
                asker = _Asker(ELSEWHERE, "", refused.why)
            tally = self._tallies.setdefault(asker, _Tally(self.now(), refused))
            tally.count += 1

    def flush(self) -> None:
        """Writes what was refused since; what cannot be written is kept for the next time."""
        with self._guard:
            tallies, self._tallies = self._tallies, {}
        while tallies:
            asker, tally = next(iter(tallies.items()))
            try:
                self.chronology.write(_entry(asker, tally))
            except SQLAlchemyError:
                log.exception("what was refused could not be written down; it is tried again")
                self._keep(tallies)
                return
            del tallies[asker]

    def _keep(self, tallies: dict[_Asker, _Tally]) -> None:
        with self._guard:
            for asker, tally in self._tallies.items():
                if asker in tallies:
                    tallies[asker].count += tally.count
                elif len(tallies) < MOST_APART:
                    tallies[asker] = tally
            self._tallies = tallies


def _entry(asker: _Asker, tally: _Tally) -> ChronologyEntry:
    who = None if asker.address == ELSEWHERE else tally.first.who
    times = "once" if tally.count == 1 else f"{tally.count} times"
    detail = f"{asker.why.value}; {times} from {asker.address or 'an unknown address'}"
    tenant, role = ("", "") if who is None else (who.tenant or "", who.role.value)
    return ChronologyEntry(tally.at, tenant, asker.who, role, Act.REFUSED, "", tally.first.what, detail)
