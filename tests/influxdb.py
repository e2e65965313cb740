"""Debian's influxdb behind nginx with the configuration of deploy/influxdb, on free loopback ports.

server = start_influx(tmp_path)
try:
    ...
finally:
    server.stop()
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from sensor_hub.model.moment import to_millisecond
from tests.brokers import Broker, free_port
from tests.nginx import installed, nginx_with

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
    here = {
        "/etc/nginx/sensor-hub-history.token": str(folder / "token"),
        "127.0.0.1:8086": f"127.0.0.1:{port}",
        "127.0.0.1:8087": f"127.0.0.1:{door_port}",
    }
    command = [installed("influxd"), "-config", str(folder / "influxdb.conf")]
    server = Influx(Broker(command, port, folder), nginx_with(SHIPPED, here, folder / "door", door_port))
    server.database.start()
    try:
        server.door.start()
    except BaseException:
        server.stop()
        raise
    return server
