"""Alerts, what was decided about each, and what people did."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint
from sqlalchemy import text as sql

from sensor_hub.storage.tables.base import Whole, metadata, number, row_number, text, text_key

alert = Table(
    "alert",
    metadata,
    text_key("id"),
    *(text(name) for name in ("home", "kind", "subject", "urgency")),
    number("since_ms"),
    number("raised_ms"),
    text("summary"),
    text("evidence"),
    Column("cleared_ms", Whole),
    text("handled"),
    Column("acknowledged_by", Text),
    Column("acknowledged_ms", Whole),
    Column("closed_by", Text),
    Column("closed_ms", Whole),
    Column("outcome", Text),
    Column("note", Text),
    sqlite_with_rowid=False,
)
Index("alert_by_handled", alert.c.handled, alert.c.raised_ms)
Index("alert_by_end", alert.c.closed_ms, alert.c.id)
Index("alert_of_home", alert.c.home, alert.c.raised_ms)
Index("alert_by_raised", alert.c.raised_ms)

alert_change = Table(
    "alert_change",
    metadata,
    row_number(),
    text("alert"),
    number("number"),
    *(text(name) for name in ("home", "kind", "subject", "urgency", "state")),
    number("at_ms"),
    number("since_ms"),
    text("summary"),
    text("evidence"),
    UniqueConstraint("alert", "number"),
    sqlite_autoincrement=True,
)
Index("change_of_home", alert_change.c.home, alert_change.c.row)
_wide = alert_change.c.kind == "homes_silent"
Index("change_by_kind", alert_change.c.kind, alert_change.c.row, sqlite_where=_wide, postgresql_where=_wide)

alert_act = Table(
    "alert_act",
    metadata,
    row_number(),
    text("alert"),
    number("at_ms"),
    *(text(name) for name in ("act", "who", "reason")),
    sqlite_autoincrement=True,
)
"""What people did, and what was decided about whom to tell: the part of an alert's history that is not the engine's."""
Index("act_of_alert", alert_act.c.alert, alert_act.c.row)
_kept_back = alert_act.c.act.in_(["covered", "silenced"])
Index("act_of_cause", alert_act.c.act, alert_act.c.who, sqlite_where=_kept_back, postgresql_where=_kept_back)
_exhausted = alert_act.c.reason.in_(
    ["everybody was told and nobody answered", "nobody answered, and no policy says who follows"]
)
Index("act_exhausted", alert_act.c.at_ms, sqlite_where=_exhausted, postgresql_where=_exhausted)

alert_now = Table("alert_now", metadata, text_key("alert"), text("home"), text("words"), sqlite_with_rowid=False)
"""How an alert that lasts is now: the engine's words at the last tick."""
Index("alert_now_of_home", alert_now.c.home)

escalation = Table(
    "escalation",
    metadata,
    text_key("alert"),
    number("number"),
    text("policy"),
    number("step"),
    number("turn"),
    text("stage"),
    Column("due_ms", Whole),
    number("stage_ms"),
    Column("cause", Text, nullable=False, server_default=sql("''")),
    sqlite_with_rowid=False,
)
"""How far an alert has come along its policy; at due_ms it moves on, unless somebody took it.

`cause`: what keeps it back, the alert that covers it or a silence.
"""

silence = Table(
    "silence",
    metadata,
    text_key("id"),
    text("homes"),
    number("start_ms"),
    number("until_ms"),
    *(text(name) for name in ("who", "why", "kinds", "place")),
    Column("ended_ms", Whole),
    text("ended_by"),
    sqlite_with_rowid=False,
)
Index("silence_by_end", silence.c.ended_ms)

held_telling = Table(
    "held_telling",
    metadata,
    text_key("alert"),
    text_key("contact"),
    number("number"),
    number("turn"),
    number("until_ms"),
    sqlite_with_rowid=False,
)
"""Contacts of a step who have quiet hours: told at until_ms, unless nobody has to hear of it any more."""

page = Table(
    "page",
    metadata,
    text_key("alert"),
    Column("number", Whole, primary_key=True, autoincrement=False, nullable=False),
    text("home"),
    number("at_ms"),
    sqlite_with_rowid=False,
)
"""Alerts that are not urgent and of which people were told: they count against the home's budget of the week."""
Index("page_of_home", page.c.home, page.c.at_ms)

digest_line = Table(
    "digest_line",
    metadata,
    text_key("reader"),
    text_key("alert"),
    Column("number", Whole, primary_key=True, autoincrement=False, nullable=False),
    number("at_ms"),
    Column("told_ms", Whole),
    sqlite_with_rowid=False,
)
"""Those over the budget wait for the daily digest of a contact, team or rota; told_ms: when they were in one."""
_untold = digest_line.c.told_ms.is_(None)
Index("digest_untold", digest_line.c.reader, digest_line.c.at_ms, sqlite_where=_untold, postgresql_where=_untold)
