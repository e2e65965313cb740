"""The whole hub: records by commands, the card by the API, each look written down, and no word in clear on disk."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.homes import small_home
from tests.hub_program import HUB, HubProgram

PASSWORD = "a cup of tea"
SECRETS = ("Grimshaw", "Hettie", "3 Elm Row", "01632 960111", "4711#", "Okafor")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProgram]:
    hub = HubProgram(tmp_path, [small_home()], tables="[[contact]]\nid = 'team'\naddress = 'console://'")
    hub.write()
    hub.config.write_text(hub.config.read_text().replace("[web]\n", f"[web]\npassword = '{PASSWORD}'\n"))
    hub.start()
    hub.wait_ready()
    yield hub
    hub.clear()


def resident(hub: HubProgram, *words: str, typed: tuple[str, ...] = ()) -> str:
    command = [*HUB, "resident", *words, "--config", str(hub.config)]
    given = "".join(f"{line}\n" for line in typed)
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_records_and_cards_are_kept_sealed_by_a_hub_that_runs(hub: HubProgram, tmp_path: Path) -> None:
    home = hub.homes[0].id
    assert f"Key of personal data: made in {tmp_path / 'hub.key'}; keep a copy of it" in hub.output()
    resident(hub, "add", home, typed=("Henrietta Grimshaw", "", "3 Elm Row", "01632 960111", "1938-04-09"))
    name, *told = resident(hub, "list", home).split()
    assert " ".join(told) == "Henrietta Grimshaw · 01632 960111 · 3 Elm Row · 1938-04-09"
    resident(hub, "change", home, name, typed=("", "Hettie", "", "", "-"))
    with httpx.Client(base_url=f"http://127.0.0.1:{hub.web_port}", auth=("Jo", PASSWORD)) as client:
        path = f"/api/v1/homes/{home}/card"
        card = {"key_safe_code": "4711#", "relatives": [{"name": "Ruth Okafor", "telephone": "01632 960222"}]}
        assert client.put(path, json=card, headers={"If-Match": '"0"'}).status_code == 200
        (record,) = client.get(f"/api/v1/homes/{home}/residents").json()["items"]
        assert (record["preferred_name"], record["born"]) == ("Hettie", None)
        rotated = hub.command("keys", "rotate")
        assert "2 values are sealed with a new key" in rotated.stdout, rotated.stderr
        for _ in range(2):
            assert client.get(path).json()["key_safe_code"] == "4711#"
    with closing(sqlite3.connect(tmp_path / "hub-data" / "hub.db")) as connection:
        saw = "SELECT who, detail FROM chronology WHERE home = ? AND act = 'saw' ORDER BY number"
        looks = connection.execute(saw, (home,)).fetchall()
        (changed,) = connection.execute("SELECT detail FROM chronology WHERE act = 'key_changed'").fetchone()
    assert changed == "2 values"
    # The change was answered with the card, too; each look is one entry, however often.
    assert [who for who, detail in looks if detail == "card"] == ["password:Jo"] * 3
    assert [detail for _, detail in looks if detail != "card"] == ["people"] * len(looks[3:])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    for file in files:
        content = file.read_bytes()
        assert not [secret for secret in SECRETS if secret.encode() in content], file
    assert {"hub.db", "hub.db-wal", "hub.out"} <= {file.name for file in files}
