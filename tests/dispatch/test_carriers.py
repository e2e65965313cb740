from __future__ import annotations

from pathlib import Path

import pytest

from sensor_hub.clock import Clock
from sensor_hub.dispatch.carriers import (
    BY_SCHEME,
    address_trouble,
    is_text_message,
    notifier_of,
    service_trouble,
    stays_here,
)
from sensor_hub.dispatch.notifier import SchemeNotifier
from tests.brokers import free_port

KEY = "hub-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOTIFY = f"govuk-notify://{KEY}@/{TEMPLATE}?to=%2B447700900124"


@pytest.mark.parametrize(
    ("address", "stays"),
    [
        ("console://", True),
        ("mailto://127.0.0.1:2525/?from=a@b.org&to=c@d.org", True),
        ("mailto://u:p@localhost:2525/?mode=starttls&from=a@b.org&to=c@d.org", True),
        ("mailto://u:p@gmail.com", False),
        ("mailto://u:p@127.0.0.1/?smtp=mail.example.org&from=a@b.org", False),
        ("json://127.0.0.1:8000/", True),
        ("json://example.org/", False),
        ("ntfy://topic", False),
        ("ntfy://localhost/topic", False),
        ("kannel://u:p@127.0.0.1:13013/Hub/447700900124", True),
        ("kannels://u:p@sms.example.org/Hub/447700900124", False),
        ("smpp://u:p@localhost/Hub/447700900124", True),
        ("smpps://u:p@sms.example.org/Hub/447700900124", False),
        (NOTIFY, False),
        (f"{NOTIFY}&base_url=http://127.0.0.1:8000", True),
        (f"webhook+https://desk.example.org/?secret={SECRET}", False),
        (f"webhook+http://localhost/?secret={SECRET}", True),
        ("workflows://host.example.org/643e69f8/KODuebWb/", False),
        ("workflows://127.0.0.1:8443/643e69f8/KODuebWb/", True),
    ],
)
def test_every_sort_of_address_is_known_and_where_it_leads(address: str, stays: bool) -> None:
    assert address_trouble(address) is None
    assert stays_here(address) is stays


@pytest.mark.parametrize(
    ("address", "trouble"),
    [
        ("nonsense://secret", "it is none of Apprise's and none of the hub's own"),
        ("", "it is none of Apprise's and none of the hub's own"),
        ("mailto://secret", "it is no address of mail, or has no recipient"),
        ("mailto://u:secret@gmail.com?pgp=encrypt", "encrypted mail (pgp) is not offered"),
        ("smpp://u:secret@host/Hub", "the recipient is missing"),
    ],
)
def test_what_is_wrong_is_said_without_the_address(address: str, trouble: str) -> None:
    assert address_trouble(address) == trouble


def test_which_are_text_messages() -> None:
    texts = ["kannel://u:p@h/F/447700900124", "smpp://u:p@h/F/447700900124", NOTIFY, "twilio://a:b@c/d", "vonage://x"]
    assert [each for each in texts if not is_text_message(each)] == []
    others = [
        "console://",
        "mailto://u:p@gmail.com",
        "twilio://a:b@c/d?method=call",
        "ntfy://topic",
        "workflows://a/b/c",
    ]
    assert [each for each in others if is_text_message(each)] == []


def test_every_scheme_of_the_table_has_its_notifier(tmp_path: Path) -> None:
    notifier = notifier_of(tmp_path, Clock().wall)
    assert isinstance(notifier, SchemeNotifier)
    assert set(notifier.by_scheme) == set(BY_SCHEME)


def test_only_servers_that_can_be_asked_are() -> None:
    assert service_trouble("console://") is None
    assert service_trouble("ntfy://topic") is None
    assert "cannot be reached" in (service_trouble(f"kannel://u:p@127.0.0.1:{free_port()}/F/447700900124") or "")
