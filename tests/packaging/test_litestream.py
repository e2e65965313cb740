"""deploy/litestream with the real program: a hub that is lost with its disk is there again, about a second old."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from sensor_hub.storage.database import Database
from sensor_hub.storage.inserting import put
from sensor_hub.storage.tables.hub import hub
from tests.waiting import wait_for

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "litestream" / "litestream.yml"
PROGRAM = Path(sys.executable).parent / "litestream"
WRITES = """
import itertools, sys
from pathlib import Path
from sensor_hub.storage.database import Database
from sensor_hub.storage.inserting import put
from sensor_hub.storage.tables.hub import hub
database = Database(Path(sys.argv[1]))
database.open()
for number in itertools.count():
    put(database.connection, hub, {"name": f"n{number}", "value": "x" * 200})
    print(number, flush=True)
"""


def restored(config: Path, database: Path, to: Path) -> int:
    """How many rows the copy has that is made from the replica now; -1 while there is none."""
    to.unlink(missing_ok=True)
    command = [PROGRAM, "restore", "-config", config, "-o", to, database]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        return -1
    with closing(sqlite3.connect(to)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = connection.execute("SELECT name FROM hub WHERE name LIKE 'n%'").fetchall()
    assert {name for (name,) in rows} == {f"n{number}" for number in range(len(rows))}, "none is missing in between"
    return len(rows)


def test_what_was_copied_before_both_were_killed_is_there_again(tmp_path: Path) -> None:
    path, config = tmp_path / "hub.db", tmp_path / "litestream.yml"
    text = CONFIGURATION.read_text(encoding="utf-8")
    text = text.replace("/var/lib/sensor-hub/hub.db", str(path))
    config.write_text(text.replace("/var/backups/sensor-hub-litestream", str(tmp_path / "copy")), encoding="utf-8")
    database = Database(path)
    database.open()
    put(database.connection, hub, {"name": "kept", "value": "here"})
    database.close()
    with (tmp_path / "out").open("wb") as out:
        copier = subprocess.Popen([PROGRAM, "replicate", "-config", config], stdout=out, stderr=out)
        writer = subprocess.Popen([sys.executable, "-c", WRITES, path], stdout=out, stderr=out)
    try:
        wait_for(lambda: restored(config, path, tmp_path / "early.db") > 0, what="a first copy")
        seen = restored(config, path, tmp_path / "early.db")
        wait_for(lambda: restored(config, path, tmp_path / "later.db") > seen, what="a copy that follows")
        seen = restored(config, path, tmp_path / "later.db")
    finally:
        copier.kill()
        writer.kill()
        copier.wait()
        writer.wait()
    # Also what lies beside it: SQLite would put an old `-wal` into the restored file, and ruin that.
    for left in tmp_path.glob("hub.db*"):
        left.unlink()
    assert restored(config, path, path) >= seen
    again = Database(path)
    again.open()
    again.close()
