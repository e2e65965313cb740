"""Whether a resident has shown that they are at home."""

from __future__ import annotations

from sqlalchemy import Text, bindparam, select

from sensor_hub.alerts.question import Sign
from sensor_hub.model.call import is_call
from sensor_hub.model.metric import ACTIVITY, Metric
from sensor_hub.storage.database import Database, to_ms
from sensor_hub.storage.readings import readings_of
from sensor_hub.storage.tables.homes import home, series
from sensor_hub.storage.terms import among

TELLING = (
    select(series.c.id, series.c.metric)
    .join_from(home, series, series.c.home == home.c.id)
    .where(home.c.name == bindparam("its_name", type_=Text), among(series.c.metric, sorted(ACTIVITY | {Metric.BUTTON})))
)
"""The series of a home by which its resident can show something."""
LAST = 2**63 - 1


class SqlSigns:
    """See `watch.ports.Signs`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._readings = readings_of(database)

    def since(self, home: str, at: float) -> Sign:
        """What was seen in the home after `at`. A button that calls for help answers no question."""
        connection = self.database.connection
        moments, sign = (to_ms(at) + 1, LAST), Sign.NONE
        for id_, metric in connection.execute(TELLING, {"its_name": home}).all():
            values = [value for _, _, value in self._readings.between(connection, id_, moments, (0, LAST))]
            if metric == Metric.BUTTON and any(not is_call(str(value)) for value in values):
                return Sign.BUTTON
            if metric != Metric.BUTTON and 1 in values:
                sign = Sign.MOVEMENT
        return sign
