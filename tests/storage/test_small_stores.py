from __future__ import annotations

from sensor_hub.model.wire import Status
from sensor_hub.storage.rejections import SqlRejections
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.ports import CoverageRow, Rejection
from tests.storage.stores import rows

T = 1_767_605_000.0


def test_a_stream_never_moves_back(stores: SqlStores) -> None:
    assert stores.streams.upto("h1", "s") == 0
    stores.streams.move({("h1", "s"): 50})
    stores.streams.move({("h1", "s"): 40})
    stores.streams.move({("h2", "s"): 7, ("h1", "s"): 3})
    assert (stores.streams.upto("h1", "s"), stores.streams.upto("h2", "s")) == (50, 7)


def test_rejections_are_counted_for_ever_and_the_newest_kept(stores: SqlStores) -> None:
    rejections = SqlRejections(stores.database, most=5)
    for number in range(4):
        rejections.add(T, {"h1": [Rejection("record", "odd", f"{number}{each}".encode()) for each in range(3)]})
    rejections.add(T, {"h2": [Rejection("batch", "not gzip", b"x" * 100_000)]})
    assert rejections.counts() == {"odd": 12, "not gzip": 1}
    assert rejections.counts("h1") == {"odd": 12}
    assert rejections.kept() == 5
    ((longest,),) = rows(stores, "SELECT max(length(payload)) FROM rejected")
    assert longest <= 4096


def test_a_status_told_again_by_the_broker_is_no_news(stores: SqlStores) -> None:
    status = Status("offline", "b1", "1.0", T)
    stores.gateways.told("h1", T, status)
    stores.gateways.told("h1", T + 600, status)
    last = stores.gateways.last("h1")
    assert last is not None
    assert (last[0], last[1].state) == (T, "offline")
    stores.gateways.told("h1", T + 900, Status("online", "b1", "1.0", T + 900))
    last = stores.gateways.last("h1")
    assert last is not None
    assert last[0] == T + 900


def test_snapshots_coverage_and_memory_keep_the_last(stores: SqlStores) -> None:
    assert stores.snapshots.load("h1") is None
    assert stores.coverage.shown("h1") is None
    assert stores.memory.last_tick() is None
    for number in (1, 2):
        stores.snapshots.save("h1", number, T, bytes([number]))
        stores.coverage.show("h1", T + number, [CoverageRow("cold", "", "blind", f"reason {number}")])
        stores.memory.keep_tick(T + number)
    assert stores.snapshots.load("h1") == b"\x02"
    assert stores.coverage.shown("h1") == (T + 2, [CoverageRow("cold", "", "blind", "reason 2")])
    assert stores.coverage.unseen_now(["h1", "h2"]) == {"h1": T + 1}, "since the first of them"
    stores.coverage.show("h1", T + 3, [])
    assert stores.coverage.unseen_now(["h1"]) == {}
    assert stores.memory.last_tick() == T + 2
