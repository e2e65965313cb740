from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.clock import Clock
from sensor_hub.dispatch.carriers import (
    BY_SCHEME,
    address_trouble,
    anchored,
    is_text_message,
    notifier_of,
    service_trouble,
    stays_here,
)
from sensor_hub.dispatch.courier import deliver_due
from sensor_hub.dispatch.notifier import SchemeNotifier
from tests.brokers import free_port
from tests.dispatch.outcomes import NOTICE
from tests.dispatch.test_courier import SetTime
from tests.dispatch.web_service import WebService
from tests.storage.stores import open_fresh
from tests.storage.test_alert_book import RAISED, T

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


@settings(max_examples=300, deadline=None)
@given(scheme=st.sampled_from(sorted(BY_SCHEME)), rest=st.text())
@example("kannel", "[")
@example("webhook+https", "[::1")
@example("govuk-notify", "a:b@c:x/d?to")
def test_nothing_that_is_written_there_ends_the_hub_or_is_told(scheme: str, rest: str) -> None:
    address = f"{scheme}://{rest}"
    trouble = address_trouble(address)
    anchored(address, Path("/etc/hub"))
    is_text_message(address)
    assert trouble is None or len(rest) < 12 or rest not in trouble
    if trouble is None:
        stays_here(address)


KANNEL = "kannel://hub:hush-hush@127.0.0.1:{port}/Hub/447700900124"
SECRETS = {
    "kannel": KANNEL,
    "smpp": "smpp://hub:hush-hush@127.0.0.1:{port}/Hub/447700900124",
    "govuk-notify": NOTIFY + "&base_url=http://127.0.0.1:{port}/hush-hush",
    "webhook+http": "webhook+http://u:hush-hush@127.0.0.1:{port}/?secret=" + SECRET,
    "workflows": "workflows://127.0.0.1:{port}/hush-hush/hush-hush/?verify=no",
    "json": "json://u:hush-hush@127.0.0.1:{port}/447700900124",
    "mailto": "mailto://u:hush-hush@127.0.0.1:{port}/?mode=insecure&from=a@b.org&to=447700900124@d.org",
}


WEB = ["kannel", "govuk-notify", "webhook+http", "json"]


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize(("scheme", "status"), [*product(SECRETS, ["closed"]), *product(WEB, [0, 403])])
def test_no_log_says_a_secret_or_a_number(
    scheme: str, status: int | str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stores = open_fresh(tmp_path)
    stores.alerts.record(RAISED)
    stores.alerts.add_notice(NOTICE, T, T)
    answers = status if isinstance(status, int) else 200
    with WebService(status=answers, answer={"hush-hush": "447700900124"}) as service, caplog.at_level("INFO"):
        port = free_port() if status == "closed" else service.port
        contact = Contact("team", SECRETS[scheme].format(port=port), Detail.FULL)
        deliver_due(stores.outbox, notifier_of(tmp_path, Clock().wall), contact, SetTime())
    told = [*caplog.messages, *(line.error or "" for line in stores.ledger.of_alert(RAISED.id))]
    stores.database.close()
    assert len(told) > 2
    for secret in ("hush-hush", "447700900124", KEY[4:], SECRET):
        assert not [line for line in told if secret in line]


def test_the_guides_addresses_are_ones() -> None:
    text = (Path(__file__).parents[2] / "deploy" / "telling.md").read_text(encoding="utf-8")
    table = text.partition("| way | example of an address |")[2].partition("\n\n")[0]
    found = re.findall(r"`((?:mailtos|govuk-notify|kannel|smpp|console)://[^`]*)`", table)
    assert len(found) == 5
    for address in found:
        assert address_trouble(address.replace("API_KEY", KEY).replace("TEMPLATE_ID", TEMPLATE)) is None


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
