"""The states that a notice went through, each with its moment, its channel and what the service said."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from sensor_hub.alerts.delivery import NoticeState
from sensor_hub.storage.database import to_ms


class Line(NamedTuple):
    """What goes with a state: what was wrong, the channel's key, and the service's own name of the notice."""

    error: str | None = None
    channel: str = ""
    provider_id: str | None = None


NOTHING = Line()


def enter(connection: sqlite3.Connection, reference: str, state: NoticeState, at: float, line: Line = NOTHING) -> None:
    """The notice is in this state from `at` on."""
    connection.execute(
        "UPDATE notice SET state = ?, state_ms = ?, error = ? WHERE reference = ?",
        (state, to_ms(at), line.error, reference),
    )
    note(connection, reference, state, at, line)


def note(connection: sqlite3.Connection, reference: str, state: NoticeState, at: float, line: Line = NOTHING) -> None:
    """Something became known of the notice; it stays in the state in which it is."""
    connection.execute(
        "INSERT INTO delivery (reference, at_ms, state, error, channel, provider_id) VALUES (?, ?, ?, ?, ?, ?)",
        (reference, to_ms(at), state, line.error, line.channel, line.provider_id),
    )
