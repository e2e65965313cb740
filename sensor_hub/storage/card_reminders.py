"""Which homes' response cards somebody has to look at. Needs no key: when a card was checked is not sealed."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from sensor_hub.alerts.review import CardReminder
from sensor_hub.model.card import is_old
from sensor_hub.storage.database import Database, from_ms
from sensor_hub.storage.tables.people import card


def card_reminders(database: Database, homes: Collection[str], now: float) -> list[CardReminder]:
    """Of these homes: those without a card, then those whose card is old, the oldest first."""
    rows = database.connection.execute(select(card.c.home, card.c.checked_ms))
    checked = {row.home: None if row.checked_ms is None else from_ms(row.checked_ms) for row in rows}
    missing = [CardReminder(home, False) for home in sorted(homes) if home not in checked]
    old = [CardReminder(home, True, at) for home, at in checked.items() if home in homes and is_old(at, now)]
    return missing + sorted(old, key=lambda each: (each.checked_at or 0.0, each.home))
