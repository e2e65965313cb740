"""Debian's influxdb behind nginx with the configuration of deploy/influxdb, on free loopback ports.

server = start_influx(tmp_path)
try:
    ...
finally:
    server.stop()
"""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from sensor_hub.model.moment import to_millisecond
from tests.brokers import Broker, free_port

SHIPPED = Path(__file__).parent.parent / "deploy" / "influxdb" / "sensor-hub-history.conf"
TOKEN = "token-of-the-tests"

DATABASE = """\
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  index-version = "tsi1"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
[monitor]
  store-enabled = false
"""
DOOR = """\
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
daemon off;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/sensor-hub-history.conf;
}}
"""


@dataclass
class Influx:
    """The database and the nginx before it. `url` is that of nginx, and stays over `kill` and `start`."""

    database: Broker
    door: Broker

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.door.port}"

    def kill(self) -> None:
        """SIGKILL to the database alone: nginx answers 502."""
        self.database.kill()

    def start(self) -> None:
        """After a kill, with what it has on disk. Nothing where it runs."""
        if not self.database.is_running:
            self.database.start()

    def stop(self) -> None:
        self.door.stop()
        self.database.kill()

    def now(self) -> float:
        """The clock by which it judges what is too old."""
        return to_millisecond(time.time())

    def ask(self, query: str, database: str = "") -> list[list[list[object]]]:
        """The rows of each series that the database itself answers InfluxQL with; moments in milliseconds."""
        form = urlencode({"q": query, "db": database, "epoch": "ms"}).encode()
        with urlopen(Request(f"http://127.0.0.1:{self.database.port}/query", data=form)) as answer:
            (result,) = json.load(answer)["results"]
        assert "error" not in result or "database not found" in result["error"], result
        return [series["values"] for series in result.get("series", ())]

    def count(self, query: str, database: str) -> int:
        """The one number that a query has in its second column; 0 where it has no row."""
        rows = self.ask(query, database)
        return int(str(rows[0][0][1])) if rows else 0


def start_influx(folder: Path) -> Influx:
    """Both programs, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    port, door_port = free_port(), free_port()
    settings = DATABASE.format(folder=folder, port=port, rpc=free_port())
    (folder / "influxdb.conf").write_text(settings)
    (folder / "token").write_text(f'"Token {TOKEN}" 1;\n')
    shipped = SHIPPED.read_text()
    for said, here in {
        "/etc/nginx/sensor-hub-history.token": str(folder / "token"),
        "127.0.0.1:8086": f"127.0.0.1:{port}",
        "127.0.0.1:8087": f"127.0.0.1:{door_port}",
    }.items():
        assert said in shipped
        shipped = shipped.replace(said, here)
    (folder / "sensor-hub-history.conf").write_text(shipped)
    # Its workers would be nobody, who may not write here.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(DOOR.format(folder=folder, user=user))
    (folder / "door").mkdir(exist_ok=True)
    command = [_program("influxd"), "-config", str(folder / "influxdb.conf")]
    server = Influx(
        Broker(command, port, folder),
        Broker([_program("nginx"), "-c", str(folder / "nginx.conf")], door_port, folder / "door"),
    )
    server.database.start()
    try:
        server.door.start()
    except BaseException:
        server.stop()
        raise
    return server


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError(f"{name} is missing: apt install influxdb nginx-light")
    return found
