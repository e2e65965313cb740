"""Whoever tries a door of a running hub that is not theirs stands in the chronology, and cannot fill it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from sensor_hub.ingest.logins import Login
from sensor_hub.ingest.uplink import BrokerAddress
from sensor_hub.web.session import COOKIE
from tests.homes import small_home
from tests.hub_program import HubProgram
from tests.ingest.mqtt_probe import gets_in
from tests.waiting import wait_for

FLOOD = 300


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProgram]:
    hub = HubProgram(tmp_path, [small_home()], settings='tenant = "local"', web="requests_a_minute = 60")
    hub.write()
    hub.start()
    try:
        hub.wait_ready()
        yield hub
    finally:
        hub.clear()


def refused(hub: HubProgram) -> list[tuple[str, str, str, str, str]]:
    with closing(sqlite3.connect(hub.folder / "hub-data" / "hub.db")) as database:
        select = "SELECT tenant, who, home, about, detail FROM chronology WHERE act = 'refused' ORDER BY at_ms, number"
        return database.execute(select).fetchall()


def test_forged_credentials_at_pages_api_and_broker(hub: HubProgram) -> None:
    broker = BrokerAddress("127.0.0.1", hub.mqtt_port)
    for login in (Login("local/test-home", "forged"), Login("nobody", "forged")):
        assert not gets_in(broker, login)
    with httpx.Client(base_url=f"http://127.0.0.1:{hub.web_port}") as client:
        for number in range(FLOOD):
            answer = client.get("/api/v1/homes", headers={"Authorization": f"Bearer shub_{number}"})
            assert answer.status_code in {401, 429}
        for path in ("/homes/test-home", "/homes/no-home"):
            answer = client.get(path, headers={"Cookie": f"{COOKIE}=forged"})
            assert answer.status_code == 303
        wait_for(lambda: 'sensor_hub_refused_total{at="broker",why="unknown"} 2.0' in client.get("/metrics").text)
        assert f'{{at="pages",why="unknown"}} {FLOOD + 2}' in client.get("/metrics").text.replace(".0", "")
    assert hub.stop() == 0
    told = refused(hub)
    broker_rows = [row for row in told if row[3] == "login the broker"]
    assert {row[:3] for row in broker_rows} == {("local", "local/test-home", "test-home"), ("", "", "")}
    (pages,) = [row for row in told if row not in broker_rows]
    assert pages[3] == "GET /api/v1/homes"
    assert "from 127.0.0.1" in pages[4]
    assert all("forged" not in text and "shub_" not in text for row in told for text in row)
