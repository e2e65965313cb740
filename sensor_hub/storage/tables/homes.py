"""Homes, their gateways, and what the watch remembers of them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint
from sqlalchemy import text as sql

from sensor_hub.storage.tables.base import Whole, metadata, number, row_number, text, text_key

home = Table("home", metadata, Column("id", Whole, primary_key=True), Column("name", Text, nullable=False, unique=True))
series = Table(
    "series",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("home", Whole, ForeignKey("home.id"), nullable=False),
    text("device"),
    text("metric"),
    UniqueConstraint("home", "device", "metric"),
)

tenant_of_home = Table("tenant_of_home", metadata, text_key("home"), text("tenant"), sqlite_with_rowid=False)
"""Whose each home is: the first tenant that it was heard of."""

stream = Table("stream", metadata, text_key("home"), text_key("stream"), number("upto"), sqlite_with_rowid=False)
gateway = Table("gateway", metadata, text_key("home"), number("received_ms"), text("status"), sqlite_with_rowid=False)
gateway_settings = Table("gateway_settings", metadata, text_key("gateway"), text("settings"), sqlite_with_rowid=False)
"""The settings that each gateway (tenant/home) is to follow, as the broker should keep them."""
gateway_boot = Table(
    "gateway_boot",
    metadata,
    row_number("id"),
    text("home"),
    text("boot"),
    number("said_ms"),
    UniqueConstraint("home", "boot"),
    sqlite_autoincrement=True,
)
"""Starts of each home's gateway. One that is heard again after a later one is a second box with the same password."""
gateway_clone = Table("gateway_clone", metadata, text_key("home"), number("seen_ms"), sqlite_with_rowid=False)
join_code = Table(
    "join_code",
    metadata,
    text_key("home"),
    Column("mark", Text, nullable=False, unique=True),
    text("secret_hash"),
    number("made_ms"),
    Column("tries", Whole, nullable=False, server_default=sql("0")),
    Column("used_ms", Whole),
    sqlite_with_rowid=False,
)
"""One code a home, found by its mark; of its secret part only the hash."""
joined_gateway = Table(
    "joined_gateway",
    metadata,
    text_key("home"),
    text("username"),
    number("joined_ms"),
    text("version"),
    sqlite_with_rowid=False,
)

rejected = Table(
    "rejected",
    metadata,
    row_number("id"),
    text("home"),
    number("received_ms"),
    text("what"),
    text("reason"),
    Column("payload", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
rejected_count = Table(
    "rejected_count", metadata, text_key("home"), text_key("reason"), number("count"), sqlite_with_rowid=False
)

snapshot = Table(
    "snapshot",
    metadata,
    text_key("home"),
    number("position"),
    Column("ticked_ms", Whole),
    Column("state", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
coverage = Table("coverage", metadata, text_key("home"), number("at_ms"), text("rows"), sqlite_with_rowid=False)
own_limit = Table(
    "own_limit",
    metadata,
    text_key("home"),
    text_key("kind"),
    Column("asked", nullable=False),
    number("false_ones"),
    number("true_ones"),
    sqlite_with_rowid=False,
)
unseen = Table(
    "unseen",
    metadata,
    text("home"),
    text("how"),
    number("start_ms"),
    Column("end_ms", Whole),
)
"""When a home could not be seen (how: wholly, in part), and when the hub did not run (away, home *)."""
_now = unseen.c.end_ms.is_(None)
Index("unseen_now", unseen.c.home, unique=True, sqlite_where=_now, postgresql_where=_now)
Index("unseen_by_end", unseen.c.end_ms)
