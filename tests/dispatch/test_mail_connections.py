"""Mails that follow each other go on one connection, and none is lost or doubled by that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.mail import MailNotifier
from sensor_hub.dispatch.mail_connections import MailConnections
from sensor_hub.dispatch.ports import NotifyError, UnheardError
from sensor_hub.model.kind import Urgency
from tests.dispatch.mail_server import MailServer
from tests.dispatch.test_courier import SetTime
from tests.waiting import wait_for

NOTICE = Notice("534ab7d0df", "a1", "team", Urgency.URGENT, "URGENT: Cold (ref 534ab7d0df)", "It is 14 °C.\n")


@pytest.fixture(params=[True, False], ids=["starttls", "plain"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MailServer]:
    server = MailServer(tmp_path, has_tls=request.param)
    yield server
    server.stop()


@pytest.fixture
def notifier() -> MailNotifier:
    return MailNotifier(SetTime().wall)


def send(notifier: MailNotifier, address: str, count: int) -> None:
    for number in range(count):
        notifier.send(replace(NOTICE, title=f"mail {number}"), Contact("team", address))


def test_mails_that_follow_each_other_share_a_connection(server: MailServer, notifier: MailNotifier) -> None:
    send(notifier, server.address(), 3)
    assert server.box.subjects() == ["mail 0", "mail 1", "mail 2"]
    assert len(set(server.box.peers)) == 1


def test_addresses_do_not_share_one(server: MailServer, notifier: MailNotifier) -> None:
    send(notifier, server.address("ann@example.org"), 1)
    send(notifier, server.address("bea@example.org"), 1)
    assert len(set(server.box.peers)) == 2


def test_a_server_that_takes_so_many_on_a_connection_gets_the_rest_on_another(
    server: MailServer, notifier: MailNotifier
) -> None:
    server.box.most = 2
    send(notifier, server.address(), 5)
    assert server.box.subjects() == [f"mail {number}" for number in range(5)]
    assert len(set(server.box.peers)) == 3


def test_a_connection_that_the_server_has_closed_is_made_anew(server: MailServer, notifier: MailNotifier) -> None:
    send(notifier, server.address(), 1)
    (kept, _) = next(iter(notifier.connections._kept.values()))
    assert kept.sock is not None
    kept.sock.close()
    send(notifier, server.address(), 1)
    assert server.box.subjects() == ["mail 0", "mail 0"]


def test_an_unheard_mail_is_not_sent_twice_by_the_way_of_a_kept_connection(
    server: MailServer, notifier: MailNotifier
) -> None:
    address = server.address("mute@example.org")
    with pytest.raises(UnheardError):
        send(notifier, address, 1)
    assert len(server.box.mails) == 1
    # What was heard of before changes nothing in that.
    kept = MailConnections()
    notifier.connections = kept
    send(notifier, server.address(), 1)
    kept._kept[address] = kept._kept.pop(server.address())
    with pytest.raises(UnheardError):
        send(notifier, address, 1)
    assert len(server.box.mails) == 3


def test_a_refusal_is_one_on_a_kept_connection_too(server: MailServer, notifier: MailNotifier) -> None:
    send(notifier, server.address(), 1)
    address = server.address("bad@example.org")
    notifier.connections._kept[address] = notifier.connections._kept.pop(server.address())
    with pytest.raises(NotifyError) as caught:
        send(notifier, address, 1)
    assert caught.value.permanent
    assert not isinstance(caught.value, UnheardError)


def test_a_connection_without_mails_is_closed_after_a_while(server: MailServer, notifier: MailNotifier) -> None:
    notifier.connections = MailConnections(kept_for=0.05)
    send(notifier, server.address(), 1)
    wait_for(lambda: not notifier.connections._kept, what="the close")
    send(notifier, server.address(), 1)
    assert len(set(server.box.peers)) == 2
