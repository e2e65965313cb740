"""Text messages through GOV.UK Notify: `govuk-notify://API_KEY@/TEMPLATE_ID?to=+447700900123`.

The template holds nothing but `((text))`; the text is the hub's. `sender` is a text message sender's id in Notify, and
`base_url` another address than the service's own.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field

from notifications_python_client.errors import HTTPError, InvalidResponse
from notifications_python_client.notifications import NotificationsAPIClient

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.address import AddressError, parse_address, telephone
from sensor_hub.dispatch.asking import failure
from sensor_hub.dispatch.ports import NotifyError, UnheardError
from sensor_hub.dispatch.text_message import text_of

SCHEME = "govuk-notify"
SERVICE = "GOV.UK Notify"
BASE_URL = "https://api.notifications.service.gov.uk"
ANSWERS_WITHIN = 30.0
"""Seconds."""
FIELD = "text"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(rf".*{_UUID}-{_UUID}", re.ASCII)
REFUSED_FOR_EVER = frozenset({400, 404})
"""What it says of the recipient, the template or the key's rights: the same however often it is asked."""

# It tells of what it refuses with the service's own words.
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class NotifyAddress:
    key: str = field(repr=False)
    template: str
    recipient: str
    sender: str | None
    base_url: str

    def client(self, within: float) -> NotificationsAPIClient:
        return NotificationsAPIClient(self.key, base_url=self.base_url, timeout=within)


def read_notify(text: str) -> NotifyAddress:
    """AddressError says what is wrong with it."""
    address = parse_address(text)
    address.only("to", "sender", "base_url")
    if not _KEY.fullmatch(address.user):
        raise AddressError("the API key of GOV.UK Notify is missing or cut short")
    template = address.part(0, "the template's id")
    if not re.fullmatch(_UUID, template):
        raise AddressError("the template's id is none of GOV.UK Notify's")
    base_url = address.options.get("base_url", BASE_URL)
    if not base_url.startswith(("http://", "https://")):
        raise AddressError("base_url is not an address that begins with https://")
    recipient = telephone(address.option("to", "the recipient"))
    return NotifyAddress(address.user, template, recipient, address.options.get("sender"), base_url)


class GovukNotifier:
    """Sends each notice as one text message, with the notice's reference."""

    def send(self, notice: Notice, contact: Contact) -> str | None:
        """See `Notifier`; gives Notify's id of the message."""
        try:
            address = read_notify(contact.address)
        except AddressError as error:
            raise NotifyError(str(error), permanent=True) from error
        try:
            answer = address.client(ANSWERS_WITHIN).send_sms_notification(
                address.recipient,
                address.template,
                personalisation={FIELD: text_of(notice)},
                reference=notice.reference,
                sms_sender_id=address.sender,
            )
        except HTTPError as error:
            raise _failed(error) from error
        except InvalidResponse as error:
            raise UnheardError(f"{SERVICE} answered what is not understood") from error
        return answer.get("id") if isinstance(answer, dict) else None


def notify_trouble(text: str, within: float) -> str | None:
    """What would not work, asked without sending anything: the key must be let in and know the template."""
    try:
        template = read_notify(text).client(within).get_template(read_notify(text).template)
    except HTTPError as error:
        return str(_failed(error)).replace("the notice", "the key or the template")
    except InvalidResponse:
        return f"{SERVICE} answered what is not understood"
    if template.get("type") != "sms" or f"(({FIELD}))" not in template.get("body", ""):
        return f"the template is not one of a text message that holds (({FIELD}))"
    return None


def _failed(error: HTTPError) -> NotifyError:
    if error.response is None:
        # The client wraps what went wrong on the way.
        return failure(error.__cause__ if isinstance(error.__cause__, Exception) else error, SERVICE)
    code = error.status_code
    names = ", ".join(sorted({str(each.get("error")) for each in error.message if isinstance(each, dict)}))
    what = f"{SERVICE} refuses the notice ({code}{f' {names}' if names else ''})"
    return NotifyError(what, permanent=code in REFUSED_FOR_EVER)
