"""What one transaction of the worker stored: to be answered, then fed, once it is committed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sensor_hub.model.consent import Data
from sensor_hub.model.entry import Entry
from sensor_hub.model.moment import to_millisecond
from sensor_hub.model.reading import Reading
from sensor_hub.watch.items import Act, Reply
from sensor_hub.watch.ports import Rejection, Taken
from sensor_hub.watch.watches import Watches


@dataclass(slots=True)
class Taking:
    now: float
    fed: list[tuple[str, int, Sequence[Entry]]] = field(default_factory=list)
    answers: dict[tuple[str, str], Callable[[], object]] = field(default_factory=dict)
    """By home and stream: the last answer to a stream holds for all of its batches before."""
    acts: list[Callable[[], object]] = field(default_factory=list)
    settled: list[tuple[Act, Taken]] = field(default_factory=list)
    """Acts of people, and what became of each."""
    received: dict[str, float] = field(default_factory=dict)
    """Of each home's last entry in this transaction."""
    scopes: dict[str, frozenset[Data]] = field(default_factory=dict)
    """What was agreed in this transaction, by home."""
    came: dict[str, list[Reading]] = field(default_factory=dict)
    """By home, what batches brought that is not in the log yet."""
    moved: dict[tuple[str, str], int] = field(default_factory=dict)
    """By home and stream, how far those batches move it."""
    repliers: dict[tuple[str, str], Reply] = field(default_factory=dict)
    """By home and stream, who hears of it."""
    known: set[tuple[str, str]] = field(default_factory=set)
    """Homes with the tenants whose they are."""
    strangers: dict[tuple[str, str], str] = field(default_factory=dict)
    """Homes with tenants whose they are not, and why; empty: nothing of it is counted."""
    rejected: dict[str, list[Rejection]] = field(default_factory=dict)
    """By home, what could not be used and is not written down yet."""

    def reject(self, home: str, *rejections: Rejection) -> None:
        self.rejected.setdefault(home, []).extend(rejections)

    def settle(self, item: Act, taken: Taken) -> None:
        """The one who asks is told once it is committed."""
        self.settled.append((item, taken))
        self.acts.append(lambda: item.done.set_result(taken))

    def received_at(self, watches: Watches, home: str) -> float:
        """`received` of a batch that is stored next."""
        return max(watches.received_at(home, self.now), self.received.get(home, 0.0))

    def append(self, watches: Watches, home: str, make: Callable[[float], Entry]) -> None:
        """Stores the entry, no batch, that `make` makes of its `received`."""
        after = to_millisecond(self.received.get(home, 0.0) + 0.001)
        received = self.received[home] = max(watches.received_after(home, self.now), after)
        entry = make(received)
        self.fed.append((home, watches.stores.log.append(home, entry), [entry]))
