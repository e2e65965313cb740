"""A hub that is stopped in the middle: the switch outside hears no more, and the watchdog mails the operator once."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dispatch.mail_server import MailServer
from tests.homes import small_home
from tests.hub_program import HUB, HubProgram
from tests.pulse.switch_server import SwitchServer
from tests.waiting import wait_for


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    server = MailServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def switch() -> Iterator[SwitchServer]:
    server = SwitchServer()
    yield server
    server.close()


@pytest.fixture
def hub(tmp_path: Path, mail: MailServer, switch: SwitchServer) -> Iterator[HubProgram]:
    hub = HubProgram(tmp_path, [small_home()])
    hub.tables = (
        "[[contact]]\nid = 'team'\naddress = 'console://'\n"
        f"[watch]\nping_url = '{switch.url}'\nping_every = 1\nstandstill = 20\nfallback = '{mail.address()}'"
    )
    hub.write()
    hub.start()
    hub.wait_ready()
    yield hub
    assert hub.process is not None
    hub.process.send_signal(signal.SIGCONT)
    hub.clear()


@pytest.fixture
def watchdog(hub: HubProgram) -> Iterator[subprocess.Popen[bytes]]:
    with (hub.folder / "watchdog.out").open("wb") as out:
        process = subprocess.Popen([*HUB, "watchdog", "--config", str(hub.config)], stdout=out, stderr=out)
    yield process
    process.terminate()
    assert process.wait(30) == 0


def test_a_hub_that_is_stopped(
    hub: HubProgram, watchdog: subprocess.Popen[bytes], mail: MailServer, switch: SwitchServer
) -> None:
    wait_for(lambda: switch.signals().count("") > 2)
    assert switch.signals()[0] == "/start"
    wait_for(lambda: "Watching the hub" in (hub.folder / "watchdog.out").read_text())
    assert hub.process is not None
    hub.process.send_signal(signal.SIGSTOP)
    last_ping = len(switch.told)
    wait_for(lambda: bool(mail.box.mails), what="the operator's mail")
    assert len(switch.told) <= last_ping + 1, "one was perhaps on its way"
    beat = (hub.folder / "hub-data" / "heartbeat").read_text()
    hub.process.send_signal(signal.SIGCONT)
    wait_for(lambda: (hub.folder / "hub-data" / "heartbeat").read_text() != beat)
    wait_for(lambda: len(switch.told) > last_ping + 2)
    assert "/fail" not in switch.signals()
    assert mail.box.subjects() == ["URGENT: the sensor hub stands still"]
    (body,) = mail.box.bodies()
    assert f"was last seen to work: {beat.strip()}." in body
    assert watchdog.poll() is None


def test_without_a_fallback_there_is_nobody_to_tell(tmp_path: Path) -> None:
    hub = HubProgram(tmp_path, [small_home()])
    hub.write()
    done = hub.command("watchdog")
    assert done.returncode == 2
    assert "nobody to tell" in done.stderr
