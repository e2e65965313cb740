"""`sensor-hub account` and `sensor-hub token` beside a hub that runs, with a real mail server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.dispatch.mail_server import MailServer
from tests.homes import small_home
from tests.hub_program import HubProgram
from tests.waiting import wait_for

PASSWORD = "kettle orbit mango"


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    server = MailServer(tmp_path_factory.mktemp("mail"), has_tls=False)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[HubProgram]:
    tables = f"[access]\nmail = '{mail.address()}'\n"
    hub = HubProgram(tmp_path_factory.mktemp("hub"), [small_home()], tables=tables)
    hub.write()
    hub.start()
    hub.wait_ready()
    yield hub
    hub.clear()


@pytest.fixture(scope="module")
def browser(hub: HubProgram) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{hub.web_port}") as client:
        yield client


def said(hub: HubProgram, *words: str) -> str:
    done = hub.command(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def link_in(text: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+(/password/\S+)", text)
    assert found is not None
    return found.group(1)


def test_the_first_account_is_an_administrators_and_commands_go_on(hub: HubProgram, browser: httpx.Client) -> None:
    refused = hub.command("account", "add", "sam", "--role", "duty_officer")
    assert refused.returncode == 2
    assert "first account must be an administrator's" in refused.stderr
    assert "No account yet" in said(hub, "account", "list")
    assert "nothing is silenced" in said(hub, "silence", "list")
    link = link_in(said(hub, "account", "add", "Jo", "--role", "administrator", "--mail", "jo@example.org"))
    assert browser.post(link, data={"password": PASSWORD, "again": PASSWORD}).status_code == 303
    assert browser.post("/login", data={"name": "jo", "password": PASSWORD}).headers["location"] == "/"
    assert browser.get("/accounts").status_code == 200
    assert "jo: Jo, administrator, all tenants; enabled; last signed in" in said(hub, "account", "list")
    assert "nothing is silenced" in said(hub, "silence", "list")
    shared = (hub.folder / "hub-data" / "web.password").read_text().strip()
    address = f"http://127.0.0.1:{hub.web_port}/api/v1/alerts"
    assert httpx.get(address, auth=("Jo", shared)).status_code == 401


def test_a_link_for_a_new_password_is_mailed(hub: HubProgram, browser: httpx.Client, mail: MailServer) -> None:
    assert browser.post("/password", data={"name": "jo"}).status_code == 303
    wait_for(lambda: mail.box.subjects() == ["A new password"])
    link = link_in(mail.box.bodies()[0])
    assert "/password/" in link
    assert browser.get(link).status_code == 200


def test_an_account_changes_and_ends(hub: HubProgram) -> None:
    said(hub, "account", "add", "sam", "--role", "duty_officer", "--tenant", "local", "--name", "Sam")
    assert "technician, tenant local, homes test-home" in said(
        hub, "account", "role", "sam", "technician", "--tenant", "local", "--home", "test-home"
    )
    assert said(hub, "account", "disable", "sam") == "sam: disabled\n"
    assert "sam: Sam, technician, tenant local, homes test-home; disabled" in said(hub, "account", "list")
    assert said(hub, "account", "enable", "sam") == "sam: enabled\n"
    assert link_in(said(hub, "account", "reset", "sam", "--second-step"))
    assert "there is no account 'eve'" in hub.command("account", "reset", "eve").stderr
    assert "there is no home nowhere" in hub.command("account", "role", "sam", "family", "--home", "nowhere").stderr


def test_a_programs_token_is_made_used_and_revoked(hub: HubProgram) -> None:
    made = said(hub, "token", "add", "Grafana", "--scope", "metrics:see", "--days", "30")
    headers = {"Authorization": f"Bearer {made.splitlines()[0]}"}
    metrics = f"http://127.0.0.1:{hub.web_port}/metrics"
    assert httpx.get(metrics, headers=headers).status_code == 200
    listed = said(hub, "token", "list")
    assert "Grafana, a program's, by " in listed
    assert made.splitlines()[0] not in listed
    token = listed.partition(":")[0]
    assert said(hub, "token", "revoke", token) == f"{token}: revoked\n"
    alerts = f"http://127.0.0.1:{hub.web_port}/api/v1/alerts"
    assert httpx.get(alerts, headers=headers).status_code == 401
    assert "there is no action alerts:eat" in hub.command("token", "add", "x", "--scope", "alerts:eat").stderr
