"""The history that the settings name: InfluxDB where there is one, else the log's own table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sensor_hub.clock import Clock
from sensor_hub.config.keep_settings import KeepSettings
from sensor_hub.history.either import EitherHistory, Grain
from sensor_hub.history.port import FeedNumbers, History
from sensor_hub.influx.address import InfluxAddress
from sensor_hub.model.moment import DAY
from sensor_hub.storage.database import to_ms
from sensor_hub.storage.log_history import LogHistory
from sensor_hub.storage.log_tail import HistoryPlace, LogTail
from sensor_hub.storage.stores import SqlStores

if TYPE_CHECKING:
    # Its client takes 25 MiB of memory: for those who have an InfluxDB.
    from sensor_hub.influx.feed import InfluxFeed


@dataclass(frozen=True, slots=True)
class Histories:
    """What is asked, and the thread that fills it where it is not the log itself."""

    history: History
    feed: InfluxFeed | None = None
    close: Callable[[], None] = lambda: None

    @property
    def numbers(self) -> Callable[[], FeedNumbers] | None:
        return None if self.feed is None else self.feed.numbers


def histories_of(
    address: InfluxAddress | None, stores: SqlStores, clock: Clock, keep: KeepSettings | None = None
) -> Histories:
    """Nothing is started, and nothing asked yet. `keep`: what the log does not keep; None: it keeps all."""
    keep = keep or KeepSettings()
    own = LogHistory(stores.database)
    if address is None:
        return Histories(own)
    from sensor_hub.influx.feed import InfluxFeed
    from sensor_hub.influx.history import InfluxHistory
    from sensor_hub.influx.server import InfluxServer

    server, tail, place = InfluxServer(address), LogTail(stores.database), HistoryPlace(stores.memory)
    feed = InfluxFeed(tail, place, server, clock)

    def has_all(home: str, start: float, end: float) -> bool:
        """A chart may lack what came in the last seconds; what is not fed from this hub's own thread lacks nothing."""
        return feed.has_all() or tail.covers(place.position(), home, to_ms(start), to_ms(end))

    def far_since(grain: Grain) -> float:
        days = address.reading_days if grain is Grain.READINGS else address.hour_days
        return 0.0 if days is None else clock.wall() - days * DAY

    def near_since(home: str) -> float:
        days = keep.terms_of(stores.tenants.of(home)).hours
        return 0.0 if days is None else clock.now() - days * DAY

    history = EitherHistory(
        InfluxHistory(server),
        own,
        has_all=has_all,
        far_since=far_since,
        near_since=near_since,
        monotonic=clock.monotonic,
    )
    return Histories(history, feed, server.close)
