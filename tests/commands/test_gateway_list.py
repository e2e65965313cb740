"""What `sensor-hub gateway list` says of each home's gateway, and whose a home is."""

from __future__ import annotations

from pathlib import Path

from sensor_hub.broker_door import tenant_of
from sensor_hub.commands.gateway_list import gateway_lines
from sensor_hub.model.moment import DAY
from sensor_hub.model.wire import Status
from sensor_hub.settings import Settings, read_settings
from sensor_hub.storage.database import DATABASE, Database
from sensor_hub.storage.stores import SqlStores
from tests.storage.stores import open_fresh

T = 1767605000.0


def test_a_copy_refused_settings_and_what_was_told_alone_are_said(tmp_path: Path) -> None:
    stores = open_fresh(tmp_path)
    refused = {"version": 3, "refused": {"scope": "not a list of metrics"}}
    told = ({"text": "Smoke", "told_at": ""}, {"text": "Cold", "told_at": ""})
    stores.gateways.told("h1", T, Status("online", "b1", "1", T, settings=refused, told_alone=told))
    for boot in ("b1", "b2", "b1"):
        stores.gateways.note_start("h1", boot, T)
    (line,) = gateway_lines(stores, ["h1"], T + 60)
    assert "told 2 messages itself while the hub was out of reach" in line
    assert "does not follow the settings scope (not a list of metrics)" in line
    assert "two gateways speak for it in turn, last at 2026-01-05T09:23:20Z: one is a copy of the other" in line
    (later,) = gateway_lines(stores, ["h1"], T + 2 * DAY)
    assert "two gateways" not in later
    stores.database.close()


def settings_in(folder: Path, more: str = "") -> Settings:
    (folder / "hub.toml").write_text(f'data = "."\n{more}\n[[contact]]\nid = "team"\naddress = "console://"\n')
    return read_settings(folder / "hub.toml")


def test_a_home_is_the_settings_tenants_else_the_first_it_was_heard_of_else_local(tmp_path: Path) -> None:
    assert tenant_of(settings_in(tmp_path), "h1") == "local"
    database = Database(tmp_path / DATABASE)
    database.open()
    tenants = SqlStores(database).tenants
    assert (tenants.bind("h1", "council"), tenants.bind("h1", "other")) == ("council", "council")
    assert tenant_of(settings_in(tmp_path), "h1") == "council"
    assert tenant_of(settings_in(tmp_path), "h2") == "local"
    assert tenant_of(settings_in(tmp_path, 'tenant = "mine"'), "h1") == "mine"
    tenants.give("h1", "mine")
    assert tenants.of("h1") == "mine"
    database.close()
