"""A gateway joins with a code and its readings arrive; whoever has no good code stays out."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.join import join
from gateway.settings import read_settings
from sensor_hub.access.chronology import Act, entry_of
from sensor_hub.broker_door import broker_address
from sensor_hub.ingest.logins import Login
from sensor_hub.joining.code import ALPHABET, VALID_FOR
from sensor_hub.model.problem import InputError
from sensor_hub.password_files import COMMAND_KEY_FILE
from sensor_hub.settings import read_homes
from sensor_hub.settings import read_settings as read_hub_settings
from tests.homes import small_home
from tests.hub_program import HubProgram
from tests.ingest.mqtt_probe import gets_in
from tests.storage.stores import open_fresh, rows
from tests.waiting import wait_for

HOME = small_home().id


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProgram]:
    hub = HubProgram(tmp_path, [small_home()])
    hub.write()
    hub.start()
    hub.wait_ready()
    yield hub
    hub.clear()


def url(hub: HubProgram) -> str:
    return f"http://127.0.0.1:{hub.web_port}"


def make_code(hub: HubProgram) -> str:
    done = hub.command("gateway", "add", HOME)
    assert done.returncode == 0, done.stderr
    found = re.search(r"sensor-gateway join (\S+) --hub (\S+)", done.stdout)
    assert found is not None
    assert found[2] == url(hub)
    return found[1]


def ask(hub: HubProgram, code: str) -> httpx.Response:
    return httpx.post(f"{url(hub)}/api/v1/join", json={"code": code, "version": "0.1.0"}, timeout=30)


def stored_readings(hub: HubProgram) -> list[dict[str, object]]:
    out = hub.folder / "out"
    assert hub.command("export", HOME, str(out)).returncode == 0
    return [json.loads(line) for line in gzip.decompress((out / "readings.jsonl.gz").read_bytes()).splitlines()]


def test_a_gateway_joins_and_what_it_says_is_stored(hub: HubProgram, tmp_path: Path) -> None:
    config = tmp_path / "box" / "gateway.toml"
    code = make_code(hub)
    assert join([code.lower(), "--hub", url(hub), "--config", str(config)]) == 0
    address = broker_address(read_hub_settings(hub.config), read_homes([]))
    login = read_settings(config).hub
    assert (login.username, login.tls) == (f"local/{HOME}", False)
    wait_for(lambda: gets_in(address, Login(login.username or "", login.password or "")))
    with (tmp_path / "gateway.log").open("wb") as out:
        gateway = subprocess.Popen(
            [sys.executable, "-m", "gateway", "run", "--config", str(config)], stdout=out, stderr=out
        )
    try:
        wait_for(lambda: any(row["metric"] == "online" for row in stored_readings(hub)))
    finally:
        gateway.terminate()
        assert gateway.wait(30) == 0, (tmp_path / "gateway.log").read_text()
    listed = hub.command("gateway", "list").stdout
    assert re.search(
        rf"{HOME}: joined \S+Z with version 0\.1\.0; o(n|ff)line with version 0\.1\.0 since or at \S+Z\n", listed
    )
    assert hub.command("gateway", "remove", HOME).returncode == 0
    wait_for(lambda: not gets_in(address, Login(login.username or "", login.password or "")))
    assert "has not joined" in hub.command("gateway", "list").stdout
    assert hub.command("gateway", "remove", HOME).returncode == 2


def test_a_code_works_once_and_a_new_one_voids_the_old_password(hub: HubProgram, tmp_path: Path) -> None:
    code = make_code(hub)
    first = ask(hub, code)
    assert first.status_code == 200
    again = ask(hub, code)
    assert (again.status_code, again.json()["detail"][:27]) == (403, "This code was used already.")
    config = tmp_path / "gateway.toml"
    with pytest.raises(InputError, match="This code was used already"):
        join([code, "--hub", url(hub), "--config", str(config)])
    assert not config.exists()
    second = ask(hub, make_code(hub))
    address = broker_address(read_hub_settings(hub.config), read_homes([]))
    passwords = [answer.json()["password"] for answer in (first, second)]
    wait_for(lambda: gets_in(address, Login(f"local/{HOME}", passwords[1])))
    assert not gets_in(address, Login(f"local/{HOME}", passwords[0]))


def test_five_wrong_tries_lock_a_code_and_no_other(hub: HubProgram) -> None:
    code = make_code(hub)
    last = code[-1]
    wrong = [code[:-1] + letter for letter in ALPHABET if letter != last][:5]
    other_mark = next(letter for letter in ALPHABET if letter != code[0]) + code[1:]
    # Not aimed at this code: it counts against none.
    assert ask(hub, other_mark).status_code == 403
    for each in wrong:
        assert "not a code of this hub" in ask(hub, each).json()["detail"]
    locked = ask(hub, code)
    assert (locked.status_code, "locked after five wrong tries" in locked.json()["detail"]) == (403, True)
    assert "its code is locked" in hub.command("gateway", "list").stdout
    assert ask(hub, make_code(hub)).status_code == 200


def test_a_code_of_yesterday_is_refused(hub: HubProgram) -> None:
    code = make_code(hub)
    stores = open_fresh(hub.folder / "hub-data")
    assert "a code waits until" in hub.command("gateway", "list").stdout
    stores.database.connection.exec_driver_sql(f"UPDATE join_code SET made_ms = made_ms - {round(VALID_FOR * 1000)}")
    assert code.replace("-", "")[3:] not in str(rows(stores, "SELECT * FROM join_code"))
    stores.database.close()
    late = ask(hub, code)
    assert (late.status_code, "too old" in late.json()["detail"]) == (403, True)


def test_settings_are_sent_and_mistakes_are_one_line(hub: HubProgram) -> None:
    file = hub.folder / "s.toml"
    file.write_text("version = 3\n")
    done = hub.command("settings", HOME, str(file))
    assert (done.returncode, done.stdout) == (0, f"{HOME}: 13 bytes of settings wait at the broker for its gateway\n")
    file.write_text('version = 4\n[rooms]\nlamp = "hall"\n')
    assert "sensor-hub place" in hub.command("settings", HOME, str(file)).stderr
    stores = open_fresh(hub.folder / "hub-data")
    noted = [entry_of(row) for row in (*stores.chronology.rows(""), *stores.chronology.rows("local"))]
    stores.database.close()
    assert [(each.act, each.about) for each in noted if each.home == HOME][-1] == (Act.GATEWAY_SET, "version 3")
    for words in (["settings", "nobody", str(file)], ["gateway", "add", "nobody"]):
        done = hub.command(*words)
        assert (done.returncode, "'nobody' is not the id of a home" in done.stderr) == (2, True)
        assert done.stderr.count("\n") == 1


def test_the_same_by_the_api(hub: HubProgram) -> None:
    settings = f"/homes/{HOME}/gateway-settings"

    def version() -> int:
        found: int = api.get(settings).json()["version"]
        return found

    with api_of(hub) as api:
        joined = ask(hub, api.post(f"/homes/{HOME}/join-codes").json()["code"]).json()
        login, address = (
            Login(joined["username"], joined["password"]),
            broker_address(read_hub_settings(hub.config), []),
        )
        wait_for(lambda: gets_in(address, login))
        body, tag = {"settings": {"commit_every": 5}}, {"If-Match": api.get(settings).headers["etag"]}
        sent = api.put(settings, json=body, headers=tag)
        assert (sent.status_code, sent.json()["settings"]) == (200, {"commit_every": 5}), sent.text
        assert api.put(settings, json=body, headers=tag).status_code == 412
        # Nobody answers: as long as the hub waits nobody sends other settings.
        assert api.post(f"/gateways/{HOME}/credentials").status_code == 202
        wait_for(lambda: version() > sent.json()["version"])
        tag = {"If-Match": api.get(settings).headers["etag"]}
        assert api.put(settings, json=body, headers=tag).status_code == 409
        tag = {"If-Match": api.get(f"/gateways/{HOME}").headers["etag"]}
        assert api.delete(f"/gateways/{HOME}/credentials", headers=tag).status_code == 204
        wait_for(lambda: not gets_in(address, login))
    assert hub.stop() == 0
    hub.start()
    hub.wait_ready()
    with api_of(hub) as api:
        # The hub that stopped took the password that nobody kept back out of them.
        wait_for(lambda: version() == sent.json()["version"] + 2)
        tag = {"If-Match": api.get(settings).headers["etag"]}
        assert api.put(settings, json=body, headers=tag).status_code == 200


def api_of(hub: HubProgram) -> httpx.Client:
    key = (hub.folder / "hub-data" / COMMAND_KEY_FILE).read_text().strip()
    return httpx.Client(base_url=f"{url(hub)}/api/v1", auth=("jo", key), timeout=30)


def test_with_another_broker_the_hub_has_to_know_where_passwords_go(tmp_path: Path) -> None:
    hub = HubProgram(tmp_path, [small_home()], mqtt="host = '127.0.0.1'")
    hub.write()
    done = hub.command("gateway", "add", HOME)
    assert (done.returncode, "password_file under [gateways]" in done.stderr) == (2, True)
