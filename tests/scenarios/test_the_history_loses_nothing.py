"""A hub with an InfluxDB: charts are there while it is down, and it has everything once afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import to_millisecond
from sensor_hub.model.reading import Reading
from tests.homes import small_home
from tests.hub_program import HubProgram
from tests.influxdb import TOKEN, Influx, start_influx
from tests.storage.stores import open_fresh
from tests.waiting import wait_for

HOME = small_home()
SETTINGS = """
[history]
influxdb = "{url}"
token = "{token}"
reading_days = 400
"""


@pytest.fixture
def influx(tmp_path: Path) -> Iterator[Influx]:
    server = start_influx(tmp_path / "influx")
    yield server
    server.stop()


@pytest.fixture
def hub(tmp_path: Path, influx: Influx) -> Iterator[HubProgram]:
    hub = HubProgram(tmp_path, [HOME], tables=SETTINGS.format(url=influx.url, token=TOKEN))
    hub.write()
    yield hub
    hub.clear()


def came(hub: HubProgram, first: int, behind: int) -> None:
    """A movement in each of these minutes before now, while the hub does not run."""
    (hub.folder / "hub-data").mkdir(exist_ok=True)
    stores, now = open_fresh(hub.folder / "hub-data"), to_millisecond(time.time())
    for minute in range(first, behind):
        stores.log.append_readings(HOME.id, now, [Reading(now - 60 * minute, "motion-hall", Metric.MOTION, 1.0)])
    stores.database.close()


def stored(influx: Influx) -> int:
    return influx.count("SELECT count(value) FROM reading", "sensor-hub")


def charted(hub: HubProgram) -> int:
    password = (hub.folder / "hub-data" / "web.password").read_text().strip()
    address = f"http://127.0.0.1:{hub.web_port}/api/v1/homes/{HOME.id}/chart?days=3"
    chart = httpx.get(address, auth=("Jo", password), timeout=30)
    assert chart.status_code == 200, chart.text
    return sum(count or 0 for strip in chart.json()["movement"] for count in strip["counts"])


def test_a_server_that_is_down_and_a_database_that_is_lost(hub: HubProgram, influx: Influx) -> None:
    came(hub, 10, 60)
    hub.start()
    hub.wait_ready()
    wait_for(lambda: stored(influx) == 50, what="the fill")
    assert charted(hub) == 50

    influx.kill()
    assert charted(hub) == 50
    hub.kill()
    came(hub, 60, 90)

    influx.start()
    influx.ask('DROP DATABASE "sensor-hub"')
    hub.start()
    hub.wait_ready()
    wait_for(lambda: stored(influx) == 80, what="the fill from the beginning")
    assert "it is filled again from the log" in hub.output()
    assert charted(hub) == 80
