"""The numbers that `/metrics` tells beyond what pages show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sensor_hub.history.port import FeedNumbers
from sensor_hub.ingest.uplink import Uplink
from sensor_hub.storage.stores import SqlStores
from sensor_hub.web.metrics import HubNumbers
from sensor_hub.web.refusals import Why

NOTHING: Mapping[tuple[str, Why], int] = MappingProxyType({})


def hub_numbers(
    stores: SqlStores,
    uplink: Uplink,
    history: Callable[[], FeedNumbers] | None = None,
    *,
    is_full: bool = False,
    refused: Mapping[tuple[str, Why], int] = NOTHING,
) -> HubNumbers:
    """`history`: how far a history beside the log has come; None: there is none. `is_full`: there is no room on the
    disk. `refused`: how often since the start, by where and why."""
    tally = stores.tally
    return HubNumbers(
        position=tally.position(),
        last_tick=stores.memory.settled_tick(),
        notices=tally.notices(),
        oldest_due=tally.oldest_due(),
        exhausted=tally.exhausted(),
        broken_channels=tally.broken_channels(),
        bytes_on_disk=tally.bytes_on_disk(),
        dropped=uplink.dropped,
        history=None if history is None else history(),
        is_full=is_full,
        refused=refused,
    )
