"""GOV.UK Notify through its own client. The service cannot be reached from a test: a stand-in on the loopback answers
as its documentation says (https://docs.notifications.service.gov.uk/rest-api.html), and looks at the signature.
"""

from __future__ import annotations

import pytest
from notifications_python_client.authentication import decode_jwt_token

from sensor_hub.dispatch import govuk_notify
from sensor_hub.dispatch.address import AddressError
from sensor_hub.dispatch.govuk_notify import GovukNotifier, notify_trouble, read_notify
from tests.brokers import free_port
from tests.dispatch.outcomes import TEXT, failure, send
from tests.dispatch.web_service import WebService

SERVICE_ID, SECRET = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"hub_live-{SERVICE_ID}-{SECRET}"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
MESSAGE = "740e5834-3a29-46b4-9a6f-16142fde533a"


def address(service: WebService | int, key: str = KEY) -> str:
    port = service if isinstance(service, int) else service.port
    return f"govuk-notify://{key}@/{TEMPLATE}?to=+447700900124&base_url=http://127.0.0.1:{port}"


def errors(*names: str) -> dict[str, object]:
    return {"errors": [{"error": name, "message": f"phone_number +447700900124 {name}"} for name in names]}


def test_it_sends_the_text_with_the_reference_and_gives_the_services_id() -> None:
    with WebService(status=201, answer={"id": MESSAGE}) as service:
        assert send(GovukNotifier(), address(service)) == MESSAGE
    (asked,) = service.asked
    assert (asked.method, asked.path) == ("POST", "/v2/notifications/sms")
    assert asked.json() == {
        "phone_number": "+447700900124",
        "template_id": TEMPLATE,
        "personalisation": {"text": TEXT},
        "reference": "534ab7d0df",
    }
    assert decode_jwt_token(asked.headers["Authorization"].removeprefix("Bearer "), SECRET)


@pytest.mark.parametrize(
    ("status", "answer", "outcome", "said"),
    [
        (400, errors("BadRequestError", "ValidationError"), "for ever", "400 BadRequestError, ValidationError"),
        (403, errors("AuthError"), "for now", "403 AuthError"),
        (404, errors("NoResultFound"), "for ever", "404 NoResultFound"),
        (429, errors("TooManyRequestsError"), "for now", "429 TooManyRequestsError"),
        (500, b"<html>", "for now", "500"),
        (201, b"<html>", "unknown", "not understood"),
        (0, {}, "unknown", "did not say"),
    ],
)
def test_what_becomes_of_it(status: int, answer: object, outcome: str, said: str) -> None:
    with WebService(status=status, answer=answer) as service:
        told = failure(GovukNotifier(), address(service), secrets=(KEY, SECRET))
    assert told[0] == outcome
    assert said in told[1]


def test_one_that_falls_silent_leaves_it_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(govuk_notify, "ANSWERS_WITHIN", 0.1)
    with WebService(silent=True) as service:
        assert failure(GovukNotifier(), address(service))[0] == "unknown"


def test_one_that_is_not_there_is_tried_again() -> None:
    assert failure(GovukNotifier(), address(free_port()))[0] == "for now"


@pytest.mark.parametrize(
    ("status", "answer", "trouble"),
    [
        (200, {"type": "sms", "body": "((text))"}, None),
        (200, {"type": "sms", "body": "((name))"}, "the template is not one of a text message that holds ((text))"),
        (200, {"type": "email", "body": "((text))"}, "the template is not one of a text message that holds ((text))"),
        (403, errors("AuthError"), "GOV.UK Notify refuses the key or the template (403 AuthError)"),
    ],
)
def test_a_trial_asks_for_the_template(status: int, answer: object, trouble: str | None) -> None:
    with WebService(status=status, answer=answer) as service:
        assert notify_trouble(address(service), 5) == trouble
    assert service.asked[0].path == f"/v2/template/{TEMPLATE}"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (
            f"govuk-notify://secret-key@/{TEMPLATE}?to=+447700900124",
            "the API key of GOV.UK Notify is missing or cut short",
        ),
        (f"govuk-notify://{KEY}@/?to=+447700900124", "the template's id is missing"),
        (f"govuk-notify://{KEY}@/x?to=+447700900124", "the template's id is none of GOV.UK Notify's"),
        (f"govuk-notify://{KEY}@/{TEMPLATE}", "the recipient is missing (to=...)"),
        (f"govuk-notify://{KEY}@/{TEMPLATE}?to=+447700900124&x=1", "an option is none of to, sender, base_url"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_it(wrong: str, why: str) -> None:
    with pytest.raises(AddressError) as caught:
        read_notify(wrong)
    assert str(caught.value) == why
    assert failure(GovukNotifier(), wrong, secrets=("secret-key", KEY)) == ("for ever", why)
