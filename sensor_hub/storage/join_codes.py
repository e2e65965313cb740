"""The codes with which gateways join, and which gateways have joined."""

from __future__ import annotations

from dataclasses import dataclass

from sensor_hub.joining.code import MOST_TRIES, JoinCode
from sensor_hub.storage.database import Database, from_ms, to_ms

COLUMNS = "home, mark, secret_hash, made_ms, tries, used_ms"


@dataclass(frozen=True, slots=True)
class JoinedGateway:
    home: str
    username: str
    joined_at: float
    version: str


class SqliteJoinCodes:
    """One code a home: a new one takes the place of the old. Of two that do the same at once only one succeeds."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def keep(self, code: JoinCode) -> bool:
        """False where another home's code has this mark."""
        with self.database.raw_transaction() as connection:
            connection.execute("DELETE FROM join_code WHERE home = ?", (code.home,))
            row = (code.home, code.mark, code.secret_hash, to_ms(code.made_at))
            insert = "INSERT OR IGNORE INTO join_code (home, mark, secret_hash, made_ms) VALUES (?, ?, ?, ?)"
            return connection.execute(insert, row).rowcount == 1

    def all(self) -> list[JoinCode]:
        """By home; also those that cannot be used any more."""
        rows = self.database.raw.execute(f"SELECT {COLUMNS} FROM join_code ORDER BY home")
        return [_code(row) for row in rows]

    def begin_try(self, mark: str) -> JoinCode | None:
        """The code of this mark as it was before; the try counts from now on, whatever becomes of it."""
        with self.database.raw_transaction() as connection:
            row = connection.execute(f"SELECT {COLUMNS} FROM join_code WHERE mark = ?", (mark,)).fetchone()
            count = "UPDATE join_code SET tries = tries + 1 WHERE mark = ? AND tries < ?"
            connection.execute(count, (mark, MOST_TRIES))
        return None if row is None else _code(row)

    def spend(self, mark: str, at: float) -> bool:
        """False where somebody was faster."""
        with self.database.raw_transaction() as connection:
            update = "UPDATE join_code SET used_ms = ? WHERE mark = ? AND used_ms IS NULL"
            return connection.execute(update, (to_ms(at), mark)).rowcount == 1

    def give_back(self, mark: str) -> None:
        """The code may be used again: what it was spent on did not happen."""
        with self.database.raw_transaction() as connection:
            connection.execute("UPDATE join_code SET used_ms = NULL, tries = 0 WHERE mark = ?", (mark,))

    def note_joined(self, gateway: JoinedGateway) -> None:
        with self.database.raw_transaction() as connection:
            row = (gateway.home, gateway.username, to_ms(gateway.joined_at), gateway.version)
            connection.execute("INSERT OR REPLACE INTO joined_gateway VALUES (?, ?, ?, ?)", row)

    def note_removed(self, home: str) -> bool:
        """Neither the gateway nor a code of this home any more; False where there was none."""
        with self.database.raw_transaction() as connection:
            gone = connection.execute("DELETE FROM joined_gateway WHERE home = ?", (home,)).rowcount
            gone += connection.execute("DELETE FROM join_code WHERE home = ?", (home,)).rowcount
        return gone > 0

    def joined(self) -> list[JoinedGateway]:
        """By home."""
        select = "SELECT home, username, joined_ms, version FROM joined_gateway ORDER BY home"
        rows = self.database.raw.execute(select)
        return [JoinedGateway(home, username, from_ms(ms), version) for home, username, ms, version in rows]


def _code(row: tuple[str, str, str, int, int, int | None]) -> JoinCode:
    home, mark, secret_hash, made_ms, tries, used_ms = row
    return JoinCode(home, mark, secret_hash, from_ms(made_ms), tries, None if used_ms is None else from_ms(used_ms))
