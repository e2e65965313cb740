"""Accounts, sessions, API tokens, and what else lets somebody in."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text

revision = "0018"
down_revision = "0017"

WHOLE = BigInteger().with_variant(Integer, "sqlite")


def text(name: str, *, is_key: bool = False, is_unique: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=is_key, nullable=False, unique=is_unique)


def number(name: str) -> Column[int]:
    return Column(name, WHOLE, nullable=False)


def upgrade() -> None:
    op.create_table(
        "account",
        text("id", is_key=True),
        text("login", is_unique=True),
        text("name"),
        text("role"),
        Column("tenant", Text),
        Column("homes", Text),
        Column("address", LargeBinary),
        Column("subject", Text, unique=True),
        Column("password", Text),
        Column("second_step", LargeBinary),
        number("step_used"),
        number("made_ms"),
        Column("disabled_ms", WHOLE),
        Column("signed_in_ms", WHOLE),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "recovery_code", text("account", is_key=True), text("code_hash", is_key=True), sqlite_with_rowid=False
    )
    op.create_table(
        "account_link",
        text("key_hash", is_key=True),
        text("account"),
        number("made_ms"),
        number("ends_ms"),
        sqlite_with_rowid=False,
    )
    op.create_index("link_of_account", "account_link", ["account"])
    _sessions_and_tokens()


def _sessions_and_tokens() -> None:
    op.create_table(
        "session",
        text("id_hash", is_key=True),
        text("account"),
        text("stage"),
        number("made_ms"),
        number("seen_ms"),
        number("ends_ms"),
        text("address"),
        text("agent"),
        sqlite_with_rowid=False,
    )
    op.create_index("session_of_account", "session", ["account"])
    op.create_table(
        "api_token",
        text("id", is_key=True),
        text("secret_hash", is_unique=True),
        text("label"),
        Column("account", Text),
        Column("tenant", Text),
        Column("homes", Text),
        text("scopes"),
        text("made_by"),
        number("made_ms"),
        number("ends_ms"),
        Column("used_ms", WHOLE),
        Column("revoked_ms", WHOLE),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sign_in_failure", text("who", is_key=True), number("failures"), number("last_ms"), sqlite_with_rowid=False
    )
