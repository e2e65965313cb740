"""Accounts, and all that lets somebody in. Of secrets there are hashes, or what the vault sealed."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from sensor_hub.storage.tables.base import Whole, metadata, number, text, text_key

account = Table(
    "account",
    metadata,
    text_key("id"),
    Column("login", Text, nullable=False, unique=True),
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
    Column("disabled_ms", Whole),
    Column("signed_in_ms", Whole),
    sqlite_with_rowid=False,
)
"""`password` is argon2's hash; `address` and `second_step` are sealed; `step_used` is the last TOTP step, or -1."""

recovery_code = Table("recovery_code", metadata, text_key("account"), text_key("code_hash"), sqlite_with_rowid=False)
"""The recovery codes that were not used yet."""

account_link = Table(
    "account_link",
    metadata,
    text_key("key_hash"),
    text("account"),
    number("made_ms"),
    number("ends_ms"),
    sqlite_with_rowid=False,
)
"""Links by which somebody sets their password, each good once."""
Index("link_of_account", account_link.c.account)

session = Table(
    "session",
    metadata,
    text_key("id_hash"),
    text("account"),
    text("stage"),
    number("made_ms"),
    number("seen_ms"),
    number("ends_ms"),
    text("address"),
    text("agent"),
    sqlite_with_rowid=False,
)
Index("session_of_account", session.c.account)

api_token = Table(
    "api_token",
    metadata,
    text_key("id"),
    Column("secret_hash", Text, nullable=False, unique=True),
    text("label"),
    Column("account", Text),
    Column("tenant", Text),
    Column("homes", Text),
    text("scopes"),
    text("made_by"),
    number("made_ms"),
    number("ends_ms"),
    Column("used_ms", Whole),
    Column("revoked_ms", Whole),
    sqlite_with_rowid=False,
)
"""`account`: whose it is, with that account's role as it is now; NULL: a program's of its own."""

sign_in_failure = Table(
    "sign_in_failure", metadata, text_key("who"), number("failures"), number("last_ms"), sqlite_with_rowid=False
)
"""`who` is the hash of an account's login (also of one that does not exist) or of an address."""
