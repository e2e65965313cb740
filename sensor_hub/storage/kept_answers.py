"""Requests that can come again, and what was answered to each: for a day, the answers sealed."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, delete, select, update

from sensor_hub.access.kept_answer import KEPT_FOR, KeptAnswer, KeptRequest
from sensor_hub.storage.database import Database, to_ms
from sensor_hub.storage.inserting import insert_new
from sensor_hub.storage.sealed import kept_answer_place
from sensor_hub.storage.tables.kept_answers import kept_answer
from sensor_hub.storage.vault import LockedError, Vault


class SqlKeptAnswers:
    """Each by its mark. Moments are real ones. An answer that cannot be sealed is not kept, but that it is done is."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.vault: Vault | None = None
        """None: personal data are locked."""

    def begin(self, mark: str, fingerprint: str, home: str, at: float) -> KeptRequest | None:
        """Notes that it is being done, and is None; or the one that came before, and nothing is noted."""
        row = {"mark": mark, "home": home, "fingerprint": fingerprint, "begun_ms": to_ms(at), "is_done": 0}
        with self.database.transaction() as connection:
            if insert_new(connection, kept_answer, {**row, "answer": None}):
                return None
            found = connection.execute(select(kept_answer).where(kept_answer.c.mark == mark)).one()
            if found.begun_ms < to_ms(at - KEPT_FOR):
                renewed = update(kept_answer).where(kept_answer.c.mark == mark).values(**row, answer=None)
                connection.execute(renewed)
                return None
        return KeptRequest(found.fingerprint, bool(found.is_done), self._opened(found))

    def keep(self, mark: str, answer: KeptAnswer | None) -> None:
        """It is done. `answer` None: it is not kept. One that was erased meanwhile stays so."""
        values: dict[str, object] = {"is_done": 1}
        with self.database.transaction() as connection:
            if answer is not None:
                values |= {"home": answer.home, "answer": self._sealed(mark, answer)}
            connection.execute(update(kept_answer).where(kept_answer.c.mark == mark).values(**values))

    def strike(self, mark: str) -> None:
        """Nothing was done: its key is as one that was never used."""
        with self.database.transaction() as connection:
            connection.execute(delete(kept_answer).where(kept_answer.c.mark == mark))

    def forget(self, at: float, most: int) -> int:
        """At most so many that are older than is kept; how many."""
        old = select(kept_answer.c.mark).where(kept_answer.c.begun_ms < to_ms(at - KEPT_FOR)).limit(most)
        with self.database.transaction() as connection:
            return connection.execute(delete(kept_answer).where(kept_answer.c.mark.in_(old))).rowcount

    def _sealed(self, mark: str, answer: KeptAnswer) -> bytes | None:
        if self.vault is None:
            return None
        told = [answer.status, dict(answer.headers), answer.body, answer.rights]
        try:
            return self.vault.seal(json.dumps(told, ensure_ascii=False), kept_answer_place(answer.home, mark))
        except LockedError:
            return None

    def _opened(self, row: Row[Any]) -> KeptAnswer | None:
        if self.vault is None or row.answer is None:
            return None
        try:
            text = self.vault.open(row.answer, kept_answer_place(row.home, row.mark))
        except LockedError:
            return None
        status, headers, body, rights = json.loads(text)
        return KeptAnswer(status, headers, body, rights, row.home)
