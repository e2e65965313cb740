"""What is kept for how long, by tenant, and that a home goes on as if nothing had been forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from sensor_hub.clock import Clock
from sensor_hub.config.keep_settings import KeepSettings, Terms, read_keep
from sensor_hub.keeping.retention import Retention
from sensor_hub.model.alert import Outcome
from sensor_hub.model.entry import HubAway
from sensor_hub.model.moment import DAY
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table
from sensor_hub.storage.old_readings import OldReadings
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.ports import Closing
from tests.homes import small_home, whole_log
from tests.storage.stores import open_fresh, rows
from tests.storage.test_alert_book import RAISED, T
from tests.storage.test_old_readings import START, fill, going_on
from tests.storage.test_outbox import notice
from tests.watch.test_worker import Rig, SetTime


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[SqlStores]:
    stores = open_fresh(tmp_path)
    with closing(stores.database):
        yield stores


def retention(stores: SqlStores, keep: KeepSettings, now: float) -> Retention:
    return Retention(stores, keep, OldReadings(stores.database), cast(Clock, SetTime(now)))


def keep(values: dict[str, object]) -> KeepSettings:
    return read_keep(Table(values, "hub.toml, [keep]"))


def test_a_tenant_has_terms_of_its_own_and_else_those_of_all() -> None:
    told = keep({"reading_days": 400, "hour_days": 2000, "tenants": {"oak": {"reading_days": 100}}})
    assert told.terms_of("elm") == told.terms_of(None) == Terms(400, 2000)
    assert told.terms_of("oak") == Terms(100, 2000)
    assert keep({}) == KeepSettings()


@pytest.mark.parametrize(
    "values",
    [
        {"reading_days": 29},
        {"hour_days": 400},
        {"reading_days": 400, "hour_days": 399},
        {"alert_days": 400},
        {"reading_days": 400, "alert_days": 300},
        {"reading_days": 100, "hour_days": 100, "tenants": {"oak": {"reading_days": 101}}},
        {"tenants": {"Oak": {}}},
        {"tenants": {"oak": {"days": 100}}},
    ],
)
def test_terms_that_cannot_be_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(InputError):
        keep(values)


def test_what_became_of_notices_is_kept_by_the_terms_of_their_homes_tenants(stores: SqlStores) -> None:
    for home, alert in (("h1", "a1"), ("h2", "a2")):
        stores.alerts.record(replace(RAISED, id=alert, home=home))
        stores.alerts.add_notice(replace(notice(f"of-{home}"), alert=alert), T, T)
        stores.alerts.close(alert, Closing("Ann", Outcome.FALSE), T)
    stores.tenants.bind("h2", "oak")
    told = keep({"ledger_days": 400, "tenants": {"oak": {"ledger_days": 40}}})
    assert (told.ledger_of, told.of_tenant["oak"]) == ({"oak": 40}, Terms())

    def left(days: float) -> list[str]:
        retention(stores, told, T + days * DAY).forget_notices(going_on)
        return [reference for (reference,) in rows(stores, "SELECT reference FROM notice ORDER BY reference")]

    assert left(39) == ["of-h1", "of-h2"]
    assert left(41) == ["of-h1"]
    assert left(401) == []


def test_each_tenant_s_homes_are_kept_by_its_terms(stores: SqlStores) -> None:
    for home in ("h1", "h2", "h3"):
        fill(stores, home)
    stores.tenants.bind("h2", "oak")
    told = KeepSettings(terms=Terms(), of_tenant={"oak": Terms(30, 31)})
    swept = retention(stores, told, START + 32 * DAY)
    assert swept.forget_readings(going_on) == 2 * 72 * 3
    assert swept.forget_hours(going_on) == 24 * 3
    assert rows(stores, "SELECT count(*) FROM reading") == [(2 * 3 * 72 * 3 + 72 * 3,)]


def test_closed_alerts_go_with_all_that_was_written_of_them_and_open_ones_stay(stores: SqlStores) -> None:
    fill(stores)
    for name in ("a1", "a2"):
        stores.alerts.record(replace(RAISED, id=name))
    stores.alerts.close("a2", Closing("Ann", Outcome.FALSE), T + 3)
    keep = KeepSettings(terms=Terms(30, None, 30))
    assert retention(stores, keep, T + 29 * DAY).forget_alerts(going_on) == 0
    assert retention(stores, keep, T + 31 * DAY).forget_alerts(going_on) == 1
    for table, column in (("alert", "id"), ("alert_change", "alert"), ("alert_act", "alert")):
        assert {row[0] for row in rows(stores, f"SELECT {column} FROM {table}")} <= {"a1"}


def test_a_home_goes_on_as_if_nothing_were_forgotten_and_is_not_taken_for_silent_when_its_log_is_read_anew(
    tmp_path: Path,
) -> None:
    home = small_home()
    rig = Rig(tmp_path, [home], START)
    log = sorted(whole_log(home, START, START + 6 * DAY), key=lambda one: one.reading.at)
    number, after = 0, START
    while rig.time.at < START + 6 * DAY:
        rig.time.at += 900.0
        batch = []
        while number < len(log) and log[number].reading.at <= rig.time.at:
            batch.append(log[number].reading)
            number += 1
        rig.take(rig.batch(batch, after=int(after - START), upto=int(rig.time.at - START)))
        after = rig.time.at
    rig.crash(in_order=True)
    alerts, whole = set(rows(rig.stores, "SELECT id FROM alert")), len(rig.entries())
    gone = OldReadings(rig.stores.database).forget(home.id, START + 4 * DAY, going_on)
    assert gone > whole / 2
    assert [entry.end for entry in rig.entries() if isinstance(entry, HubAway)] == [START + 4 * DAY]

    rig.worker.open()
    taken = rig.worker.watches.watched[home.id].watch.snapshot()
    rig.crash(in_order=True)
    rig.worker.open()
    assert rig.worker.watches.watched[home.id].watch.snapshot() == taken

    rig.crash()
    rig.stores.database.connection.exec_driver_sql("DELETE FROM snapshot")
    rig.worker.open()
    rig.worker.tick()
    assert set(rows(rig.stores, "SELECT id FROM alert")) == alerts
    rig.stores.database.close()
