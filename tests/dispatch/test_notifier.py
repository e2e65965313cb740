from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.notifier import AppriseNotifier, ConsoleNotifier, SchemeNotifier, is_address, stays_here
from sensor_hub.dispatch.ports import NotifyError
from sensor_hub.model.kind import Urgency
from tests.brokers import free_port
from tests.dispatch.mail_server import MailServer

NOTICE = Notice("534ab7d0df", "a1", "team", Urgency.URGENT, "URGENT: Café (ref 534ab7d0df)", "It is 14 °C.\n<b>&\n")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    server = MailServer(tmp_path)
    yield server
    server.stop()


def test_a_mail_arrives_as_it_was_written(server: MailServer) -> None:
    AppriseNotifier().send(NOTICE, Contact("team", server.address()))
    assert server.box.subjects() == [NOTICE.title]
    assert [body.strip() for body in server.box.bodies()] == [NOTICE.body.strip()]


def test_a_recipient_that_the_server_refuses_is_a_failure_to_try_again(server: MailServer) -> None:
    with pytest.raises(NotifyError) as caught:
        AppriseNotifier().send(NOTICE, Contact("team", server.address("bad@example.org")))
    assert not caught.value.permanent
    assert server.box.mails == []


def test_a_server_that_is_not_there_is_a_failure_to_try_again() -> None:
    with pytest.raises(NotifyError) as caught:
        AppriseNotifier().send(NOTICE, Contact("team", f"mailto://127.0.0.1:{free_port()}/?from=a@b.org&to=c@d.org"))
    assert not caught.value.permanent


def test_what_is_no_address_fails_for_ever_and_is_not_told_in_the_error() -> None:
    with pytest.raises(NotifyError) as caught:
        AppriseNotifier().send(NOTICE, Contact("team", "nonsense://secret"))
    assert caught.value.permanent
    assert "secret" not in str(caught.value)


def test_the_console_prints_and_keeps_the_notice(tmp_path: Path) -> None:
    out = io.StringIO()
    ConsoleNotifier(out, tmp_path / "mail").send(NOTICE, Contact("team", "console://"))
    kept = (tmp_path / "mail" / "534ab7d0df.txt").read_text(encoding="utf-8")
    assert kept == f"To: team\nSubject: {NOTICE.title}\n\n{NOTICE.body}"
    assert kept in out.getvalue()


def test_a_console_that_cannot_write_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    with pytest.raises(NotifyError):
        ConsoleNotifier(io.StringIO(), tmp_path / "mail").send(NOTICE, Contact("team", "console://"))


def test_the_scheme_decides(tmp_path: Path, server: MailServer) -> None:
    console = ConsoleNotifier(io.StringIO(), tmp_path / "mail")
    notifier = SchemeNotifier({"console": console}, AppriseNotifier())
    notifier.send(NOTICE, Contact("team", "console://"))
    assert server.box.mails == []
    notifier.send(NOTICE, Contact("team", server.address()))
    assert len(server.box.mails) == 1


@pytest.mark.parametrize(
    ("address", "is_one", "stays"),
    [
        ("console://", True, True),
        ("mailto://127.0.0.1:2525/?from=a@b.org&to=c@d.org", True, True),
        ("mailto://u:p@localhost:2525/?mode=starttls&from=a@b.org&to=c@d.org", True, True),
        ("mailto://u:p@gmail.com", True, False),
        ("mailto://u:p@127.0.0.1/?smtp=mail.example.org&from=a@b.org", True, False),
        ("json://127.0.0.1:8000/", True, True),
        ("json://example.org/", True, False),
        ("ntfy://topic", True, False),
        ("ntfy://localhost/topic", True, False),
        ("nonsense://x", False, False),
        ("", False, False),
    ],
)
def test_which_addresses_there_are_and_which_stay_on_this_machine(address: str, is_one: bool, stays: bool) -> None:
    assert is_address(address) is is_one
    assert stays_here(address) is stays
