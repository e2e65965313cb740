"""Absences and visits that people tell: into the home's log, and so to its watch."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sensor_hub.model.entry import AbsenceTold, VisitTold
from sensor_hub.model.home import Absence
from sensor_hub.model.stay import Stay, Stays
from sensor_hub.watch.items import TellStay
from sensor_hub.watch.ports import Taken
from sensor_hub.watch.taking import Taking
from sensor_hub.watch.watches import Watches

log = logging.getLogger(__name__)


def tell_stay(watches: Watches, item: TellStay, taking: Taking) -> None:
    """Stores what somebody said, where it can be so."""
    taken = Taken.UNKNOWN if item.home not in watches.watched else judge(watches.stores.log.stays(item.home), item)
    if taken is Taken.DONE:
        taking.append(watches, item.home, _entry(item))
        log.info("home %s: people told of %s %s", item.home, "a new" if item.is_new else "another end of a", item.stay)
    taking.settle(item, taken)


def judge(stays: Stays, item: TellStay) -> Taken:
    """A new one must not begin with another, nor overlap another absence; another end is told of one that is there,
    as the one who tells it knows it."""
    told = stays.of(item.stay)
    if not item.is_new and item.start not in told:
        return Taken.UNKNOWN
    if not item.is_new and item.version not in {None, told[item.start].version}:
        return Taken.STALE
    others = [one for one in told.values() if item.is_new or one.start != item.start]
    clashes = (one.start == item.start or item.stay is Stay.ABSENCE for one in others if one.overlaps(*item.span))
    return Taken.OVERLAPS if any(clashes) else Taken.DONE


def _entry(item: TellStay) -> Callable[[float], AbsenceTold | VisitTold]:
    start, end = item.span
    if item.stay is Stay.VISIT:
        return lambda received: VisitTold(received, start, end, item.by)
    return lambda received: AbsenceTold(received, Absence(start, end, received), item.by)
