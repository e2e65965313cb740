"""What the store can never hold, told apart from all that came with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sensor_hub.model.reading import Reading
from sensor_hub.watch.items import BatchCame, StatusCame
from sensor_hub.watch.ports import Rejection

UNFIT = "the database cannot hold it"

Came = BatchCame | StatusCame
Holds = Callable[[BatchCame], bool]
"""Whether the store can keep this: tried, and undone."""


def without_unfit(item: Came, holds: Holds) -> BatchCame:
    """What is to be stored in the place of an item that the store cannot hold: of a batch all but the readings that
    it is about, and where no reading is to blame nothing but that it came."""
    if isinstance(item, BatchCame) and item.batch is not None:
        for instead in _instead(item, holds):
            if holds(instead):
                return instead
    what = "status" if isinstance(item, StatusCame) else "batch"
    return BatchCame(item.home, None, (Rejection(what, UNFIT, b""),), item.reply, item.tenant)


def _instead(item: BatchCame, holds: Holds) -> Iterator[BatchCame]:
    batch = item.batch
    assert batch is not None
    readings = batch.readings

    def holds_these(some: Sequence[int]) -> bool:
        few = replace(batch, readings=[readings[number] for number in some])
        return holds(replace(item, batch=few, rejections=()))

    unfit = set(_unfit(range(len(readings)), holds_these))
    if unfit:
        fit = [each for number, each in enumerate(readings) if number not in unfit]
        rejected = [_rejection(readings[number]) for number in sorted(unfit)]
        yield replace(item, batch=replace(batch, readings=fit), rejections=(*item.rejections, *rejected))
    yield replace(item, batch=replace(batch, readings=()), rejections=(Rejection("batch", UNFIT, b""),))


def _unfit(some: Sequence[int], holds: Callable[[Sequence[int]], bool]) -> Iterator[int]:
    """By halves: a few bad ones among many are found in few tries."""
    if holds(some):
        return
    if len(some) == 1:
        yield some[0]
        return
    middle = len(some) // 2
    yield from _unfit(some[:middle], holds)
    yield from _unfit(some[middle:], holds)


def _rejection(reading: Reading) -> Rejection:
    # The moment in seconds: it may be no date.
    what = f"{reading.device} {reading.metric.value} {reading.at:.3f} {reading.value}"
    return Rejection("reading", UNFIT, what.encode(errors="backslashreplace"))
