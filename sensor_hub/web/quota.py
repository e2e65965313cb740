"""How often each may ask the API."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """Requests that may still pass, as of a moment of the running loop."""

    left: float
    at: float


class Quota:
    """A minute's requests at once, then one after the other as they are due (a token bucket). Used in one event loop.

    Of so many askers the one who asked longest ago is forgotten: with a full bucket, if that was a minute ago.
    """

    MOST_ASKERS = 10_000

    def __init__(self, a_minute: int = 600) -> None:
        self.a_minute = a_minute
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, who: str) -> int:
        """0: the request may pass. Else the seconds after which to ask again."""
        at = asyncio.get_running_loop().time()
        bucket = self._buckets.setdefault(who, Bucket(self.a_minute, at))
        self._buckets.move_to_end(who)
        if len(self._buckets) > self.MOST_ASKERS:
            self._buckets.popitem(last=False)
        a_second = self.a_minute / 60
        bucket.left = min(self.a_minute, bucket.left + max(at - bucket.at, 0) * a_second)
        bucket.at = at
        if bucket.left < 1:
            return math.ceil((1 - bucket.left) / a_second)
        bucket.left -= 1
        return 0
