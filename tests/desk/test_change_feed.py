"""What is stored reaches who waits for it, from either database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sensor_hub.alerts.plan import Plan
from sensor_hub.desk.change_feed import ChangeFeed
from sensor_hub.desk.tenancy import StoredTenancy
from sensor_hub.model.change import What
from sensor_hub.storage.stores import SqlStores
from tests.storage.stores import open_fresh
from tests.waiting import wait_for


@pytest.fixture
def stores(where: Path | str) -> Iterator[SqlStores]:
    stores = open_fresh(where)
    with closing(stores.database):
        yield stores


@pytest.fixture
def feed(stores: SqlStores) -> Iterator[ChangeFeed]:
    stores.tenants.bind("elm-14", "elmham")
    feed = ChangeFeed(stores.changes, StoredTenancy(stores.tenants, [], Plan((), ())), lambda: 1.0)
    feed.start()
    yield feed
    feed.stop(10)


def told(feed: ChangeFeed, position: int) -> list[str]:
    return [each.what.value for each in feed.recent(position) or ()]


def test_who_waits_is_woken_by_what_is_stored(stores: SqlStores, feed: ChangeFeed) -> None:
    async def listen() -> list[str]:
        place = feed.newest()
        with feed.listening():
            while feed.recent(place.position) is None:
                await asyncio.sleep(0.005)
            waiting = asyncio.create_task(feed.news(place.position, 60))
            await asyncio.to_thread(stores.changes.note, What.HUB_STARTED, 2.0)
            await waiting
            return told(feed, place.position)

    assert asyncio.run(asyncio.wait_for(listen(), 60)) == ["hub.started"]


def test_what_listeners_share_is_read_as_long_as_there_are_any(stores: SqlStores, feed: ChangeFeed) -> None:
    place = feed.newest()
    assert feed.recent(place.position) is None
    with feed.listening():
        wait_for(lambda: feed.recent(place.position) is not None)
        stores.changes.note(What.HUB_STARTED, 2.0)
        wait_for(lambda: told(feed, place.position) == ["hub.started"])
        assert feed.recent(place.position - 1) is None
    assert feed.recent(place.position) is None


def test_whose_a_home_is_changes_with_what_is_read(stores: SqlStores, feed: ChangeFeed) -> None:
    with feed.listening():
        wait_for(lambda: feed.tenancy.whose() == {"elm-14": "elmham"})
        whose = feed.tenancy.whose()
        stores.tenants.give("elm-14", "oakshire")
        stores.tenants.bind("oak-2", "oakshire")
        wait_for(lambda: whose == {"elm-14": "oakshire", "oak-2": "oakshire"})
        stores.tenants.forget("oak-2")
        wait_for(lambda: whose == {"elm-14": "oakshire"})


def test_a_store_that_cannot_be_read_is_said_to_be_so_until_it_can(
    stores: SqlStores, feed: ChangeFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = feed.newest()
    with feed.listening():
        wait_for(lambda: feed.recent(place.position) is not None)
        with monkeypatch.context() as patched:
            patched.setattr(stores.changes, "after", lambda *_: 1 / 0)
            stores.changes.note(What.HUB_STARTED, 2.0)
            wait_for(lambda: not feed.is_well)
        wait_for(lambda: feed.is_well and told(feed, place.position) == ["hub.started"])
