"""Where Alembic begins: SQLite as its own steps leave it, PostgreSQL with the same tables."""

from __future__ import annotations

from alembic import op

from sensor_hub.storage.before_alembic import take_steps

revision = "0015"
down_revision = None

POSTGRESQL = """
CREATE TABLE alert (
    id TEXT NOT NULL, home TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, urgency TEXT NOT NULL,
    since_ms BIGINT NOT NULL, raised_ms BIGINT NOT NULL, summary TEXT NOT NULL, evidence TEXT NOT NULL,
    cleared_ms BIGINT, handled TEXT NOT NULL, acknowledged_by TEXT, acknowledged_ms BIGINT, closed_by TEXT,
    closed_ms BIGINT, outcome TEXT, note TEXT, PRIMARY KEY (id)
);
CREATE INDEX alert_by_end ON alert (closed_ms, id);
CREATE INDEX alert_by_handled ON alert (handled, raised_ms);
CREATE INDEX alert_by_raised ON alert (raised_ms);
CREATE INDEX alert_of_home ON alert (home, raised_ms);
CREATE TABLE alert_act (
    row BIGSERIAL NOT NULL, alert TEXT NOT NULL, at_ms BIGINT NOT NULL, act TEXT NOT NULL, who TEXT NOT NULL,
    reason TEXT NOT NULL, PRIMARY KEY (row)
);
CREATE INDEX act_exhausted ON alert_act (at_ms)
    WHERE reason IN ('everybody was told and nobody answered', 'nobody answered, and no policy says who follows');
CREATE INDEX act_of_alert ON alert_act (alert, row);
CREATE INDEX act_of_cause ON alert_act (act, who) WHERE act IN ('covered', 'silenced');
CREATE TABLE alert_change (
    row BIGSERIAL NOT NULL, alert TEXT NOT NULL, number BIGINT NOT NULL, home TEXT NOT NULL, kind TEXT NOT NULL,
    subject TEXT NOT NULL, urgency TEXT NOT NULL, state TEXT NOT NULL, at_ms BIGINT NOT NULL,
    since_ms BIGINT NOT NULL, summary TEXT NOT NULL, evidence TEXT NOT NULL, PRIMARY KEY (row),
    UNIQUE (alert, number)
);
CREATE INDEX change_by_kind ON alert_change (kind, row) WHERE kind = 'homes_silent';
CREATE INDEX change_of_home ON alert_change (home, row);
CREATE TABLE alert_now (
    alert TEXT NOT NULL, home TEXT NOT NULL, words TEXT NOT NULL, PRIMARY KEY (alert)
);
CREATE INDEX alert_now_of_home ON alert_now (home);
CREATE TABLE calendar_key (
    contact TEXT NOT NULL, secret_hash TEXT NOT NULL, made_ms BIGINT NOT NULL, PRIMARY KEY (contact),
    UNIQUE (secret_hash)
);
CREATE TABLE channel (
    key TEXT NOT NULL, contact TEXT NOT NULL, label TEXT NOT NULL, is_set BIGINT NOT NULL, broken_ms BIGINT,
    broken_why TEXT, told_ms BIGINT, verified_ms BIGINT, verified_by TEXT, code_hash TEXT, code_ms BIGINT,
    code_tries BIGINT DEFAULT 0 NOT NULL, PRIMARY KEY (key)
);
CREATE TABLE coverage (
    home TEXT NOT NULL, at_ms BIGINT NOT NULL, rows TEXT NOT NULL, PRIMARY KEY (home)
);
CREATE TABLE delivery (
    row BIGSERIAL NOT NULL, reference TEXT NOT NULL, at_ms BIGINT NOT NULL, state TEXT NOT NULL, error TEXT,
    channel TEXT DEFAULT '' NOT NULL, provider_id TEXT, PRIMARY KEY (row)
);
CREATE INDEX delivery_by_channel ON delivery (channel, row) WHERE channel != '';
CREATE INDEX delivery_by_moment ON delivery (at_ms);
CREATE INDEX delivery_by_provider_id ON delivery (provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX delivery_of_notice ON delivery (reference, row);
CREATE TABLE digest_line (
    reader TEXT NOT NULL, alert TEXT NOT NULL, number BIGINT NOT NULL, at_ms BIGINT NOT NULL, told_ms BIGINT,
    PRIMARY KEY (reader, alert, number)
);
CREATE INDEX digest_untold ON digest_line (reader, at_ms) WHERE told_ms IS NULL;
CREATE TABLE escalation (
    alert TEXT NOT NULL, number BIGINT NOT NULL, policy TEXT NOT NULL, step BIGINT NOT NULL, turn BIGINT NOT NULL,
    stage TEXT NOT NULL, due_ms BIGINT, stage_ms BIGINT NOT NULL, cause TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (alert)
);
CREATE TABLE gateway (
    home TEXT NOT NULL, received_ms BIGINT NOT NULL, status TEXT NOT NULL, PRIMARY KEY (home)
);
CREATE TABLE gateway_boot (
    id BIGSERIAL NOT NULL, home TEXT NOT NULL, boot TEXT NOT NULL, said_ms BIGINT NOT NULL, PRIMARY KEY (id),
    UNIQUE (home, boot)
);
CREATE TABLE gateway_clone (
    home TEXT NOT NULL, seen_ms BIGINT NOT NULL, PRIMARY KEY (home)
);
CREATE TABLE gateway_settings (
    gateway TEXT NOT NULL, settings TEXT NOT NULL, PRIMARY KEY (gateway)
);
CREATE TABLE held_telling (
    alert TEXT NOT NULL, contact TEXT NOT NULL, number BIGINT NOT NULL, turn BIGINT NOT NULL,
    until_ms BIGINT NOT NULL, PRIMARY KEY (alert, contact)
);
CREATE TABLE home (
    id BIGSERIAL NOT NULL, name TEXT NOT NULL, PRIMARY KEY (id), UNIQUE (name)
);
CREATE TABLE hub (
    name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name)
);
CREATE TABLE join_code (
    home TEXT NOT NULL, mark TEXT NOT NULL, secret_hash TEXT NOT NULL, made_ms BIGINT NOT NULL,
    tries BIGINT DEFAULT 0 NOT NULL, used_ms BIGINT, PRIMARY KEY (home), UNIQUE (mark)
);
CREATE TABLE joined_gateway (
    home TEXT NOT NULL, username TEXT NOT NULL, joined_ms BIGINT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (home)
);
CREATE TABLE notice (
    reference TEXT NOT NULL, alert TEXT NOT NULL, contact TEXT NOT NULL, urgency TEXT NOT NULL,
    title TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, is_again BIGINT DEFAULT 0 NOT NULL,
    attempts BIGINT DEFAULT 0 NOT NULL, next_ms BIGINT NOT NULL, error TEXT, made_ms BIGINT NOT NULL,
    state_ms BIGINT NOT NULL, purpose TEXT DEFAULT 'alert' NOT NULL, channel TEXT DEFAULT '' NOT NULL, leader TEXT,
    place BIGINT DEFAULT 0 NOT NULL, PRIMARY KEY (reference)
);
CREATE INDEX notice_by_moment ON notice (state_ms);
CREATE INDEX notice_due ON notice (state, contact, next_ms);
CREATE INDEX notice_of_alert ON notice (alert);
CREATE INDEX notice_of_channel ON notice (channel, made_ms) WHERE channel != '';
CREATE INDEX notice_of_leader ON notice (leader, place) WHERE leader IS NOT NULL;
CREATE TABLE own_limit (
    home TEXT NOT NULL, kind TEXT NOT NULL, asked DOUBLE PRECISION NOT NULL, false_ones BIGINT NOT NULL,
    true_ones BIGINT NOT NULL, PRIMARY KEY (home, kind)
);
CREATE TABLE page (
    alert TEXT NOT NULL, number BIGINT NOT NULL, home TEXT NOT NULL, at_ms BIGINT NOT NULL,
    PRIMARY KEY (alert, number)
);
CREATE INDEX page_of_home ON page (home, at_ms);
CREATE TABLE reading (
    series BIGINT NOT NULL, at_ms BIGINT NOT NULL, value DOUBLE PRECISION, word TEXT, position BIGINT NOT NULL,
    PRIMARY KEY (series, at_ms)
);
CREATE TABLE receipt (
    row BIGSERIAL NOT NULL, received_ms BIGINT NOT NULL, source TEXT NOT NULL, provider_id TEXT NOT NULL,
    reached TEXT NOT NULL, detail TEXT NOT NULL, is_permanent BIGINT NOT NULL, reference TEXT, PRIMARY KEY (row),
    UNIQUE (provider_id, reached, detail)
);
CREATE INDEX receipt_to_apply ON receipt (provider_id) WHERE reference IS NULL;
CREATE TABLE rejected (
    id BIGSERIAL NOT NULL, home TEXT NOT NULL, received_ms BIGINT NOT NULL, what TEXT NOT NULL,
    reason TEXT NOT NULL, payload BYTEA NOT NULL, PRIMARY KEY (id)
);
CREATE TABLE rejected_count (
    home TEXT NOT NULL, reason TEXT NOT NULL, count BIGINT NOT NULL, PRIMARY KEY (home, reason)
);
CREATE TABLE reply (
    row BIGSERIAL NOT NULL, received_ms BIGINT NOT NULL, source TEXT NOT NULL, provider_id TEXT NOT NULL,
    number TEXT NOT NULL, text TEXT NOT NULL, contact TEXT NOT NULL, alert TEXT NOT NULL, became TEXT NOT NULL,
    PRIMARY KEY (row), UNIQUE (source, provider_id)
);
CREATE TABLE silence (
    id TEXT NOT NULL, homes TEXT NOT NULL, start_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL, who TEXT NOT NULL,
    why TEXT NOT NULL, kinds TEXT NOT NULL, place TEXT NOT NULL, ended_ms BIGINT, ended_by TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX silence_by_end ON silence (ended_ms);
CREATE TABLE snapshot (
    home TEXT NOT NULL, position BIGINT NOT NULL, ticked_ms BIGINT, state BYTEA NOT NULL, PRIMARY KEY (home)
);
CREATE TABLE stream (
    home TEXT NOT NULL, stream TEXT NOT NULL, upto BIGINT NOT NULL, PRIMARY KEY (home, stream)
);
CREATE TABLE tenant_of_home (
    home TEXT NOT NULL, tenant TEXT NOT NULL, PRIMARY KEY (home)
);
CREATE TABLE told_round (
    name TEXT NOT NULL, reader TEXT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY (name, reader, at_ms)
);
CREATE TABLE unseen (
    home TEXT NOT NULL, how TEXT NOT NULL, start_ms BIGINT NOT NULL, end_ms BIGINT
);
CREATE INDEX unseen_by_end ON unseen (end_ms);
CREATE UNIQUE INDEX unseen_now ON unseen (home) WHERE end_ms IS NULL;
CREATE TABLE entry (
    position BIGSERIAL NOT NULL, home BIGINT NOT NULL, received_ms BIGINT NOT NULL, kind TEXT NOT NULL, body TEXT,
    first_ms BIGINT, last_ms BIGINT, PRIMARY KEY (position), FOREIGN KEY(home) REFERENCES home (id)
);
CREATE INDEX entry_not_readings ON entry (home, position) WHERE kind != 'readings';
CREATE INDEX entry_of_home ON entry (home, position);
CREATE TABLE series (
    id BIGSERIAL NOT NULL, home BIGINT NOT NULL, device TEXT NOT NULL, metric TEXT NOT NULL, PRIMARY KEY (id),
    UNIQUE (home, device, metric), FOREIGN KEY(home) REFERENCES home (id)
);
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        take_steps(op.get_bind())
    else:
        op.execute(POSTGRESQL)
