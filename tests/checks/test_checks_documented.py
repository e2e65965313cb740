"""Every id that `sensor-hub check` can give stands in deploy/checks.md, and no other; programs get them as data."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from sensor_hub.checks.checkup import problems
from sensor_hub.remark import WRONG, Remark
from sensor_hub.storage.database import DATABASE, Database
from sensor_hub.storage.migrating import HEAD
from tests.homes import small_home
from tests.hub_program import HubProgram

ROOT = Path(__file__).parents[2]
PLACE = {"Remark": 0, "Gap": 0, "_refused": 0, "remark_of": 1, "_known": 3, "_named": 3}
"""Where the calls that make an id have it."""
COMPUTED = {"fallback.unknown", "manager.unknown"}
CONTACT = "[[contact]]\nid = 'team'\naddress = 'console://'"


def ids_in_code() -> Iterator[str]:
    folders = ("", "checks", "config", "commands")
    files = [file for folder in folders for file in (ROOT / "sensor_hub" / folder).glob("*.py")]
    files.append(ROOT / "sensor_hub" / "alerts" / "plan_gaps.py")
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PLACE:
                for given in node.args[PLACE[node.func.id] :][:1]:
                    if isinstance(given, ast.Constant) and isinstance(given.value, str):
                        yield given.value


def test_every_id_is_documented_and_no_other() -> None:
    text = (ROOT / "deploy" / "checks.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    documented = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    made = {name for name in ids_in_code() if re.fullmatch(r"[a-z_]+\.[a-z_]+", name)} | COMPUTED | {WRONG}
    assert sorted(documented) == sorted(made)


def test_programs_get_it_as_data(tmp_path: Path) -> None:
    hub = HubProgram(tmp_path, [], tables=CONTACT)
    hub.write()
    done = hub.command("check", "--json")
    told = json.loads(done.stdout)
    (none,) = told["problems"]
    assert (done.returncode, none["id"], sorted(none)) == (1, "homes.none", ["hint", "id", "what"])


def test_a_database_that_cannot_be_reached_is_told_alone_and_without_its_password(tmp_path: Path) -> None:
    hub = HubProgram(tmp_path, [], tables=f"{CONTACT}\n[database]\nurl = 'postgresql://hub:topsecret@127.0.0.1:1/hub'")
    hub.write()
    (gone,) = problems(hub.config)
    assert (gone.id, "topsecret" in str(gone)) == ("database.unreachable", False)


def test_a_database_of_another_version_is_left_as_it_is(tmp_path: Path) -> None:
    hub = HubProgram(tmp_path, [small_home()], tables=CONTACT)
    hub.write()
    database = Database(tmp_path / "hub-data" / DATABASE)
    database.open()
    for version, told in ((HEAD - 1, "database.older"), (HEAD + 1, "database.newer")):
        database.connection.exec_driver_sql(f"PRAGMA user_version = {version}")
        assert [each.id for each in problems(hub.config)] == [told]
        assert database.version() == version
    database.close()


def test_a_line_has_id_what_and_hint() -> None:
    assert str(Remark("web.port", "it is taken", "give it another")) == "web.port: it is taken; give it another"
