"""What was agreed with residents: every decision stays, the last of a home holds."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, func, insert, select

from sensor_hub.model.change import What
from sensor_hub.model.consent import Agreed, Basis, Decision, parse_scope, scope_names
from sensor_hub.storage.changes import note_change
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.sealed import consent_place
from sensor_hub.storage.tables.consents import consent, consent_words
from sensor_hub.storage.vault import LockedError, Vault

LOCKED = "not readable: personal data are locked"


class Consents:
    """See `watch.ports.Consents`. Who decided, and the note, are sealed by the vault."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.vault: Vault | None = None
        """None: personal data are locked."""

    def add(self, home: str, at: float, decision: Decision, by: str) -> bool:
        """Writes a decision down; False where its words cannot be sealed now.

        One by which nothing more is agreed than before is written without them: to stop must always be possible.
        """
        values = {
            "home": home,
            "at_ms": to_ms(at),
            "who": by,
            "basis": decision.basis.value,
            "scope": json.dumps(scope_names(decision.scope)),
            "decided_on": decision.decided_on.isoformat(),
            "review_on": decision.review_on.isoformat(),
        }
        words = json.dumps({"decided_by": decision.decided_by, "note": decision.note}, ensure_ascii=False)
        with self.database.transaction() as connection:
            before = self.current(home)
            row = connection.execute(insert(consent).returning(consent.c.row), values).scalar_one()
            note_change(connection, What.CONSENT_CHANGED, at, home=home)
            try:
                sealed = self._opened().seal(words, consent_place(home, row))
            except LockedError:
                if before is None or decision.scope <= before.decision.scope:
                    return True
                connection.execute(consent.delete().where(consent.c.row == row))
                return False
            connection.execute(insert(consent_words), {"consent": row, "home": home, "sealed": sealed})
        return True

    def current(self, home: str) -> Agreed | None:
        """The last decision; None where there is no record yet."""
        return next(iter(self.history(home, limit=1)), None)

    def bare(self, home: str) -> Agreed | None:
        """The last decision without who decided, and without the note."""
        return self.bare_of([home]).get(home)

    def bare_of(self, homes: Collection[str]) -> dict[str, Agreed]:
        """The same of those homes of which there is a record."""
        lasts = select(func.max(consent.c.row)).where(consent.c.home.in_(homes)).group_by(consent.c.home)
        rows = self.database.connection.execute(select(consent).where(consent.c.row.in_(lasts)))
        return {row.home: self._agreed(row, {"decided_by": "", "note": ""}) for row in rows}

    def history(self, home: str, *, limit: int, before: int | None = None) -> Sequence[Agreed]:
        """The last decisions, of those before this version where it is given, the last first."""
        joined = consent.outerjoin(consent_words, consent_words.c.consent == consent.c.row)
        query = select(consent, consent_words.c.sealed).select_from(joined).where(consent.c.home == home)
        if before is not None:
            query = query.where(consent.c.row < before)
        rows = self.database.connection.execute(query.order_by(consent.c.row.desc()).limit(limit))
        return [self._agreed(row, self._words(row)) for row in rows]

    def _agreed(self, row: Row[Any], words: dict[str, str]) -> Agreed:
        decision = Decision(
            basis=Basis(row.basis),
            scope=parse_scope(json.loads(row.scope)),
            decided_by=words["decided_by"],
            decided_on=date.fromisoformat(row.decided_on),
            review_on=date.fromisoformat(row.review_on),
            note=words["note"],
        )
        return Agreed(decision, from_ms(row.at_ms), row.who, row.row)

    def _words(self, row: Row[Any]) -> dict[str, str]:
        if row.sealed is None:
            return {"decided_by": "", "note": ""}
        try:
            return dict(json.loads(self._opened().open(row.sealed, consent_place(row.home, row.row))))
        except LockedError:
            return {"decided_by": LOCKED, "note": ""}

    def _opened(self) -> Vault:
        if self.vault is None:
            raise LockedError("personal data are locked")
        return self.vault
