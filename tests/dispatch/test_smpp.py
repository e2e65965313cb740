"""Text messages by SMPP: its words against a network that others wrote, outcomes against one of our own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from smpplib import consts

from sensor_hub.dispatch.address import AddressError
from sensor_hub.dispatch.smpp import SmppNotifier, read_smpp, smpp_trouble
from tests.brokers import free_port
from tests.dispatch.mail_server import own_certificate
from tests.dispatch.outcomes import TEXT, failure, send
from tests.dispatch.smpp_network import SmppNetwork
from tests.waiting import wait_for

OTHERS = "/usr/lib/kannel/test/drive_smpp"
"""Of kannel's authors: an SMPP network that takes one connection."""


def address(port: int, options: str = "") -> str:
    return f"smpp://hub:pass@127.0.0.1:{port}/Hub/+447700900124{options}"


def test_a_network_of_others_takes_it(tmp_path: Path) -> None:
    port, out = free_port(), tmp_path / "out"
    with out.open("wb") as file:
        program = subprocess.Popen([OTHERS, "-p", str(port), "-m", "1", "-v", "0"], stdout=file, stderr=file)
    try:
        wait_for(lambda: _listens(port), what="the network")
        # Its id of a message is empty.
        assert send(SmppNotifier(), address(port)) is None
        wait_for(lambda: TEXT.splitlines()[0] in out.read_text(errors="replace"), what="the message")
    finally:
        program.kill()
        program.wait()


def _listens(port: int) -> bool:
    listening = f":{port:04X} 00000000:0000 0A"
    return listening in Path("/proc/net/tcp").read_text()


@pytest.mark.parametrize("asks", [False, True])
def test_it_gives_the_networks_id_and_sends_one_message(asks: bool) -> None:
    with SmppNetwork(asks=asks) as network:
        assert send(SmppNotifier(), address(network.port)) == "id-1"
        assert send(SmppNotifier(), address(network.port, "?coding=latin-1")) == "id-1"
    for message in network.messages:
        assert b"447700900124" in message
        assert TEXT.encode() in message
        assert len(TEXT) == message[message.index(TEXT.encode()) - 1]


@pytest.mark.parametrize(
    ("submit", "outcome"),
    [
        (consts.SMPP_ESME_RINVDSTADR, "for ever"),
        (consts.SMPP_ESME_RTHROTTLED, "for now"),
        (consts.SMPP_ESME_RSYSERR, "for now"),
        (None, "unknown"),
    ],
)
def test_what_becomes_of_it(submit: int | None, outcome: str) -> None:
    with SmppNetwork(submit=submit) as network:
        assert failure(SmppNotifier(), address(network.port), secrets=("pass",))[0] == outcome
    assert len(network.messages) == 1


def test_a_network_that_is_not_there_or_does_not_let_the_hub_in_is_tried_again() -> None:
    with SmppNetwork(bind=consts.SMPP_ESME_RINVPASWD) as network:
        refused = failure(SmppNotifier(), address(network.port), secrets=("hub:",))
        assert refused == ("for now", "the SMPP service refuses the user and password")
        assert smpp_trouble(address(network.port), 5) == refused[1]
    with SmppNetwork() as network:
        assert smpp_trouble(address(network.port), 5) is None
    assert network.messages == []
    closed = address(free_port())
    assert failure(SmppNotifier(), closed) == ("for now", "the SMPP service cannot be reached (ConnectionRefusedError)")


def test_by_tls_only_to_a_network_whose_certificate_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with SmppNetwork(tls=own_certificate(tmp_path)) as network:
        secure = address(network.port).replace("smpp:", "smpps:")
        assert failure(SmppNotifier(), secure)[0] == "for now"
        assert network.messages == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "mail.crt"))
        assert send(SmppNotifier(), secure) == "id-1"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("smpp://127.0.0.1/Hub/447700900124", "the user and password of the SMPP account are missing"),
        ("smpp://u:p@host/Hub", "the recipient is missing"),
        ("smpp://u:p@host/Hub/447700900124?coding=ucs2", "coding is neither gsm nor latin-1"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_it(wrong: str, why: str) -> None:
    with pytest.raises(AddressError, match=why):
        read_smpp(wrong)
    assert failure(SmppNotifier(), wrong) == ("for ever", why)


def test_the_parts_of_an_address() -> None:
    read = read_smpp("smpps://u:p%40x@sms.example.org/447700900000/00447700900124")
    assert (read.port, read.has_tls, read.recipient) == (3550, True, "+447700900124")
    assert "p@x" not in repr(read)
