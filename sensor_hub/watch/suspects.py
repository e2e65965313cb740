"""What was in a transaction that failed: stored again by halves, so that few tries tell who is to blame."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sensor_hub.watch.items import Act, BatchCame, Item, StatusCame
from sensor_hub.watch.narrowing import Came, without_unfit
from sensor_hub.watch.ports import Transactions
from sensor_hub.watch.taking import Taking

log = logging.getLogger(__name__)


class _UndoneError(Exception):
    """Nothing of a transaction is to stay."""


class Suspects:
    """`store` stores items in one transaction."""

    def __init__(self, database: Transactions, store: Callable[[Sequence[Item]], Taking]) -> None:
        self._database = database
        self._store = store
        self._parts: list[Sequence[Item]] = []
        """In the order in which they came."""

    def __bool__(self) -> bool:
        return bool(self._parts)

    def put(self, items: Sequence[Item]) -> None:
        """They failed together. Who was told already what became of an act needs no more."""
        self._parts = [[item for item in items if not _is_done(item)]]

    def drain(self) -> list[Item]:
        """All of them; there are none any more."""
        parts, self._parts = self._parts, []
        return [item for part in parts for item in part]

    def store(self) -> Taking | None:
        """Of the next part; None where that failed again, and is in two parts now.

        What no store can hold is counted as rejected where it is alone. That the store fails is no fault of what came:
        then it raises.
        """
        part = self._parts.pop(0)
        try:
            return self._store(part)
        except Exception as error:
            if len(part) < 2:
                return self._store([self._instead(item, error) for item in part])
            middle = len(part) // 2
            self._parts[:0] = [part[:middle], part[middle:]]
            if not self._database.cannot_hold(error):
                raise
            return None

    def _instead(self, item: Item, error: Exception) -> Came:
        """What is stored in the place of one that failed alone."""
        refuse([item])
        if not isinstance(item, BatchCame | StatusCame) or not self._database.cannot_hold(error):
            raise error
        log.warning("something of home %s cannot be stored, and is rejected: %s", item.home, type(error).__name__)
        return without_unfit(item, self._holds)

    def _holds(self, item: BatchCame) -> bool:
        """Whether the store can keep it: tried, and undone."""
        try:
            with self._database.transaction():
                self._store([item])
                raise _UndoneError
        except _UndoneError:
            return True
        except Exception as error:
            if self._database.cannot_hold(error):
                return False
            raise


def refuse(items: Sequence[Item]) -> None:
    """Whoever asked for one of these acts is told that it was not done."""
    for item in items:
        if isinstance(item, Act) and not _is_done(item):
            item.done.set_exception(RuntimeError("the store failed"))


def _is_done(item: Item) -> bool:
    return isinstance(item, Act) and item.done.done()
