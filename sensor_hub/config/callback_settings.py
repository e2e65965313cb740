"""The part of `hub.toml` that says how services tell the hub what became of messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sensor_hub.config.secret import read_secret
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table

SHORTEST_TOKEN = 16


@dataclass(frozen=True, slots=True)
class CallbackSettings:
    token: str | None = field(default=None, repr=False)
    """Lets a service in; None: none is heard."""


def read_callbacks(table: Table, folder: Path) -> CallbackSettings:
    """InputError where the token can be guessed."""
    token = read_secret(table, "token", folder)
    table.done()
    if token is not None and (len(token) < SHORTEST_TOKEN or not token.isascii()):
        # Never with the token itself.
        expected = f"at least {SHORTEST_TOKEN} letters and digits, such as `openssl rand -hex 20` makes"
        raise InputError("token can be guessed", where=table.where, expected=expected)
    return CallbackSettings(token)
