"""The settings that each gateway (`{tenant}/{home}`) is to follow, as the broker should keep them; never a password."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import select

from sensor_hub.storage.database import Database
from sensor_hub.storage.inserting import put
from sensor_hub.storage.tables.homes import gateway_settings as kept


class SqlGatewaySettings:
    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, gateway: str) -> dict[str, object]:
        """Empty where there are none."""
        text = self.database.connection.execute(select(kept.c.settings).where(kept.c.gateway == gateway)).scalar()
        return {} if text is None else dict(json.loads(text))

    def keep(self, gateway: str, settings: Mapping[str, object]) -> None:
        """Takes the place of those before."""
        with self.database.transaction() as connection:
            put(connection, kept, {"gateway": gateway, "settings": json.dumps(settings)})
