"""The states that a notice went through, each with its moment."""

from __future__ import annotations

import sqlite3

from sensor_hub.alerts.delivery import NoticeState
from sensor_hub.storage.database import to_ms


def enter(
    connection: sqlite3.Connection, reference: str, state: NoticeState, at: float, error: str | None = None
) -> None:
    """The notice is in this state from `at` on."""
    connection.execute(
        "UPDATE notice SET state = ?, state_ms = ?, error = ? WHERE reference = ?",
        (state, to_ms(at), error, reference),
    )
    connection.execute(
        "INSERT INTO delivery (reference, at_ms, state, error) VALUES (?, ?, ?, ?)",
        (reference, to_ms(at), state, error),
    )
