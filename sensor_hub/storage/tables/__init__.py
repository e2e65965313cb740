"""The database's shape, one table a thing; `metadata` holds them all. A change of it is a migration as well."""

from sensor_hub.storage.tables import (
    accounts,
    alerts,
    changes,
    chronology,
    consents,
    homes,
    hub,
    kept_answers,
    log,
    notices,
    people,
)
from sensor_hub.storage.tables.base import metadata

__all__ = [
    "accounts",
    "alerts",
    "changes",
    "chronology",
    "consents",
    "homes",
    "hub",
    "kept_answers",
    "log",
    "metadata",
    "notices",
    "people",
]
