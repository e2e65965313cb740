"""What became of a mail, asked of a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.courier import GAPS, deliver_due
from sensor_hub.dispatch.mail import MailNotifier
from sensor_hub.dispatch.mail_writer import Picture
from sensor_hub.dispatch.ports import NotifyError, UnheardError
from sensor_hub.model.kind import Urgency
from tests.brokers import free_port
from tests.dispatch.mail_server import MailServer
from tests.dispatch.test_courier import SetTime
from tests.storage.stores import open_fresh, rows
from tests.storage.test_alert_book import RAISED, T

LINK = "https://hub.example.org/answer/x"
NOTICE = Notice(
    "534ab7d0df",
    "a1",
    "team",
    Urgency.URGENT,
    "URGENT: Café (ref 534ab7d0df)",
    f"It is 14 °C.\n<b>&\n\nTo take it, so that nobody else is called:\n{LINK}\n",
)
PNG = b"\x89PNG of the test"


def no_picture(notice: Notice) -> Picture:
    raise OSError("the test has none")


PICTURED = MailNotifier(SetTime().wall, lambda notice: Picture(PNG, "A <chart>"))


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
        MailNotifier(SetTime().wall, lambda notice: None).send(NOTICE, Contact("team", address))
    return caught.value


def test_it_arrives_as_it_was_written(server: MailServer) -> None:
    MailNotifier(SetTime().wall, lambda notice: None).send(NOTICE, Contact("team", server.address()))
    assert server.box.subjects() == [NOTICE.title]
    assert [body.strip() for body in server.box.bodies()] == [NOTICE.body.strip()]
    (mail,) = server.box.mails
    assert (mail["To"], mail["From"]) == ("duty@example.org", "Sensor hub <hub@example.org>")


def test_it_is_text_and_page_with_the_chart_in_it_and_nothing_to_fetch(server: MailServer) -> None:
    PICTURED.send(NOTICE, Contact("team", server.address(), Detail.FULL))
    (mail,) = server.box.mails
    types = [part.get_content_type() for part in mail.walk()]
    assert types == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    _, _, _, page, chart = mail.walk()
    html = page.get_payload(decode=True)
    assert isinstance(html, bytes)
    assert f'src="cid:{chart["Content-ID"].strip("<>")}"' in html.decode()
    assert 'alt="A &lt;chart&gt;"' in html.decode()
    assert "http" not in html.decode().replace(LINK, "")
    assert (chart.get_payload(decode=True), chart.get_content_disposition()) == (PNG, "inline")


def test_a_minimal_one_has_no_chart_and_one_that_cannot_be_drawn_stays_away(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    PICTURED.send(NOTICE, Contact("team", server.address()))
    MailNotifier(SetTime().wall, no_picture).send(NOTICE, Contact("team", server.address(), Detail.FULL))
    for mail in server.box.mails:
        assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert "goes without its chart" in caplog.text


def test_a_repeat_has_the_same_id_and_mails_about_one_alert_stand_together(server: MailServer) -> None:
    later, other = replace(NOTICE, reference="r2"), replace(NOTICE, reference="r3", alert="a2", urgency=Urgency.SOON)
    for notice in (NOTICE, NOTICE, later, other):
        MailNotifier(SetTime().wall, lambda notice: None).send(notice, Contact("team", server.address()))
    first, again, second, third = server.box.mails
    assert first["Message-ID"] == again["Message-ID"] == "<534ab7d0df.notice@example.org>"
    assert first["References"] == second["References"] == second["In-Reply-To"] != third["References"]
    assert len({mail["Message-ID"] for mail in (first, second, third)}) == 3
    assert (first["Importance"], third["Importance"]) == ("high", None)


def test_it_says_that_a_machine_sent_it_and_when(server: MailServer) -> None:
    address = f"{server.address()}&name=Care&reply=office@example.org&cc=copy@example.org&%2BX-Team=4"
    told = MailNotifier(SetTime().wall, lambda notice: None).send(NOTICE, Contact("team", address))
    (mail,) = server.box.mails
    assert mail["Message-ID"] == told
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply, RN, NRN"
    assert (mail["Reply-To"], mail["Cc"], mail["X-Team"]) == ("office@example.org", "copy@example.org", "4")
    assert parsedate_to_datetime(mail["Date"]).timestamp() == int(T)


def test_a_mail_that_shall_be_encrypted_is_not_sent_in_clear(server: MailServer) -> None:
    assert refused(f"{server.address()}&pgp=encrypt").permanent
    assert server.box.mails == []


def test_a_recipient_that_does_not_exist_is_refused_for_ever_and_a_busy_one_is_not(server: MailServer) -> None:
    gone, busy = refused(server.address("bad@example.org")), refused(server.address("busy@example.org"))
    assert (gone.permanent, str(gone)) == (True, "the mail server refuses the recipient (550)")
    assert (busy.permanent, str(busy)) == (False, "the mail server refuses the recipient (450)")
    assert server.box.mails == []


def test_of_several_recipients_one_is_enough_and_nobody_gets_it_twice(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    MailNotifier(SetTime().wall, lambda notice: None).send(
        NOTICE, Contact("team", server.address("bad@example.org,duty@example.org"))
    )
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
        deliver_due(stores.outbox, MailNotifier(SetTime().wall, lambda notice: None), contact, time)
        time.at += GAPS[-1]
    assert server.box.subjects() == [NOTICE.title]
    assert rows(stores, "SELECT state FROM notice") == [("unknown",)]
    stores.database.close()
