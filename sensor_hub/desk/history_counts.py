"""Whether the history has as many readings as the log it was filled from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sensor_hub.clock import Clock
from sensor_hub.influx.address import InfluxAddress
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.storage.database import to_ms
from sensor_hub.storage.log_tail import LogTail
from sensor_hub.storage.stores import SqlStores


@dataclass(frozen=True, slots=True)
class Counted:
    """Readings that the history keeps, by what the settings say."""

    readings: int = 0
    """Of the log."""
    lacking: dict[str, int] = field(default_factory=dict)
    """How many the history has less, by home."""

    def told(self) -> Iterator[str]:
        """A line for each home that lacks some, else one that says so."""
        for home, missing in self.lacking.items():
            yield f"{home}: {missing} readings of the log are not in the history"
        if not self.lacking:
            yield f"The history has all {self.readings} readings of the log."


def count_history(address: InfluxAddress, stores: SqlStores, clock: Clock) -> Counted:
    """HistoryError where the history cannot be asked."""
    from sensor_hub.influx.history import InfluxHistory
    from sensor_hub.influx.server import InfluxServer

    # The hour: what was just young enough when it was given may be too old by now.
    since = 0.0 if address.reading_days is None else clock.wall() - address.reading_days * DAY + HOUR
    server = InfluxServer(address)
    try:
        there = InfluxHistory(server).counts(since)
    finally:
        server.close()
    kept = LogTail(stores.database).counts(to_ms(since))
    lacking = {home: count - there.get(home, 0) for home, count in sorted(kept.items())}
    return Counted(sum(kept.values()), {home: missing for home, missing in lacking.items() if missing > 0})
