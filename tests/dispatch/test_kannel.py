"""Text messages through Debian's kannel, to the fake network that its authors try it with."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from sensor_hub.dispatch.address import AddressError
from sensor_hub.dispatch.kannel import KannelNotifier, kannel_trouble, read_kannel
from tests.brokers import free_port
from tests.dispatch.kannel import Kannel
from tests.dispatch.outcomes import TEXT, failure, send
from tests.dispatch.web_service import WebService
from tests.waiting import wait_for

LOGIN = "hub:p%26ss%20w%3Ard"
SECRET = "p&ss w:rd"


@pytest.fixture(scope="module")
def kannel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kannel]:
    kannel = Kannel(tmp_path_factory.mktemp("kannel"))
    try:
        kannel.start()
        yield kannel
    finally:
        kannel.stop()


def test_it_arrives_and_what_became_of_it_is_told(kannel: Kannel) -> None:
    with WebService() as hub:
        address = f"kannel://{LOGIN}@127.0.0.1:{kannel.port}/Hub/+447700900124"
        name = send(KannelNotifier(f"{hub.url}/receipts?token=a%2Fb"), address)
        assert name is not None
        assert name.startswith("534ab7d0df.")
        # The fake network prints a message line by line.
        for line in TEXT.splitlines():
            wait_for(lambda line=line: any(line in sent for sent in kannel.sent), what=line)  # type: ignore[misc]
        assert any("<Hub +447700900124 text URGENT" in sent for sent in kannel.sent)
        told = lambda: [parse_qs(urlsplit(each.path).query) for each in hub.asked]  # noqa: E731
        wait_for(lambda: {each["type"][0] for each in told()} >= {"1", "8"}, what="the receipts")
        assert {(each["id"][0], each["token"][0]) for each in told()} == {(name, "a/b")}


def test_what_kannel_refuses(kannel: Kannel) -> None:
    at = f"127.0.0.1:{kannel.port}"
    outcome, said = failure(KannelNotifier(), f"kannel://hub:wrong@{at}/Hub/447700900124", secrets=("wrong",))
    assert (outcome, said) == ("for now", "kannel refuses the notice (403)")
    assert kannel_trouble(f"kannel://hub:wrong@{at}/Hub/447700900124", 5) == "kannel refuses the user and password"
    assert kannel_trouble(f"kannel://{LOGIN}@{at}/Hub/447700900124", 5) is None


@pytest.mark.parametrize(
    ("status", "outcome"), [(400, "for ever"), (503, "for now"), (0, "unknown"), (302, "for now"), (200, "for now")]
)
def test_what_becomes_of_it(status: int, outcome: str) -> None:
    with WebService(status=status, headers={"Location": "http://127.0.0.1:1/"}) as other:
        address = f"kannel://{LOGIN}@127.0.0.1:{other.port}/Hub/447700900124"
        assert failure(KannelNotifier(), address, secrets=(SECRET,))[0] == outcome
        assert SECRET not in other.asked[0].path
        assert len(other.asked) == 1


def test_a_kannel_that_is_not_there_is_tried_again() -> None:
    address = f"kannel://{LOGIN}@127.0.0.1:{free_port()}/Hub/447700900124"
    assert failure(KannelNotifier(), address, secrets=(SECRET,))[0] == "for now"
    assert kannel_trouble(address, 5) == "kannel cannot be reached (ConnectionError)"


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("kannel://127.0.0.1/Hub/447700900124", "kannel's user and password are missing"),
        ("kannel://u:p@/Hub/447700900124", "kannel's host is missing"),
        ("kannel://u:p@host/Hub", "the recipient is missing"),
        ("kannel://u:p@host/Hub/nobody", "the recipient is not a telephone number like +447700900123"),
        ("kannel://u:p@host/Hub/447700900124?x=1", "it takes no options"),
        ("kannel://u:p@host:x/Hub/447700900124", "it is not written like an address"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_it(address: str, wrong: str) -> None:
    with pytest.raises(AddressError) as caught:
        read_kannel(address)
    assert str(caught.value) == wrong
    assert failure(KannelNotifier(), address) == ("for ever", wrong)


def test_the_parts_of_an_address() -> None:
    read = read_kannel("kannels://u:p%40x@[::1]/Hub/00447700900124")
    assert (read.url, read.password, read.recipient) == ("https://[::1]:13013/cgi-bin/sendsms", "p@x", "+447700900124")
    assert "p@x" not in repr(read)
