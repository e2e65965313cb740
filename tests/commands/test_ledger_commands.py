"""`sensor-hub ledger export`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sensor_hub.__main__ import app
from tests.storage.stores import open_fresh
from tests.storage.test_alert_book import RAISED, T
from tests.storage.test_outbox import CHANNEL, attempt, notice

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "hub.toml"
    file.write_text("[[contact]]\nid = 'team'\naddress = 'console://'\n", encoding="utf-8")
    (tmp_path / "hub-data").mkdir()
    stores = open_fresh(tmp_path / "hub-data")
    stores.alerts.record(RAISED)
    stores.alerts.add_notice(notice("r1"), T, T)
    stores.channels.set_up([CHANNEL])
    stores.outbox.start(attempt("r1"), T + 3600)
    stores.outbox.refused(attempt("r1"), T + 3601, 'no such number, "ever"', None)
    stores.database.close()
    return file


def exported(config: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["ledger", "export", "--config", str(config), *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_both_forms_say_the_same(config: Path) -> None:
    table = list(csv.DictReader(exported(config).splitlines()))
    lines = [json.loads(line) for line in exported(config, "--format", "jsonl").splitlines()]
    assert table == lines
    assert [row["state"] for row in table] == ["waiting", "sending", "refused", "failed"]
    assert table[2]["error"] == 'no such number, "ever"'
    assert table[1]["channel"] == "1 (console)"


def test_a_span_of_time_is_exported_by_itself(config: Path) -> None:
    rows = exported(config, "--from", "2026-01-05T10:00:00Z", "--until", "2026-01-05T10:23:21Z", "--format", "jsonl")
    assert [json.loads(row)["state"] for row in rows.splitlines()] == ["sending"]


def test_a_moment_that_is_none_is_refused(config: Path) -> None:
    done = CliRunner().invoke(app, ["ledger", "export", "--from", "yesterday", "--config", str(config)])
    assert done.exit_code != 0
