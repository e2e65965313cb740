"""Notes in the chronology what was refused: see `web.refusals.Refusals`."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from sensor_hub.access.actor import GATEWAY
from sensor_hub.access.chronology import Act, Chronicler, ChronologyEntry
from sensor_hub.model.moment import HOUR
from sensor_hub.web.refusals import Refused, Why

log = logging.getLogger(__name__)

MOST_APART = 50
"""Addresses and people told apart between two writings; what is refused to others is one entry for each reason."""
MOST_AN_HOUR = 500
"""Of nobody known, by the hub's clock: whoever comes from everywhere writes some megabytes a day, no more."""
ELSEWHERE = "elsewhere"
PAGES, BROKER = "pages", "broker"


class _Asker(NamedTuple):
    address: str
    who: str
    why: Why
    at: str = PAGES
    tenant: str = ""
    """Of the home that it was about, at the broker."""


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
        self.totals: Counter[tuple[str, Why]] = Counter()
        """Since the start: at the `pages` or the `broker`, and why."""
        self._tallies: dict[_Asker, _Tally] = {}
        self._hour, self._apart = -1.0, 0
        self._guard = threading.Lock()

    def tell(self, refused: Refused) -> None:
        asker = _asker(refused)
        with self._guard:
            self.totals[asker.at, refused.why] += 1
            if asker not in self._tallies and not self._has_room(is_known=refused.who is not None):
                asker = _Asker(ELSEWHERE, "", refused.why, asker.at)
            tally = self._tallies.setdefault(asker, _Tally(self.now(), refused))
            tally.count += 1

    def _has_room(self, *, is_known: bool) -> bool:
        """Whether one more may be told apart; counts it. Nobody who comes from everywhere hides what somebody does who
        is known."""
        hour = self.now() // HOUR
        if hour != self._hour:
            self._hour, self._apart = hour, 0
        if len(self._tallies) >= MOST_APART or (self._apart >= MOST_AN_HOUR and not is_known):
            return False
        self._apart += not is_known
        return True

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


def _asker(refused: Refused) -> _Asker:
    if refused.gateway is not None:
        return _Asker(refused.address, refused.gateway.name, refused.why, BROKER, refused.gateway.tenant)
    return _Asker(refused.address, "" if refused.who is None else refused.who.id, refused.why)


def _entry(asker: _Asker, tally: _Tally) -> ChronologyEntry:
    who = None if asker.address == ELSEWHERE else tally.first.who
    gateway = None if asker.address == ELSEWHERE else tally.first.gateway
    times = "once" if tally.count == 1 else f"{tally.count} times"
    detail = f"{asker.why.value}; {times} from {asker.address or 'an unknown address'}"
    if gateway is not None:
        role, home = GATEWAY if gateway.name else "", gateway.home
        return ChronologyEntry(
            tally.at, gateway.tenant, gateway.name, role, Act.REFUSED, home, tally.first.what, detail
        )
    tenant, role = ("", "") if who is None else (who.tenant or "", who.role.value)
    return ChronologyEntry(tally.at, tenant, asker.who, role, Act.REFUSED, "", tally.first.what, detail)
