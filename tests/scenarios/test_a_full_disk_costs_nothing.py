"""A hub whose disk is full answers nothing that it did not store, says so, and goes on once there is room."""

from __future__ import annotations

import os
import secrets
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.wire import Batch, encode_batch
from tests.brokers import start_nats
from tests.homes import small_home
from tests.hub_program import HubProgram
from tests.ingest.gateway_client import GatewayClient
from tests.postgres import database_on
from tests.waiting import wait_for

SIZE, ROOM_OF_POSTGRESQL = "12m", "24m"
START = 1_767_605_000.0
AT_ONCE = 500
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A small file system in a folder of its own."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class Rows:
    """A gateway's outbox: batches sent again until they are answered."""

    def __init__(self, client: GatewayClient) -> None:
        self.client = client
        self.sent = 0

    @property
    def upto(self) -> int:
        return max((stored.upto for stored in self.client.answers), default=0)

    def send_next(self) -> None:
        self.send(self.upto)
        self.sent = self.upto + AT_ONCE

    def send(self, after: int) -> None:
        readings = [
            Reading(START + n / 1000, "climate-living", Metric.TEMPERATURE, n * 1.1)
            for n in range(after, after + AT_ONCE)
        ]
        self.client.publish("readings", encode_batch(Batch("s1", 0, after, after + AT_ONCE, "b1", readings)))


def fill(disk: Path) -> Path:
    """All the room that is left."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as out:
        while True:
            out.write(bytes(4096))
    return ballast


def try_full_disk(tmp_path: Path, disk: Path, database: str = "") -> int:
    """A hub whose disk is full and has room again; how many readings were answered."""
    broker = start_nats(tmp_path / "broker")
    home = small_home()
    hub = HubProgram(tmp_path, [home], mqtt_port=broker.port, mqtt='host = "127.0.0.1"', tables=database)
    hub.write()
    hub.start()
    client = GatewayClient(broker.port, "local", home.id)
    try:
        hub.wait_ready()
        client.start()
        rows = Rows(client)
        pages = f"http://127.0.0.1:{hub.web_port}"

        def is_stored() -> bool:
            return rows.upto >= rows.sent > 0

        rows.send_next()
        wait_for(is_stored, what=f"an answer\n{hub.output()}")

        ballast = fill(disk)
        while "the disk is full" not in hub.output():
            rows.send_next()
            wait_for(lambda: is_stored() or "the disk is full" in hub.output(), what=hub.output())
        answered = rows.upto
        assert httpx.get(f"{pages}/readyz").status_code == 503
        assert "disk is full" in httpx.get(f"{pages}/login").text
        assert "sensor_hub_disk_full 1.0" in httpx.get(f"{pages}/metrics").text
        assert answered < rows.sent

        ballast.unlink()
        hub.wait_ready()
        rows.send_next()
        wait_for(is_stored, what=f"an answer\n{hub.output()}")
        assert hub.output().count("the disk is full") == 1
        assert "there is room on the disk again" in hub.output()
        assert "sensor_hub_disk_full 0.0" in httpx.get(f"{pages}/metrics").text
        assert "Traceback" not in hub.output()
        return rows.upto
    finally:
        client.stop()
        hub.clear()
        broker.stop()


COUNT = "SELECT count(*) FROM reading JOIN series ON id = series WHERE device = 'climate-living'"


def test_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "hub-data", SIZE) as disk:
        upto = try_full_disk(tmp_path, disk)
        with closing(sqlite3.connect(disk / "hub.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert database.execute(COUNT).fetchone()[0] >= upto


def test_a_full_disk_of_postgresql(tmp_path: Path) -> None:
    """Of its tables: where its journal has no room PostgreSQL ends, and the hub waits until it is there again."""
    # In the folder of temporary files itself: the server's user may not go through the test's own.
    folder = Path(tempfile.gettempdir()) / f"sensor-hub-disk-{secrets.token_hex(6)}"
    try:
        with small_disk(folder, ROOM_OF_POSTGRESQL) as disk, database_on(disk) as address:
            upto = try_full_disk(tmp_path, disk, f'[database]\nurl = "{address}"')
            with psycopg.connect(address) as database:
                assert database.execute(COUNT).fetchone()[0] >= upto  # type: ignore[index]
    finally:
        folder.rmdir()
