"""The steps by which SQLite databases came to revision 0015, where Alembic's migrations begin. They never change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from sqlalchemy import Connection

FIRST = """
CREATE TABLE hub (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE home (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE series (
    id INTEGER PRIMARY KEY, home INTEGER NOT NULL REFERENCES home, device TEXT NOT NULL, metric TEXT NOT NULL,
    UNIQUE (home, device, metric)
);

-- The log. `first_ms` and `last_ms` bound the moments of a batch's readings, so that they are found without an index.
CREATE TABLE entry (
    position INTEGER PRIMARY KEY AUTOINCREMENT, home INTEGER NOT NULL REFERENCES home, received_ms INTEGER NOT NULL,
    kind TEXT NOT NULL, body TEXT, first_ms INTEGER, last_ms INTEGER
);
CREATE INDEX entry_of_home ON entry (home, position);
-- The key makes a repeat nothing. The name of a button's action is kept as text behind a `=`: a bare "1" would become
-- a number in a REAL column, which is REAL because whole numbers then take one byte instead of eight.
CREATE TABLE reading (
    series INTEGER NOT NULL, at_ms INTEGER NOT NULL, value REAL NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (series, at_ms)
) WITHOUT ROWID;

CREATE TABLE stream (
    home TEXT NOT NULL, stream TEXT NOT NULL, upto INTEGER NOT NULL, PRIMARY KEY (home, stream)
) WITHOUT ROWID;
CREATE TABLE gateway (home TEXT PRIMARY KEY, received_ms INTEGER NOT NULL, status TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE rejected (
    id INTEGER PRIMARY KEY AUTOINCREMENT, home TEXT NOT NULL, received_ms INTEGER NOT NULL, what TEXT NOT NULL,
    reason TEXT NOT NULL, payload BLOB NOT NULL
);
CREATE TABLE rejected_count (
    home TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (home, reason)
) WITHOUT ROWID;

CREATE TABLE snapshot (
    home TEXT PRIMARY KEY, position INTEGER NOT NULL, ticked_ms INTEGER, state BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE coverage (home TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, rows TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE alert (
    id TEXT PRIMARY KEY, home TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, urgency TEXT NOT NULL,
    since_ms INTEGER NOT NULL, raised_ms INTEGER NOT NULL, summary TEXT NOT NULL, evidence TEXT NOT NULL,
    cleared_ms INTEGER, handled TEXT NOT NULL, acknowledged_by TEXT, acknowledged_ms INTEGER,
    closed_by TEXT, closed_ms INTEGER, outcome TEXT, note TEXT
) WITHOUT ROWID;
CREATE INDEX alert_by_handled ON alert (handled, raised_ms);
CREATE INDEX alert_by_end ON alert (closed_ms, id);
CREATE INDEX alert_of_home ON alert (home, raised_ms);
CREATE TABLE alert_change (
    row INTEGER PRIMARY KEY AUTOINCREMENT, alert TEXT NOT NULL, number INTEGER NOT NULL, home TEXT NOT NULL,
    kind TEXT NOT NULL, subject TEXT NOT NULL, urgency TEXT NOT NULL, state TEXT NOT NULL, at_ms INTEGER NOT NULL,
    since_ms INTEGER NOT NULL, summary TEXT NOT NULL, evidence TEXT NOT NULL, UNIQUE (alert, number)
);
CREATE INDEX change_of_home ON alert_change (home, row);
-- What people did, and what was decided about whom to tell: the part of an alert's history that is not the engine's.
CREATE TABLE alert_act (
    row INTEGER PRIMARY KEY AUTOINCREMENT, alert TEXT NOT NULL, at_ms INTEGER NOT NULL, act TEXT NOT NULL,
    who TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE INDEX act_of_alert ON alert_act (alert, row);

CREATE TABLE notice (
    reference TEXT PRIMARY KEY, alert TEXT NOT NULL, contact TEXT NOT NULL, urgency TEXT NOT NULL, title TEXT NOT NULL,
    body TEXT NOT NULL, state TEXT NOT NULL, is_again INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    next_ms INTEGER NOT NULL, error TEXT, made_ms INTEGER NOT NULL, state_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX notice_due ON notice (state, contact, next_ms);
CREATE INDEX notice_of_alert ON notice (alert);
CREATE TABLE delivery (
    row INTEGER PRIMARY KEY AUTOINCREMENT, reference TEXT NOT NULL, at_ms INTEGER NOT NULL, state TEXT NOT NULL,
    error TEXT
);
CREATE INDEX delivery_of_notice ON delivery (reference, row);
"""

JOINING = """
-- One code a home, found by its mark; of its secret part only the hash.
CREATE TABLE join_code (
    home TEXT PRIMARY KEY, mark TEXT NOT NULL UNIQUE, secret_hash TEXT NOT NULL, made_ms INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, used_ms INTEGER
) WITHOUT ROWID;
CREATE TABLE joined_gateway (
    home TEXT PRIMARY KEY, username TEXT NOT NULL, joined_ms INTEGER NOT NULL, version TEXT NOT NULL
) WITHOUT ROWID;
"""

PLACING = """
-- What describes a home is found without reading past its readings. The term is repeated by the queries that use it.
CREATE INDEX entry_not_readings ON entry (home, position) WHERE kind != 'readings';
-- Whose each home is: the first tenant that it was heard of.
CREATE TABLE tenant_of_home (home TEXT PRIMARY KEY, tenant TEXT NOT NULL) WITHOUT ROWID;
-- The settings that each gateway (tenant/home) is to follow, as the broker should keep them.
CREATE TABLE gateway_settings (gateway TEXT PRIMARY KEY, settings TEXT NOT NULL) WITHOUT ROWID;
-- Starts of each home's gateway. One that is heard again after a later one is a second box with the same password.
CREATE TABLE gateway_boot (
    id INTEGER PRIMARY KEY AUTOINCREMENT, home TEXT NOT NULL, boot TEXT NOT NULL, said_ms INTEGER NOT NULL,
    UNIQUE (home, boot)
);
CREATE TABLE gateway_clone (home TEXT PRIMARY KEY, seen_ms INTEGER NOT NULL) WITHOUT ROWID;
"""

OWN_LIMITS = """
CREATE TABLE own_limit (
    home TEXT NOT NULL, kind TEXT NOT NULL, asked REAL NOT NULL, false_ones INTEGER NOT NULL,
    true_ones INTEGER NOT NULL, PRIMARY KEY (home, kind)
) WITHOUT ROWID;
"""

ESCALATING = """
-- How far an alert has come along its policy; at due_ms it moves on, unless somebody took it.
CREATE TABLE escalation (
    alert TEXT PRIMARY KEY, number INTEGER NOT NULL, policy TEXT NOT NULL, step INTEGER NOT NULL, turn INTEGER NOT NULL,
    stage TEXT NOT NULL, due_ms INTEGER, stage_ms INTEGER NOT NULL
) WITHOUT ROWID;
"""

CALENDARS = """
-- Of the private address of a contact's calendar only the hash.
CREATE TABLE calendar_key (
    contact TEXT PRIMARY KEY, secret_hash TEXT NOT NULL UNIQUE, made_ms INTEGER NOT NULL
) WITHOUT ROWID;
"""

CHANNELS = """
-- What a notice is for, and the one channel by which it goes; which channel each line of the ledger is about, and what
-- the service calls the notice.
ALTER TABLE notice ADD COLUMN purpose TEXT NOT NULL DEFAULT 'alert';
ALTER TABLE notice ADD COLUMN channel TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN channel TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN provider_id TEXT;
CREATE INDEX delivery_by_provider_id ON delivery (provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX delivery_by_moment ON delivery (at_ms);
-- Every way to somebody that there is or was. One that is broken takes nothing until it is put right; told_ms: when a
-- contact heard of that.
CREATE TABLE channel (
    key TEXT PRIMARY KEY, contact TEXT NOT NULL, label TEXT NOT NULL, is_set INTEGER NOT NULL,
    broken_ms INTEGER, broken_why TEXT, told_ms INTEGER
) WITHOUT ROWID;
"""

RECEIPTS = """
-- What services told later of notices that they took; `reference` once that is in the ledger.
CREATE TABLE receipt (
    row INTEGER PRIMARY KEY AUTOINCREMENT, received_ms INTEGER NOT NULL, source TEXT NOT NULL,
    provider_id TEXT NOT NULL, reached TEXT NOT NULL, detail TEXT NOT NULL, is_permanent INTEGER NOT NULL,
    reference TEXT, UNIQUE (provider_id, reached, detail)
);
CREATE INDEX receipt_to_apply ON receipt (provider_id) WHERE reference IS NULL;
CREATE INDEX notice_by_moment ON notice (state_ms);
"""

NOW = """
-- How an alert that lasts is now: the engine's words at the last tick.
CREATE TABLE alert_now (alert TEXT PRIMARY KEY, home TEXT NOT NULL, words TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX alert_now_of_home ON alert_now (home);
"""

ROUNDS = """
-- When a home could not be seen (how: wholly, in part), and when the hub did not run (away, home *).
CREATE TABLE unseen (home TEXT NOT NULL, how TEXT NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER);
CREATE UNIQUE INDEX unseen_now ON unseen (home) WHERE end_ms IS NULL;
CREATE INDEX unseen_by_end ON unseen (end_ms);
-- What is told at set times: at_ms is when it was due, so that each time is told once.
CREATE TABLE told_round (
    name TEXT NOT NULL, reader TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (name, reader, at_ms)
) WITHOUT ROWID;
CREATE INDEX alert_by_raised ON alert (raised_ms);
CREATE INDEX act_exhausted ON alert_act (at_ms) WHERE reason = 'everybody was told and nobody answered';
"""

STAGES = """
-- What keeps an alert back: the alert that covers it, or a silence.
ALTER TABLE escalation ADD COLUMN cause TEXT NOT NULL DEFAULT '';
CREATE TABLE silence (
    id TEXT PRIMARY KEY, homes TEXT NOT NULL, start_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, who TEXT NOT NULL,
    why TEXT NOT NULL, kinds TEXT NOT NULL, place TEXT NOT NULL, ended_ms INTEGER, ended_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX silence_by_end ON silence (ended_ms);
CREATE INDEX act_of_cause ON alert_act (act, who) WHERE act IN ('covered', 'silenced');
-- Contacts of a step who have quiet hours: told at until_ms, unless nobody has to hear of it any more.
CREATE TABLE held_telling (
    alert TEXT NOT NULL, contact TEXT NOT NULL, number INTEGER NOT NULL, turn INTEGER NOT NULL,
    until_ms INTEGER NOT NULL, PRIMARY KEY (alert, contact)
) WITHOUT ROWID;
-- Notices that are sent as one: all but the first name it as their leader, and share what becomes of it. Where nobody
-- has to hear of the first any more, the next of those that still wait leads.
ALTER TABLE notice ADD COLUMN leader TEXT;
ALTER TABLE notice ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
CREATE INDEX notice_of_leader ON notice (leader, place) WHERE leader IS NOT NULL;
CREATE TRIGGER notice_goes_along AFTER UPDATE OF state, attempts ON notice WHEN NEW.state != 'withheld' BEGIN
    UPDATE notice SET state = NEW.state, state_ms = NEW.state_ms, error = NEW.error, attempts = NEW.attempts
        WHERE leader = NEW.reference AND state != 'withheld';
END;
CREATE TRIGGER notice_takes_the_lead AFTER UPDATE OF state ON notice WHEN NEW.state = 'withheld' BEGIN
    UPDATE notice SET leader = (
        SELECT reference FROM notice AS next WHERE next.leader = NEW.reference AND next.state != 'withheld'
            ORDER BY next.place LIMIT 1
    ) WHERE leader = NEW.reference AND state != 'withheld';
    UPDATE notice SET leader = NULL WHERE leader = reference;
END;
CREATE TRIGGER notice_goes_alone AFTER UPDATE OF is_again ON notice WHEN NEW.is_again AND NEW.leader IS NOT NULL BEGIN
    UPDATE notice SET leader = NULL WHERE reference = NEW.reference;
END;
CREATE INDEX change_by_kind ON alert_change (kind, row) WHERE kind = 'homes_silent';
"""

CONFIRMING = """
-- Who has shown that a channel reaches its contact; and the code that was sent by it last, of which only the hash.
ALTER TABLE channel ADD COLUMN verified_ms INTEGER;
ALTER TABLE channel ADD COLUMN verified_by TEXT;
ALTER TABLE channel ADD COLUMN code_hash TEXT;
ALTER TABLE channel ADD COLUMN code_ms INTEGER;
ALTER TABLE channel ADD COLUMN code_tries INTEGER NOT NULL DEFAULT 0;
CREATE INDEX notice_of_channel ON notice (channel, made_ms) WHERE channel != '';
"""

REPLIES = """
-- Text messages that came in. `contact` and `alert` are empty where there is none.
CREATE TABLE reply (
    row INTEGER PRIMARY KEY AUTOINCREMENT, received_ms INTEGER NOT NULL, source TEXT NOT NULL,
    provider_id TEXT NOT NULL, number TEXT NOT NULL, text TEXT NOT NULL, contact TEXT NOT NULL, alert TEXT NOT NULL,
    became TEXT NOT NULL, UNIQUE (source, provider_id)
);
CREATE INDEX delivery_by_channel ON delivery (channel, row) WHERE channel != '';
"""

BUDGETS = """
-- Alerts that are not urgent and of which people were told: they count against the home's budget of the week.
CREATE TABLE page (
    alert TEXT NOT NULL, number INTEGER NOT NULL, home TEXT NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY (alert, number)
) WITHOUT ROWID;
CREATE INDEX page_of_home ON page (home, at_ms);
-- Those over it wait for the daily digest of a contact, team or rota; told_ms: when they were in one.
CREATE TABLE digest_line (
    reader TEXT NOT NULL, alert TEXT NOT NULL, number INTEGER NOT NULL, at_ms INTEGER NOT NULL, told_ms INTEGER,
    PRIMARY KEY (reader, alert, number)
) WITHOUT ROWID;
CREATE INDEX digest_untold ON digest_line (reader, at_ms) WHERE told_ms IS NULL;
DROP INDEX act_exhausted;
CREATE INDEX act_exhausted ON alert_act (at_ms) WHERE reason IN
    ('everybody was told and nobody answered', 'nobody answered, and no policy says who follows');
"""

ALONG = """
-- What becomes of a notice stands in the ledger of each that is sent with it, too; the service's name of it only once.
CREATE TRIGGER delivery_goes_along AFTER INSERT ON delivery WHEN NEW.state NOT IN ('waiting', 'withheld') BEGIN
    INSERT INTO delivery (reference, at_ms, state, error, channel)
        SELECT reference, NEW.at_ms, NEW.state, NEW.error, NEW.channel FROM notice
            WHERE leader = NEW.reference AND state != 'withheld' ORDER BY place;
END;
"""

STEPS: tuple[str, ...] = (
    FIRST,
    JOINING,
    PLACING,
    OWN_LIMITS,
    ESCALATING,
    CALENDARS,
    CHANNELS,
    RECEIPTS,
    NOW,
    ROUNDS,
    STAGES,
    CONFIRMING,
    REPLIES,
    BUDGETS,
    ALONG,
)
"""Step n leads from version n to version n + 1 of `PRAGMA user_version`."""


def take_steps(connection: Connection) -> None:
    """Brings a SQLite database that no migration of Alembic has touched to the last of these steps."""
    version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    for step in STEPS[version:]:
        for statement in statements(step):
            connection.exec_driver_sql(statement)


def statements(script: str) -> Iterator[str]:
    """The statements of a script: `executescript` would commit the transaction that makes a migration whole."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
