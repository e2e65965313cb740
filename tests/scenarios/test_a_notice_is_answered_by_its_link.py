"""A call for help reaches a carer by mail, who takes it and says what it was without ever logging in."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from sensor_hub.model.home import Device
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.wire import Batch, encode_batch
from tests.dispatch.mail_server import MailServer
from tests.homes import small_home
from tests.hub_program import HubProgram
from tests.ingest.gateway_client import GatewayClient
from tests.waiting import wait_for


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    server = MailServer(tmp_path, has_tls=False)
    yield server
    server.stop()


@pytest.fixture
def hub(tmp_path: Path, mail: MailServer) -> Iterator[HubProgram]:
    home = small_home()
    button = Device("button-1", Room.BEDROOM, frozenset({Metric.SOS}))
    hub = HubProgram(tmp_path, [replace(home, devices=(*home.devices, button))])
    hub.settings = f"url = 'http://127.0.0.1:{hub.web_port}'"
    hub.tables = f"[[contact]]\nid = 'mary'\naddress = '{mail.address()}'"
    hub.write()
    hub.start()
    hub.wait_ready()
    yield hub
    hub.clear()


def call_for_help(hub: HubProgram) -> None:
    gateway = GatewayClient(hub.mqtt_port, "local", hub.homes[0].id, hub.login())
    gateway.start()
    batch = Batch("s1", 0, 0, 1, "b1", [Reading(round(time.time(), 3), "button-1", Metric.SOS, 1.0)])
    gateway.publish_until("readings", encode_batch(batch), lambda: any(each.upto == 1 for each in gateway.answers))
    gateway.stop()


def link_in(text: str) -> str:
    (found,) = re.findall(r"https?://\S+", text)
    return str(found)


def test_from_the_mail_to_the_outcome(hub: HubProgram, mail: MailServer) -> None:
    call_for_help(hub)
    wait_for(lambda: bool(mail.box.mails))
    (body,) = mail.box.bodies()
    link = link_in(body)
    with httpx.Client(follow_redirects=True, timeout=30) as carer:
        for _ in range(2):
            assert "I take this" in carer.get(link).text, "a scanner that follows the link takes nothing"
        assert "You have taken this alert" in carer.post(f"{link}/take").text
        assert "Thank you" in carer.post(f"{link}/outcome", data={"outcome": "true"}).text
        assert carer.get(link).status_code == 404
    password = (hub.folder / "hub-data" / "web.password").read_text().strip()
    alerts = httpx.get(
        f"http://127.0.0.1:{hub.web_port}/api/v1/alerts?closed=true", auth=("Jo", password), timeout=30
    ).json()
    (told,) = [alert for alert in alerts["items"] if alert["kind"] == "sos"]
    assert (told["acknowledged_by"], told["closed_by"], told["outcome"]) == (
        "mary (by link)",
        "mary (by link)",
        "true",
    )
    assert hub.command("export", hub.homes[0].id, str(hub.folder / "out")).returncode == 0
    entries = (hub.folder / "out" / "entries.jsonl").read_text()
    assert entries.count('"mary (by link)"') == 2


def test_links_are_void_with_a_new_key_and_nothing_stored_holds_one(hub: HubProgram, mail: MailServer) -> None:
    call_for_help(hub)
    wait_for(lambda: bool(mail.box.mails))
    link = link_in(mail.box.bodies()[0])
    signature = link.rpartition("/")[2].encode()
    assert not [path for path in hub.folder.rglob("hub.db*") if signature in path.read_bytes()]
    assert httpx.get(link).status_code == 200
    assert hub.command("void-links").returncode == 0
    assert httpx.get(link).status_code == 404
