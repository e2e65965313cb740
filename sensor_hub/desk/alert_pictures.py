"""The chart that goes with a mail about an alert: as its home's page shows it."""

from __future__ import annotations

from collections.abc import Callable

from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.mail_writer import Picture
from sensor_hub.history.port import HistoryError
from sensor_hub.model.kind import KINDS
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.web.chart import read_chart, window_of
from sensor_hub.web.chart_picture import describe_chart, draw_chart
from sensor_hub.web.ports import HubReads

DAYS = (1, 3, 7)
"""How many a picture shows: more would not be read on a telephone."""
BEFORE = 6 * HOUR
"""How much of what was before the condition is shown at least."""


class AlertPictures:
    """Reads from any thread; `now` is the time of the homes."""

    def __init__(self, reads: HubReads, now: Callable[[], float]) -> None:
        self.reads = reads
        self.now = now

    def draw(self, notice: Notice) -> Picture | None:
        """None where the alert or its home is not there any more, or the history cannot be shown."""
        history = self.reads.alert(notice.alert)
        row = None if history is None else self.reads.home(history.alert.home)
        if history is None or row is None:
            return None
        now, since = self.now(), history.alert.since
        days = max(DAYS) if KINDS[history.alert.kind].is_slow else _days(now - since + BEFORE)
        try:
            chart = read_chart(self.reads, row.home, window_of(days, now), now=now)
        except HistoryError:
            return None
        return Picture(draw_chart(chart), describe_chart(chart))


def _days(span: float) -> int:
    """The shortest picture that has so many seconds, or the longest there is."""
    return next((days for days in DAYS if days * DAY >= span), max(DAYS))
