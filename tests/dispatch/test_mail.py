"""What became of a mail, asked of a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.courier import GAPS, deliver_due
from sensor_hub.dispatch.mail import MailNotifier
from sensor_hub.dispatch.ports import NotifyError, UnheardError
from sensor_hub.model.kind import Urgency
from tests.brokers import free_port
from tests.dispatch.mail_server import MailServer
from tests.dispatch.test_courier import SetTime
from tests.storage.stores import open_fresh
from tests.storage.test_alert_book import RAISED, T

NOTICE = Notice("534ab7d0df", "a1", "team", Urgency.URGENT, "URGENT: Café (ref 534ab7d0df)", "It is 14 °C.\n<b>&\n")


@pytest.fixture(scope="module", params=[True, False], ids=["starttls", "plain"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    server = MailServer(tmp_path_factory.mktemp("mail"), has_tls=request.param)
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def empty(server: MailServer) -> None:
    server.box.mails.clear()


def refused(address: str) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        MailNotifier().send(NOTICE, Contact("team", address))
    return caught.value


def test_it_arrives_as_it_was_written(server: MailServer) -> None:
    MailNotifier().send(NOTICE, Contact("team", server.address()))
    assert server.box.subjects() == [NOTICE.title]
    assert [body.strip() for body in server.box.bodies()] == [NOTICE.body.strip()]
    assert server.box.mails[0]["To"] == "duty@example.org"


def test_a_recipient_that_does_not_exist_is_refused_for_ever_and_a_busy_one_is_not(server: MailServer) -> None:
    gone, busy = refused(server.address("bad@example.org")), refused(server.address("busy@example.org"))
    assert (gone.permanent, str(gone)) == (True, "the mail server refuses the recipient (550)")
    assert (busy.permanent, str(busy)) == (False, "the mail server refuses the recipient (450)")
    assert server.box.mails == []


def test_of_several_recipients_one_is_enough_and_nobody_gets_it_twice(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    MailNotifier().send(NOTICE, Contact("team", server.address("bad@example.org,duty@example.org")))
    assert len(server.box.mails) == 1
    assert "1 recipients of contact team did not get" in caplog.text


def test_a_server_that_falls_silent_with_the_mail_in_hand_leaves_it_unknown(server: MailServer) -> None:
    error = refused(server.address("mute@example.org"))
    assert isinstance(error, UnheardError)
    assert not error.permanent


def test_a_server_that_is_not_there_or_does_not_let_us_in_is_tried_again(server: MailServer) -> None:
    closed = refused(server.address().replace(str(server.port), str(free_port())))
    assert (type(closed), closed.permanent) == (NotifyError, False)
    if server.has_tls:
        wrong = refused(server.address().replace("secret", "wrong"))
        assert (type(wrong), wrong.permanent) == (NotifyError, False)
        assert "wrong" not in str(wrong)


def test_an_unknown_one_is_not_repeated_blindly(tmp_path: Path, server: MailServer) -> None:
    stores, time = open_fresh(tmp_path), SetTime()
    stores.alerts.record(RAISED)
    stores.alerts.add_notice(NOTICE, T, T)
    contact = Contact("team", server.address("mute@example.org"))
    for _ in range(4):
        deliver_due(stores.outbox, MailNotifier(), contact, time)
        time.at += GAPS[-1]
    assert server.box.subjects() == [NOTICE.title]
    assert stores.database.connection.execute("SELECT state FROM notice").fetchall() == [("unknown",)]
    stores.database.close()
