"""The commands about what outcomes and the dial do, on the data of a hub that runs as a program."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import httpx
import pytest

from sensor_hub.model.entry import HomeSet
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import HOUR
from sensor_hub.storage.database import DATABASE
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.home_watch import GRID
from tests.homes import arrival, by_arrival
from tests.hub_program import HUB, HubProgram
from tests.stack import simulated
from tests.storage.stores import open_fresh
from tests.waiting import wait_for
from tests.watch.test_outcomes import ALERT, BACK, HOME, LOG, START

STRANGER = "0x00158d0001ff0009"
STARTED = BACK + 2 * HOUR
CONTACT = "[[contact]]\nid = 'team'\naddress = 'console://'\nreceives = ['care', 'technical']\n"


def _store_weeks(stores: SqlStores) -> None:
    """What the hub had stored before it was started: three weeks, and a device that nobody placed."""
    log = [one for one in LOG if one.received < STARTED]
    log = by_arrival([*log, arrival(STARTED - HOUR, STRANGER, Metric.MOTION)])
    with stores.database.transaction():
        stores.log.append(HOME.id, HomeSet(START - 1, HOME))
        for _, batch in groupby(log, key=lambda one: one.received // GRID):
            came = list(batch)
            stores.log.append_readings(HOME.id, came[-1].received, [one.reading for one in came])
    stores.database.close()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProgram]:
    """It goes on after those weeks; a tick comes twice a second."""
    hub = HubProgram(tmp_path, [HOME], settings="false_pages = 160", tables=CONTACT + simulated(STARTED, 600))
    hub.write()
    _store_weeks(open_fresh(tmp_path / "hub-data"))
    assert (tmp_path / "hub-data" / DATABASE).exists()
    hub.start()
    hub.wait_ready()
    yield hub
    hub.clear()


def said(hub: HubProgram, *words: str) -> str:
    done = hub.command(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(hub: HubProgram, *words: str) -> str:
    """The one line that it says."""
    done = hub.command(*words)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stdout + done.stderr
    return done.stderr


def officer(hub: HubProgram) -> httpx.Client:
    password = (hub.folder / "hub-data" / "web.password").read_text().strip()
    return httpx.Client(base_url=f"http://127.0.0.1:{hub.web_port}/api/v1", auth=("Ann", password), timeout=30)


def test_outcomes_move_limits_visibly_until_they_are_forgotten_and_a_replay_tells_the_same(hub: HubProgram) -> None:
    nothing = f"{HOME.id}: no outcome moves a limit\n"
    assert said(hub, "outcomes", HOME.id) == nothing
    with officer(hub) as client:
        (told,) = [row for row in client.get("/alerts?closed=true").json()["items"] if row["kind"] == "inactivity"]
        assert (told["id"], told["outcome"]) == (ALERT.id, None)
        closed = client.post(f"/alerts/{told['id']}/close", json={"outcome": "false", "by": "Ann"})
        assert closed.status_code == 200, closed.text
    moved = re.compile(r"inactivity: \+0\.\d surprise \(1 false, 0 true\)\n")
    wait_for(lambda: moved.fullmatch(said(hub, "outcomes", HOME.id)) is not None, what="the outcome at the limit")

    less = said(hub, "backtest", HOME.id, "--limit", "inactivity=60")
    assert "gone" in less
    assert "Said to be false: 1 (1 gone)." in less
    row = json.loads(said(hub, "backtest", HOME.id, "--false-pages", "160", "--json"))
    assert [(each["change"], each["outcome"]) for each in row["alerts"] if each["kind"] == "inactivity"] == [
        ("same", "false")
    ]

    assert said(hub, "place", HOME.id, STRANGER, "study") == f"{HOME.id}: {STRANGER} is in study\n"
    assert "move nothing any more" in said(hub, "outcomes", HOME.id, "--forget", "inactivity")
    wait_for(lambda: said(hub, "outcomes", HOME.id) == nothing, what="the limit as it was")
    assert "No outcome moves this kind's limit here" in refused(hub, "outcomes", HOME.id, "--forget", "inactivity")
    assert "There is no such home" in refused(hub, "outcomes", "elsewhere", "--forget", "inactivity")
    assert "no home 'elsewhere'" in refused(hub, "backtest", "elsewhere", "--false-pages", "60")

    out = hub.folder / "out"
    said(hub, "export", HOME.id, str(out), "--judged")
    entries = (out / "entries.jsonl").read_text()
    assert all(f'"{key}": ' in entries for key in ("false_pages", "outcome", "room", "forget_outcomes"))
    again = hub.folder / "again.jsonl"
    command = [*HUB, "replay", str(out / "home.toml"), str(out / "readings.jsonl.gz"), "--alerts", str(again)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert again.read_text() == (out / "alerts.jsonl").read_text()
    assert Kind.INACTIVITY.value in again.read_text()

    assert hub.stop() == 0
    assert "the hub cannot be asked" in refused(hub, "outcomes", HOME.id, "--forget", "inactivity")
