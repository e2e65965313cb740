"""Signed webhooks: taken by a receiver as `deploy/webhooks.md` shows one."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sensor_hub.alerts.notice import Notice
from sensor_hub.clock import Clock
from sensor_hub.dispatch.address import AddressError
from sensor_hub.dispatch.letter import read_letter
from sensor_hub.dispatch.webhook import WebhookNotifier, anchored, data_of, event_of, read_webhook
from tests.brokers import free_port
from tests.dispatch.notices import check_golden
from tests.dispatch.outcomes import NOTICE, failure, send
from tests.dispatch.web_service import Asked, WebService

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLDER = "whsec_plJ3nmyCDGBKInavdOK15jsl" + "AAAAAAAA"
DOCUMENT = Path(__file__).parents[2] / "deploy" / "webhooks.md"
AT = datetime(2026, 1, 5, 9, 40, tzinfo=UTC)


def notifier(wall: Any = None) -> WebhookNotifier:
    return WebhookNotifier(wall or Clock().wall)


def posted(tmp_path: Path, *, wall: Any = None, notice: Notice = NOTICE) -> Asked:
    (tmp_path / "desk.secret").write_text(f"{SECRET}\n{OLDER}\n")
    with WebService(status=204, answer=b"") as desk:
        address = f"webhook+http://127.0.0.1:{desk.port}/in?desk=4&secret_file=desk.secret"
        assert send(notifier(wall), anchored(address, tmp_path), notice) is None
    (asked,) = desk.asked
    return asked


def example() -> dict[str, Any]:
    """What the document's program defines."""
    (program,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(program, str(DOCUMENT), "exec"), names)
    return names


def test_the_documents_receiver_takes_it_once(tmp_path: Path) -> None:
    asked = posted(tmp_path)
    assert asked.path == "/in?desk=4"
    receiver = example()["Receiver"](SECRET)
    event = receiver.take(asked.headers, asked.body)
    assert event["data"]["title"] == "URGENT: Welfare check"
    assert receiver.take(asked.headers, asked.body) is None, "a repeat"


def test_the_documents_receiver_takes_a_secret_that_is_being_renewed(tmp_path: Path) -> None:
    asked = posted(tmp_path)
    assert example()["Receiver"](OLDER).take(asked.headers, asked.body)["id"] == "534ab7d0df"


@pytest.mark.parametrize("what", ["another secret", "another body", "another id", "another moment", "too late"])
def test_the_documents_receiver_refuses_what_is_not_the_hubs(tmp_path: Path, what: str) -> None:
    late = Clock().wall() - 301
    asked = posted(tmp_path, wall=(lambda: late) if what == "too late" else None)
    receiver = example()["Receiver"](SECRET[:-4] + "AAAA" if what == "another secret" else SECRET)
    headers, body = dict(asked.headers), asked.body
    if what == "another body":
        body = body.replace(b"urgent", b"notice")
    elif what == "another id":
        headers["webhook-id"] = "534ab7d0de"
    elif what == "another moment":
        headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]) + 1)
    with pytest.raises(ValueError, match="not from the hub"):
        receiver.take(headers, body)


def test_it_is_a_cloud_event(tmp_path: Path) -> None:
    asked = posted(tmp_path, wall=AT.timestamp)
    assert asked.headers["content-type"] == "application/cloudevents+json"
    assert asked.json() == {
        "specversion": "1.0",
        "id": "534ab7d0df",
        "source": "urn:sensor-hub",
        "type": "sensor-hub.notice.v1",
        "subject": "a1",
        "time": "2026-01-05T09:40:00Z",
        "datacontenttype": "application/json",
        "data": data_of(read_letter(NOTICE)),
    }
    assert asked.headers["webhook-timestamp"] == str(int(AT.timestamp()))


def test_the_events() -> None:
    def data(notice: Notice) -> str:
        return json.dumps(event_of(notice, "urn:sensor-hub", AT).get_data(), indent=1, ensure_ascii=False)

    check_golden("webhook", data)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, "for ever"),
        (410, "for ever"),
        (404, "for now"),
        (401, "for now"),
        (302, "for now"),
        (503, "for now"),
        (0, "unknown"),
    ],
)
def test_what_becomes_of_it(status: int, outcome: str) -> None:
    with WebService(status=status, headers={"Location": "http://127.0.0.1:1/"}) as desk:
        address = f"webhook+http://127.0.0.1:{desk.port}/in?secret={SECRET}"
        assert failure(notifier(), address, secrets=(SECRET,))[0] == outcome
    assert len(desk.asked) == 1
    assert SECRET not in desk.asked[0].path


def test_a_receiver_that_is_not_there_is_tried_again() -> None:
    assert failure(notifier(), f"webhook+http://127.0.0.1:{free_port()}/?secret={SECRET}")[0] == "for now"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (f"webhook+https:///in?secret={SECRET}", "the receiver's host is missing"),
        (
            f"webhook+http://desk.example.org/?secret={SECRET}",
            "webhook+http is for receivers on this machine; use webhook+https",
        ),
        ("webhook+https://desk.example.org/", "one of secret_file and secret is needed"),
        ("webhook+https://desk.example.org/?secret_file=gone", "secret_file cannot be read"),
        (
            "webhook+https://desk.example.org/?secret=password1",
            "a secret is not whsec_ and at least 24 random bytes in base64",
        ),
        (
            "webhook+https://desk.example.org/?secret=whsec_AAAA",
            "a secret is not whsec_ and at least 24 random bytes in base64",
        ),
        ("webhook+https://[desk/", "it is not written like an address"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_it(wrong: str, why: str) -> None:
    with pytest.raises(AddressError) as caught:
        read_webhook(wrong)
    assert str(caught.value) == why
    assert failure(notifier(), wrong, secrets=(SECRET, "password1")) == ("for ever", why)


def test_a_file_is_looked_for_beside_the_settings(tmp_path: Path) -> None:
    there = anchored("webhook+https://u:p@desk.example.org:8443/in?a=1+2&b=&secret_file=s", tmp_path)
    assert there.startswith("webhook+https://u:p@desk.example.org:8443/in?a=1+2&b=&secret_file=%2F")
    (tmp_path / "s").write_text(SECRET)
    assert read_webhook(there).url == "https://u:p@desk.example.org:8443/in?a=1+2&b="
    assert SECRET not in repr(read_webhook(there))
