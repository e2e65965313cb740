"""Alarm receiving centres by SCAIP, against a stand-in of our own (`scaip_centre`): no real centre was at hand."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.notice import Letterhead, Purpose
from sensor_hub.alerts.plan import Plan
from sensor_hub.dispatch import scaip
from sensor_hub.dispatch.address import AddressError
from sensor_hub.dispatch.carriers import address_trouble, anchored, is_machine, stays_here
from sensor_hub.dispatch.heartbeats import Heartbeats
from sensor_hub.dispatch.scaip import About, ScaipNotifier, read_scaip
from sensor_hub.dispatch.sip import SipError, Target, parse
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.storage.stores import SqlStores
from tests.brokers import free_port
from tests.dispatch.outcomes import NOTICE, failure, send
from tests.dispatch.scaip_centre import Centre
from tests.storage.stores import open_fresh
from tests.watch.test_worker import SetTime

NOTIFIER = ScaipNotifier(lambda alert: About("flat-12", Kind.INACTIVITY, "bedroom"))


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("T1", 0.01), ("ANSWERS_WITHIN", 0.3), ("TREATED_WITHIN", 0.2)):
        monkeypatch.setattr(scaip, name, seconds)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file with the key and its certificate for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key", folder / "cert"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, *names]
    subprocess.run(command, check=True, capture_output=True)
    whole = folder / "both"
    whole.write_text(key.read_text() + cert.read_text())
    return whole


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("reply", ["message", "answer"])
@pytest.mark.parametrize("is_trying", [False, True])
def test_a_centre_takes_it(transport: str, reply: str, is_trying: bool) -> None:
    with Centre(transport, reply=reply, is_trying=is_trying) as centre:
        assert send(NOTIFIER, centre.address()) is None
        if reply == "message":
            assert centre.acknowledged.wait(5)
            assert centre.heard == ["SIP/2.0 200 OK"]
    assert len(centre.requests) == 1


def test_by_tls_the_centres_certificate_must_be_trusted(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Centre("tls", tls=context) as centre:
        assert failure(NOTIFIER, centre.address())[0] == "for now"
        assert centre.requests == []
        send(NOTIFIER, anchored(centre.address(options=f"&ca_file={certificate.name}"), certificate.parent))
        assert len(centre.requests) == 1


@pytest.mark.parametrize(
    ("number", "outcome"),
    [*((each, "for ever") for each in (1, 2, 3, 7)), (4, "unknown"), *((each, "for now") for each in (5, 6, 99))],
)
def test_what_the_centre_answers_tells_apart_what_became_of_it(number: int, outcome: str) -> None:
    with Centre(number=number) as centre:
        assert failure(NOTIFIER, centre.address())[0] == outcome


@pytest.mark.parametrize(
    ("status", "outcome"), [(404, "for ever"), (401, "for ever"), (486, "for now"), (503, "for now"), (302, "for now")]
)
def test_so_does_what_its_sip_server_answers(status: int, outcome: str) -> None:
    with Centre(status=status, reply="never") as centre:
        assert failure(NOTIFIER, centre.address())[0] == outcome


def test_a_sip_answer_alone_is_no_word_of_the_centre() -> None:
    with Centre(reply="never") as centre:
        assert failure(NOTIFIER, centre.address())[0] == "unknown"


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_centre_that_falls_silent_may_have_it(transport: str) -> None:
    with Centre(transport, status=None) as centre:
        assert failure(NOTIFIER, centre.address())[0] == "unknown"


@pytest.mark.parametrize("transport", ["tcp", "udp", "tls"])
def test_where_nobody_listens_nothing_was_sent(transport: str) -> None:
    address = f"scaip://alarm@127.0.0.1:{free_port()}/unit?transport={transport}"
    assert failure(NOTIFIER, address)[0] == "for now"


def test_what_is_lost_by_udp_is_said_again() -> None:
    with Centre("udp", drops=2) as centre:
        send(NOTIFIER, centre.address())
    assert len(centre.requests) == 1


def test_a_request_names_the_unit_what_happened_and_where_in_codes() -> None:
    with Centre() as centre:
        send(NOTIFIER, centre.address("council-{home}"))
        root = ElementTree.fromstring(centre.requests[0])
    assert {each.tag: each.text for each in root} == {
        "ref": NOTICE.reference,
        "ver": "01.00",
        "mty": "ME",
        "cid": "council-flat-12",
        "did": "flat-12",
        "dty": "0010",
        "stc": "0069",
        "lco": "012",
        "sco": "0",
        "cha": "0",
        "crd": "no-voice:",
    }


def test_only_what_is_urgent_is_a_message_and_only_full_detail_has_words() -> None:
    tricky = replace(NOTICE, title='Today: "Cold" <home> & more, ' + "x" * 200, urgency=Urgency.SOON)
    with Centre() as centre:
        NOTIFIER.send(tricky, Contact("arc", centre.address(), Detail.FULL))
        NOTIFIER.send(replace(NOTICE, alert="", purpose=Purpose.ROUND), Contact("arc", centre.address()))
        NOTIFIER.send(replace(NOTICE, alert="", purpose=Purpose.TEST), Contact("arc", centre.address("{home}")))
    assert centre.texts("mty") == ["IN", "IN", "IN"]
    assert centre.texts("stc") == ["0069", "0062", "0102"]
    assert centre.texts("cid") == ["unit-7", "unit-7", "hub"]
    assert ElementTree.fromstring(centre.requests[0]).findtext("stt") == tricky.title[:100]
    assert centre.texts("stt")[1:] == ["", ""]


def test_an_answer_to_another_message_is_none() -> None:
    other = b"<mrs><ref>another</ref><snu>0</snu></mrs>"
    assert scaip._status_number(other, "another") == 0
    for body in (other, b"", b"<mrs>", b"<mrq><ref>mine</ref></mrq>", b"<!DOCTYPE a><mrs/>", b"x" * 20_000):
        assert scaip._status_number(body, "mine") is None


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"\xff\xfe\r\n\r\n"])
def test_what_is_no_sip_is_refused(data: bytes) -> None:
    with pytest.raises(SipError):
        parse(data)


def test_an_address_is_read_or_refused_in_words() -> None:
    read = read_scaip("scaip://alarm@centre.example/unit-7?from=hub@hub.example")
    assert (read.target, read.sender) == (Target("alarm", "centre.example", 5061, "tls"), "hub@hub.example")
    assert read.heartbeat == 60
    for wrong in ("scaip://centre.example/u", "scaip://alarm@centre.example", "scaip://a:pw@centre.example/u"):
        with pytest.raises(AddressError):
            read_scaip(wrong)
    for option in ("transport=sctp", "heartbeat=x", "heartbeat=9999", "ca_file=/nowhere", "colour=red"):
        assert address_trouble(f"scaip://alarm@centre.example/u?{option}") is not None
    assert stays_here("scaip://alarm@127.0.0.1/u")
    assert not stays_here("scaip://alarm@centre.example/u")
    assert is_machine("scaip://alarm@centre.example/u")
    assert not is_machine("console://")


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[SqlStores]:
    stores = open_fresh(tmp_path)
    yield stores
    stores.database.close()


def test_a_centre_that_misses_heartbeats_is_told_once_for_each_spell(stores: SqlStores) -> None:
    with Centre() as centre:
        people = Contact("arc", centre.address("{home}")), Contact("boss", "console://")
        beats = Heartbeats(Plan(people, (), manager=("boss",)), stores.outbox, SetTime(1e9), Letterhead(None))
        (one,) = beats.all
        told = []
        for number in (0, 6, 6, 6, 0, 6, 0, 6, 6):
            centre.number = number
            beats.time = SetTime(beats.time.now() + 300)
            beats.beat(one)
            told.append(len(stores.outbox.due("boss", 2e9)))
    assert told == [0, 0, 1, 1, 1, 1, 1, 1, 2]
    assert set(centre.texts("mty")) == {"PI"}
    assert set(centre.texts("cid")) == {"hub"}
    assert stores.outbox.due("boss", 2e9)[0].notice.title.startswith("Today: an alarm receiving centre is silent")
