"""Private addresses of contacts' calendars: see `web.calendar_feed.Calendars`."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection

from sensor_hub.access.chronology import Act
from sensor_hub.act_notes import note_act
from sensor_hub.storage.calendar_keys import SqlCalendarKeys
from sensor_hub.web.calendar_feed import PATH, SUFFIX


class StoredCalendars:
    """Of a hub with these contacts, reached at `url`."""

    def __init__(
        self, keys: SqlCalendarKeys, contacts: Collection[str], *, url: str, wall: Callable[[], float]
    ) -> None:
        self.keys = keys
        self.contacts = contacts
        self.url = url
        self.wall = wall

    def contact_of(self, secret: str) -> str | None:
        contact = self.keys.contact_of(_hash(secret))
        return contact if contact in self.contacts else None

    def renew(self, contact: str) -> str:
        """256 random bits: nobody guesses them, so a plain hash of them is enough."""
        secret = secrets.token_urlsafe(32)
        with self.keys.database.transaction():
            self.keys.keep(contact, _hash(secret), self.wall())
            note_act(self.keys.database, Act.CALENDAR_RENEWED, self.wall(), about=contact)
        return f"{self.url}{PATH}{secret}{SUFFIX}"

    def revoke(self, contact: str) -> bool:
        """The contact's calendar has no address any more; False where it had none."""
        with self.keys.database.transaction():
            dropped = self.keys.drop(contact)
            if dropped:
                note_act(self.keys.database, Act.CALENDAR_REVOKED, self.wall(), about=contact)
        return dropped


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
