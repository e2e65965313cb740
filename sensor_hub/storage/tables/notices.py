"""Notices, the ways they take to people, and what came back."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text, UniqueConstraint
from sqlalchemy import text as sql

from sensor_hub.storage.tables.base import Whole, metadata, number, row_number, text, text_key

notice = Table(
    "notice",
    metadata,
    text_key("reference"),
    *(text(name) for name in ("alert", "contact", "urgency", "title", "body", "state")),
    Column("is_again", Whole, nullable=False, server_default=sql("0")),
    Column("attempts", Whole, nullable=False, server_default=sql("0")),
    number("next_ms"),
    Column("error", Text),
    number("made_ms"),
    number("state_ms"),
    Column("purpose", Text, nullable=False, server_default=sql("'alert'")),
    Column("channel", Text, nullable=False, server_default=sql("''")),
    Column("leader", Text),
    Column("place", Whole, nullable=False, server_default=sql("0")),
    sqlite_with_rowid=False,
)
"""`purpose`: what it is for; `channel`: the one way by which it goes, where that is fixed.

Of notices that are sent as one, all but the first name that as their `leader`; `place` is their order.
"""
Index("notice_due", notice.c.state, notice.c.contact, notice.c.next_ms)
Index("notice_of_alert", notice.c.alert)
Index("notice_by_moment", notice.c.state_ms)
_follows = notice.c.leader.isnot(None)
Index("notice_of_leader", notice.c.leader, notice.c.place, sqlite_where=_follows, postgresql_where=_follows)
_one_way = notice.c.channel != ""
Index("notice_of_channel", notice.c.channel, notice.c.made_ms, sqlite_where=_one_way, postgresql_where=_one_way)

delivery = Table(
    "delivery",
    metadata,
    row_number(),
    text("reference"),
    number("at_ms"),
    text("state"),
    Column("error", Text),
    Column("channel", Text, nullable=False, server_default=sql("''")),
    Column("provider_id", Text),
    sqlite_autoincrement=True,
)
"""The ledger: what became of each notice, line by line; by which channel, and what the service calls it."""
Index("delivery_of_notice", delivery.c.reference, delivery.c.row)
Index("delivery_by_moment", delivery.c.at_ms)
_named = delivery.c.provider_id.isnot(None)
Index("delivery_by_provider_id", delivery.c.provider_id, sqlite_where=_named, postgresql_where=_named)
_by_way = delivery.c.channel != ""
Index("delivery_by_channel", delivery.c.channel, delivery.c.row, sqlite_where=_by_way, postgresql_where=_by_way)

channel = Table(
    "channel",
    metadata,
    text_key("key"),
    text("contact"),
    text("label"),
    number("is_set"),
    Column("broken_ms", Whole),
    Column("broken_why", Text),
    Column("told_ms", Whole),
    Column("verified_ms", Whole),
    Column("verified_by", Text),
    Column("code_hash", Text),
    Column("code_ms", Whole),
    Column("code_tries", Whole, nullable=False, server_default=sql("0")),
    sqlite_with_rowid=False,
)
"""Every way to somebody that there is or was. One that is broken takes nothing until it is put right.

told_ms: when a contact heard of that; verified: who has shown that it reaches its contact; code: what was sent by it
last, as a hash.
"""

receipt = Table(
    "receipt",
    metadata,
    row_number(),
    number("received_ms"),
    *(text(name) for name in ("source", "provider_id", "reached", "detail")),
    number("is_permanent"),
    Column("reference", Text),
    UniqueConstraint("provider_id", "reached", "detail"),
    sqlite_autoincrement=True,
)
"""What services told later of notices that they took; `reference` once that is in the ledger."""
_to_apply = receipt.c.reference.is_(None)
Index("receipt_to_apply", receipt.c.provider_id, sqlite_where=_to_apply, postgresql_where=_to_apply)

reply = Table(
    "reply",
    metadata,
    row_number(),
    number("received_ms"),
    *(text(name) for name in ("source", "provider_id", "number", "text", "contact", "alert", "became")),
    Column("sealed", LargeBinary),
    UniqueConstraint("source", "provider_id"),
    sqlite_autoincrement=True,
)
"""Text messages that came in. `contact` and `alert` are empty where there is none. `sealed`: the number and the text,
which stood in their columns before; none where personal data were locked."""
