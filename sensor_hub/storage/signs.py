"""Whether a resident has shown that they are at home, in SQLite."""

from __future__ import annotations

from sensor_hub.alerts.question import Sign
from sensor_hub.model.call import is_call
from sensor_hub.model.metric import ACTIVITY, Metric
from sensor_hub.storage.database import Database, to_ms


class SqliteSigns:
    """See `watch.ports.Signs`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def since(self, home: str, at: float) -> Sign:
        """What was seen in the home after `at`. A button that calls for help answers no question."""
        metrics = sorted(ACTIVITY | {Metric.BUTTON})
        select = (
            "SELECT metric, value FROM reading JOIN series ON series.id = reading.series"
            f" WHERE series.home = (SELECT id FROM home WHERE name = ?) AND metric IN ({', '.join('?' * len(metrics))})"
            " AND at_ms > ? AND (metric = 'button' OR value = 1)"
        )
        found = self.database.raw.execute(select, (home, *metrics, to_ms(at))).fetchall()
        if any(metric == Metric.BUTTON and not is_call(str(value).removeprefix("=")) for metric, value in found):
            return Sign.BUTTON
        moved = any(metric != Metric.BUTTON for metric, _ in found)
        return Sign.MOVEMENT if moved else Sign.NONE
