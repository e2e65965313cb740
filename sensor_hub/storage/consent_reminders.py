"""In which homes somebody has to ask what is agreed. Needs no key: when it was to be looked at again is not sealed."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, date

from sqlalchemy import func, select

from sensor_hub.alerts.review import ConsentReminder
from sensor_hub.model.moment import local
from sensor_hub.storage.database import Database
from sensor_hub.storage.tables.consents import consent


def consent_reminders(database: Database, homes: Collection[str], now: float) -> list[ConsentReminder]:
    """Of these homes: those without a record, then those whose review is due, the longest due first."""
    last = select(func.max(consent.c.row)).group_by(consent.c.home)
    rows = database.connection.execute(select(consent).where(consent.c.row.in_(last))).all()
    recorded, today = {row.home for row in rows}, local(now, UTC).date()
    missing = [ConsentReminder(home) for home in sorted(homes) if home not in recorded]
    due = [
        ConsentReminder(row.home, date.fromisoformat(row.review_on))
        for row in rows
        # What was withdrawn as a whole needs no review.
        if row.home in homes and json.loads(row.scope) and date.fromisoformat(row.review_on) <= today
    ]
    return missing + sorted(due, key=lambda each: (each.review_on or today, each.home))
