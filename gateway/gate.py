"""What of a message's readings goes on to the outbox: what was agreed with the resident, and of link quality a little.

A battery or a link's quality that comes with nothing but what was not agreed says when that was: it is left out, too.
Radio quality comes with every message and nearly doubles what is stored. It is kept where it is all that a message says
(a sign of life), and once an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from threading import Lock

from sensor_hub.model.consent import EQUIPMENT
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import HOUR
from sensor_hub.model.reading import Reading

MOST_DEVICES = 2000


class Gate:
    """Any thread may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, float] = {}
        """For each device the moment of the link quality that was kept last."""
        self.scope: Set[Metric] | None = None
        """The metrics that were agreed; None: all."""
        self.declined = 0
        """How many readings were not let on since they were not agreed."""
        self.passed: Callable[[Sequence[Reading]], None] | None = None
        """Called with what goes on, in the thread that asked."""

    def admit(self, agreed: Sequence[Reading]) -> Sequence[Reading]:
        """Those of one message's agreed readings that go on, in order."""
        admitted = self._thinned(agreed)
        if self.passed is not None and admitted:
            self.passed(admitted)
        return admitted

    def agreed(self, readings: Sequence[Reading]) -> Sequence[Reading]:
        """Those of one message that were agreed, in order."""
        scope = self.scope
        if scope is None:
            return readings
        agreed = [one for one in readings if one.metric in scope]
        if len(agreed) < len(readings):
            measured = {one.device for one in agreed if one.metric not in EQUIPMENT}
            agreed = [one for one in agreed if one.device in measured or one.metric is Metric.ONLINE]
            with self._lock:
                self.declined += len(readings) - len(agreed)
        return agreed

    def _thinned(self, agreed: Sequence[Reading]) -> Sequence[Reading]:
        # A list, not a generator: every message asks.
        if Metric.LINK_QUALITY not in [one.metric for one in agreed]:
            return agreed
        with self._lock:
            saying = {one.device for one in agreed if one.metric is not Metric.LINK_QUALITY}
            return [one for one in agreed if one.metric is not Metric.LINK_QUALITY or self._is_due(one, saying)]

    def _is_due(self, reading: Reading, saying: Set[str]) -> bool:
        last = self._kept.get(reading.device)
        if reading.device in saying and last is not None and last <= reading.at < last + HOUR:
            return False
        if len(self._kept) < MOST_DEVICES or last is not None:
            self._kept[reading.device] = reading.at
        return True
