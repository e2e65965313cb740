"""The history of a hub: its settings, what `check` says of it, its commands, and charts while it is out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sensor_hub.__main__ import app
from sensor_hub.checks.history_checkup import history
from sensor_hub.clock import Clock
from sensor_hub.config.keep_settings import KeepSettings, Terms
from sensor_hub.histories import histories_of
from sensor_hub.history.port import HistoryError, Measure, Of, Window
from sensor_hub.influx.history import InfluxHistory
from sensor_hub.model.problem import InputError
from sensor_hub.storage.database import DATABASE
from sensor_hub.storage.log_history import LogHistory
from sensor_hub.storage.stores import SqlStores
from tests.brokers import free_port
from tests.influx.filled import START, own_address, reading, store
from tests.influxdb import TOKEN, Influx, start_influx
from tests.storage.stores import open_fresh

SPAN = Window(START, START + 3600, 900)
MOTION = Of("flat-12")


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    server = start_influx(tmp_path_factory.mktemp("influx"))
    yield server
    server.stop()


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[SqlStores]:
    (tmp_path / "hub-data").mkdir()
    stores = open_fresh(tmp_path / "hub-data")
    yield stores
    stores.database.close()


def test_without_an_influxdb_it_is_the_logs_own_table(stores: SqlStores) -> None:
    found = histories_of(None, stores, Clock())
    assert isinstance(found.history, LogHistory)
    assert (found.feed, found.numbers) == (None, None)


def test_charts_come_from_the_log_while_the_history_is_down_or_behind(
    stores: SqlStores, influx: Influx, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = histories_of(own_address(influx), stores, Clock())
    asked = []
    ask = InfluxHistory.bins
    monkeypatch.setattr(InfluxHistory, "bins", lambda *args: (asked.append(1), ask(*args))[1])

    def count() -> float:
        return sum(each.value for each in found.history.bins(MOTION, SPAN, Measure.COUNT))

    store(stores, [reading(0.0)])
    assert (count(), len(asked)) == (1, 0)
    assert found.feed is not None
    found.feed.turn()
    assert (count(), len(asked)) == (1, 1)
    influx.kill()
    assert (count(), len(asked)) == (1, 2)
    influx.start()
    found.close()


def test_a_command_reads_the_history_where_it_lacks_nothing_of_the_time_asked_for(
    stores: SqlStores, influx: Influx
) -> None:
    address = own_address(influx)
    hub = histories_of(address, stores, Clock())
    assert hub.feed is not None
    store(stores, [reading(0.0)])
    hub.feed.turn()
    hub.close()
    store(stores, [reading(7200.0)])
    influx.ask(f'DROP DATABASE "{address.bucket}"')
    influx.ask(f'CREATE DATABASE "{address.bucket}"')
    command = histories_of(address, stores, Clock())
    # What was taken away there shows who was asked.
    assert list(command.history.readings(MOTION, START, START + 3600)) == []
    assert list(command.history.readings(MOTION, START, START + 9000)) == [reading(0.0), reading(7200.0)]
    command.close()


def test_what_the_log_has_forgotten_is_not_shown_as_nothing_while_the_history_is_down(
    stores: SqlStores, influx: Influx
) -> None:
    """`START` is long ago."""
    store(stores, [reading(0.0)])
    keep = KeepSettings(terms=Terms(readings=30.0, hours=31.0))
    down = replace(own_address(influx), url=f"http://127.0.0.1:{free_port()}")
    found = histories_of(down, stores, Clock(), keep)
    with pytest.raises(HistoryError, match="the history cannot be shown now"):
        found.history.bins(MOTION, SPAN, Measure.COUNT)
    found.close()
    kept_briefly = replace(own_address(influx), reading_days=30.0)
    found = histories_of(kept_briefly, stores, Clock())
    assert found.feed is not None
    found.feed.turn()
    assert sum(each.value for each in found.history.bins(MOTION, SPAN, Measure.COUNT)) == 1
    found.close()


def test_check_says_what_would_not_work(influx: Influx) -> None:
    address = own_address(influx)
    assert list(history(None)) == []
    assert list(history(address)) == []
    influx.ask(f'CREATE DATABASE "{address.bucket}"')
    assert list(history(address)) == []
    (shut,) = history(replace(address, token="wrong"))
    assert str(shut) == "history.influxdb: it does not let the hub in (401 Unauthorized); check token in [history]"
    (gone,) = history(replace(address, url=f"http://127.0.0.1:{free_port()}"))
    assert str(gone).startswith("history.influxdb: it cannot be reached (")
    assert "Connection refused" in gone.what


def test_the_commands(stores: SqlStores, influx: Influx, tmp_path: Path) -> None:
    assert (tmp_path / "hub-data" / DATABASE).exists()
    config = tmp_path / "hub.toml"

    def run(word: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["history", word, "--config", str(config)], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result.output

    config.write_text("")
    with pytest.raises(InputError, match="the log's own table is the history"):
        CliRunner().invoke(app, ["history", "status", "--config", str(config)], catch_exceptions=False)
    address = own_address(influx)
    config.write_text(f'[history]\ninfluxdb = "{address.url}"\ntoken = "{TOKEN}"\nbucket = "{address.bucket}"\n')
    store(stores, [reading(0.0)])
    assert "Filled up to entry 0 of 1 of the log: 1 are to come." in run("status")
    hub = histories_of(address, stores, Clock())
    assert hub.feed is not None
    hub.feed.turn()
    assert "entry 1 of 1 of the log: 0 are to come." in run("status")
    assert run("verify") == "The history has all 1 readings of the log.\n"
    influx.ask("DELETE FROM reading", address.bucket)
    assert "flat-12: 1 readings of the log are not in the history" in run("verify", 1)
    run("refill")
    hub.feed.turn()
    run("verify")
    assert influx.count("SELECT count(value) FROM reading", address.bucket) == 1
    hub.close()
