"""Residents' records and response cards, sealed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, insert, select

from sensor_hub.model.card import ResidentRecord, ResponseCard, card_of, resident_of
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import put
from sensor_hub.storage.sealed import card_place, resident_place
from sensor_hub.storage.tables.people import card as card_table
from sensor_hub.storage.tables.people import record_change
from sensor_hub.storage.tables.people import resident as resident_table
from sensor_hub.storage.vault import Vault

CARD = "card"
"""How changes name a home's card."""


class Signed(NamedTuple):
    """Who changes something, and when."""

    who: str
    at: float


class KeptCard(NamedTuple):
    card: ResponseCard
    version: int
    changed: Signed
    checked: Signed | None


class KeptResident(NamedTuple):
    id: str
    record: ResidentRecord
    version: int
    changed: Signed


class KeptChange(NamedTuple):
    version: int
    signed: Signed
    fields: tuple[str, ...]


class StaleError(Exception):
    """The change was made to another version than the one that is kept; nothing was changed."""


class SqlPeople:
    """All but `cards_checked` and `erase` raise LockedError where the key is not at hand."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database = database
        self.vault = vault

    def card(self, home: str) -> KeptCard | None:
        row = self.database.connection.execute(select(card_table).where(card_table.c.home == home)).first()
        if row is None:
            return None
        card = card_of(json.loads(self.vault.open(row.sealed, card_place(home))))
        checked = None if row.checked_ms is None else Signed(row.checked_by, from_ms(row.checked_ms))
        return KeptCard(card, row.version, Signed(row.changed_by, from_ms(row.changed_ms)), checked)

    def cards_checked(self) -> dict[str, float | None]:
        """When somebody last said of each home's card that it is right; a home that is not in it has no card."""
        rows = self.database.connection.execute(select(card_table.c.home, card_table.c.checked_ms))
        return {row.home: None if row.checked_ms is None else from_ms(row.checked_ms) for row in rows}

    def set_card(self, home: str, card: ResponseCard, version: int, by: Signed, *, is_checked: bool) -> tuple[str, ...]:
        """Which fields changed; StaleError unless `version` (0: none) is the one kept."""
        with self.database.transaction() as connection:
            kept = self.card(home)
            before = KeptCard(ResponseCard(), 0, by, None) if kept is None else kept
            _check_version(before.version, version)
            changed = card.changed(before.card)
            if not changed and not is_checked and kept is not None:
                return ()
            checked = by if is_checked else before.checked
            row = {
                "home": home,
                "sealed": self._sealed(card.values(), card_place(home)),
                "version": version + 1,
                "changed_ms": to_ms(by.at if changed else before.changed.at),
                "changed_by": by.who if changed else before.changed.who,
                "checked_ms": None if checked is None else to_ms(checked.at),
                "checked_by": "" if checked is None else checked.who,
            }
            put(connection, card_table, row)
            _note(connection, home, CARD, version + 1, by, changed)
        return changed

    def residents(self, home: str) -> list[KeptResident]:
        """By their names."""
        rows = self.database.connection.execute(select(resident_table).where(resident_table.c.home == home))
        return sorted(map(self._resident, rows), key=lambda each: (each.record.name, each.id))

    def residents_after(self, home: str, after: str, limit: int) -> list[KeptResident]:
        """The first whose ids follow this one, by id."""
        behind = (resident_table.c.home == home) & (resident_table.c.id > after)
        rows = select(resident_table).where(behind).order_by(resident_table.c.id).limit(limit)
        return [self._resident(row) for row in self.database.connection.execute(rows)]

    def resident(self, home: str, name: str) -> KeptResident | None:
        """The one with this id in this home."""
        mine = (resident_table.c.home == home) & (resident_table.c.id == name)
        row = self.database.connection.execute(select(resident_table).where(mine)).first()
        return None if row is None else self._resident(row)

    def add_resident(self, home: str, record: ResidentRecord, by: Signed) -> str:
        """The id of the new record, which tells nothing of the person."""
        name = secrets.token_hex(8)
        with self.database.transaction() as connection:
            self._write_resident(connection, home, name, record, by, 1)
            _note(connection, home, name, 1, by, record.changed(None))
        return name

    def set_resident(
        self, home: str, name: str, record: ResidentRecord, version: int, by: Signed
    ) -> tuple[str, ...] | None:
        """Which fields changed; None where there is no such record, StaleError where its version is another."""
        with self.database.transaction() as connection:
            kept = self.resident(home, name)
            if kept is None:
                return None
            _check_version(kept.version, version)
            changed = record.changed(kept.record)
            if changed:
                self._write_resident(connection, home, name, record, by, version + 1)
                _note(connection, home, name, version + 1, by, changed)
        return changed

    def remove_resident(self, home: str, name: str, version: int) -> bool:
        """Whether there was one. What was changed in it is not told any more, either."""
        with self.database.transaction() as connection:
            mine = (resident_table.c.home == home) & (resident_table.c.id == name)
            kept = connection.execute(select(resident_table.c.version).where(mine)).scalar()
            if kept is None:
                return False
            _check_version(kept, version)
            connection.execute(delete(resident_table).where(mine))
            theirs = (record_change.c.home == home) & (record_change.c.record == name)
            connection.execute(delete(record_change).where(theirs))
        return True

    def changes(
        self, home: str, record: str = CARD, *, limit: int | None = None, before: int | None = None
    ) -> Iterator[KeptChange]:
        """Newest first; `before`: only of earlier versions than this one."""
        mine = (record_change.c.home == home) & (record_change.c.record == record)
        if before is not None:
            mine &= record_change.c.version < before
        query = select(record_change).where(mine).order_by(record_change.c.version.desc()).limit(limit)
        for row in self.database.connection.execute(query):
            yield KeptChange(row.version, Signed(row.who, from_ms(row.at_ms)), tuple(json.loads(row.fields)))

    def erase(self, home: str) -> int:
        """Removes all that is held here of a home's people; how many rows. Needs no key."""
        with self.database.transaction() as connection:
            tables = (card_table, resident_table, record_change)
            return sum(connection.execute(delete(table).where(table.c.home == home)).rowcount for table in tables)

    def _resident(self, row: Row[Any]) -> KeptResident:
        record = resident_of(json.loads(self.vault.open(row.sealed, resident_place(row.home, row.id))))
        return KeptResident(row.id, record, row.version, Signed(row.changed_by, from_ms(row.changed_ms)))

    def _write_resident(
        self, connection: Connection, home: str, name: str, record: ResidentRecord, by: Signed, version: int
    ) -> None:
        row = {
            "id": name,
            "home": home,
            "sealed": self._sealed(record.values(), resident_place(home, name)),
            "version": version,
            "changed_ms": to_ms(by.at),
            "changed_by": by.who,
        }
        put(connection, resident_table, row)

    def _sealed(self, values: Mapping[str, Any], place: str) -> bytes:
        return self.vault.seal(json.dumps(values, ensure_ascii=False), place)


def _check_version(kept: int, named: int) -> None:
    if kept != named:
        raise StaleError(kept)


def _note(connection: Connection, home: str, record: str, version: int, by: Signed, fields: tuple[str, ...]) -> None:
    row = {
        "home": home,
        "record": record,
        "version": version,
        "at_ms": to_ms(by.at),
        "who": by.who,
        "fields": json.dumps(fields),
    }
    connection.execute(insert(record_change), row)
