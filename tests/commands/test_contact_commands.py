"""`sensor-hub contact` beside a hub that runs, with a real mail server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.dispatch.mail_server import MailServer
from tests.hub_program import HubProgram


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    server = MailServer(tmp_path_factory.mktemp("mail"), has_tls=False)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[HubProgram]:
    addresses = [mail.address("bad@example.org"), mail.address("ann@example.org")]
    hub = HubProgram(tmp_path_factory.mktemp("hub"), tables=f"[[contact]]\nid = 'ann'\naddresses = {addresses}\n")
    hub.write()
    hub.start()
    hub.wait_ready()
    yield hub
    hub.clear()


def test_a_test_says_of_each_channel_what_became_of_it(hub: HubProgram, mail: MailServer) -> None:
    done = hub.command("contact", "test", "ann")
    assert done.stdout.splitlines() == [
        "channel 1 (mailto): failed: the mail server refuses the recipient (550)",
        "channel 2 (mailto): delivered",
    ]
    assert done.returncode == 1
    assert hub.command("contact", "test", "ann", "--channel", "2").returncode == 0
    assert sorted(subject.partition(" (ref ")[0] for subject in mail.box.subjects()) == [
        "Test",
        "Test",
        "Today: notices do not arrive",
    ]
    assert "takes nothing since" in hub.command("contact", "list").stdout
    assert "[[contact]]" not in hub.command("check").stdout


def test_a_code_that_arrived_confirms_its_channel(hub: HubProgram, mail: MailServer) -> None:
    done = hub.command("contact", "verify", "ann", "--channel", "2")
    assert done.stdout.splitlines()[0] == "channel 2 (mailto): code delivered"
    found = re.search(r"Your code is (\d{6})\.", mail.box.bodies()[-1])
    assert found is not None
    assert hub.command("contact", "verify", "ann", "1").returncode == 1
    assert hub.command("contact", "verify", "ann", found.group(1)).stdout == "ann: channel 2 (mailto) is confirmed\n"
    assert "channel 2 (mailto): confirmed by the command line" in hub.command("contact", "list").stdout


def test_what_there_is_not_is_refused(hub: HubProgram) -> None:
    assert "'bea' is no contact" in hub.command("contact", "test", "bea").stderr
    assert "ann has no channel 3" in hub.command("contact", "test", "ann", "--channel", "3").stderr
