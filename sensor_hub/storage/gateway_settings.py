"""The settings that each gateway (`{tenant}/{home}`) is to follow, as the broker should keep them; never a password."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sensor_hub.storage.database import Database


class SqliteGatewaySettings:
    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, gateway: str) -> dict[str, object]:
        """Empty where there are none."""
        select = "SELECT settings FROM gateway_settings WHERE gateway = ?"
        row = self.database.raw.execute(select, (gateway,)).fetchone()
        return {} if row is None else dict(json.loads(row[0]))

    def keep(self, gateway: str, settings: Mapping[str, object]) -> None:
        """Takes the place of those before."""
        with self.database.raw_transaction() as connection:
            insert = "INSERT OR REPLACE INTO gateway_settings (gateway, settings) VALUES (?, ?)"
            connection.execute(insert, (gateway, json.dumps(settings)))
