"""Apprise's services. Those of others cannot be reached from a test: stand-ins answer in their place."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from apprise.manager_plugins import NotificationManager
from apprise.plugins.twilio import NotifyTwilio

from sensor_hub.dispatch import apprise_notifier
from sensor_hub.dispatch.apprise_notifier import TEXT_MESSAGES, AppriseNotifier
from sensor_hub.dispatch.notifier import ConsoleNotifier, SchemeNotifier
from sensor_hub.dispatch.spoken import speech_of
from tests.brokers import free_port
from tests.dispatch.mail_server import MailServer
from tests.dispatch.outcomes import NOTICE, TEXT, failure, send
from tests.dispatch.web_service import WebService

OWN = {"smpp", "smpps"}
"""Schemes of Apprise's that the hub has channels of its own for."""
NO_TELEPHONES = {"aprs", "dapnet"}
TWILIO = f"twilio://AC{'a' * 32}:{'b' * 32}@447700900000/447700900124"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    server = MailServer(tmp_path)
    yield server
    server.stop()


def test_a_service_takes_title_and_text() -> None:
    with WebService() as service:
        assert send(AppriseNotifier(), f"json://127.0.0.1:{service.port}/") is None
    asked = service.asked[0].json()
    assert (asked["title"], str(asked["message"]).strip()) == (NOTICE.title, NOTICE.body.strip())


def test_what_a_service_refuses_is_tried_again() -> None:
    with WebService(status=500) as service:
        assert (
            failure(AppriseNotifier(), f"json://u:secret@127.0.0.1:{service.port}/", secrets=("secret",))[0]
            == "for now"
        )
    assert failure(AppriseNotifier(), f"json://127.0.0.1:{free_port()}/")[0] == "for now"


def test_a_service_that_falls_silent_leaves_it_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apprise_notifier, "ANSWERS_WITHIN", 0.3)
    with WebService(silent=True) as service:
        assert failure(AppriseNotifier(), f"json://127.0.0.1:{service.port}/")[0] == "unknown"
    assert len(service.asked) == 1


def test_what_is_no_address_fails_for_ever() -> None:
    assert failure(AppriseNotifier(), "nonsense://secret", secrets=("secret",))[0] == "for ever"


def test_a_text_message_is_one_and_a_call_is_read_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with WebService(status=201, answer={"sid": "SM1"}) as twilio:
        monkeypatch.setattr(NotifyTwilio, "notify_sms_url", f"{twilio.url}/Messages.json")
        monkeypatch.setattr(NotifyTwilio, "notify_call_url", f"{twilio.url}/Calls.json")
        send(AppriseNotifier(), TWILIO)
        send(AppriseNotifier(), f"{TWILIO}?method=call")
    text, call = (parse_qs(asked.body.decode()) for asked in twilio.asked)
    assert [line.rstrip() for line in text["Body"][0].splitlines()] == TEXT.splitlines()
    assert call["Twiml"] == [f"<Response><Say>{speech_of(NOTICE)}</Say></Response>"]
    assert [asked.path for asked in twilio.asked] == ["/Messages.json", "/Calls.json"]


def test_every_service_for_text_messages_is_known_as_one() -> None:
    plugins = {scheme: NotificationManager()[scheme] for scheme in NotificationManager().schemas()}
    assert set(plugins) >= TEXT_MESSAGES
    short = {scheme for scheme, each in plugins.items() if (each.title_maxlen, each.body_maxlen) == (0, 160)}
    assert short - OWN - NO_TELEPHONES <= TEXT_MESSAGES


def test_the_console_prints_and_keeps_the_notice(tmp_path: Path) -> None:
    out = io.StringIO()
    send(ConsoleNotifier(out, tmp_path / "mail"), "console://")
    kept = (tmp_path / "mail" / "534ab7d0df.txt").read_text(encoding="utf-8")
    assert kept == f"To: team\nSubject: {NOTICE.title}\n\n{NOTICE.body}"
    assert kept in out.getvalue()


def test_a_console_that_cannot_write_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    assert failure(ConsoleNotifier(io.StringIO(), tmp_path / "mail"), "console://")[0] == "for now"


def test_the_scheme_decides(tmp_path: Path) -> None:
    notifier = SchemeNotifier({"console": ConsoleNotifier(io.StringIO(), tmp_path / "mail")}, AppriseNotifier())
    with WebService() as service:
        send(notifier, "console://")
        assert service.asked == []
        send(notifier, f"json://127.0.0.1:{service.port}/")
        assert len(service.asked) == 1
