"""All the services that Apprise knows: text messages and calls as such, everything else with title and text."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import parse_qs

import apprise
from apprise.result import AppriseResultStatus

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.ports import NotifyError, UnheardError
from sensor_hub.dispatch.spoken import speech_of
from sensor_hub.dispatch.text_message import text_of

CONNECTS_WITHIN, ANSWERS_WITHIN = 5.0, 30.0
"""Seconds. Apprise says only that a service failed, so it is left to wait longer than the hub does: a service that was
reached and has not answered by then may have taken the notice."""
LONGER = 2
TEXT_MESSAGES = frozenset(
    """
    46elks atalk bulksms bulkvs burstsms clickatell clicksend cm d7sms eight00com elks exotel freemobile httpsms
    infobip kaleyra kavenegar klr kudosity mobilemessage mobilemsg msg91 msgbird nexmo notifyre octopush plivo
    pushed ringc serwersms seven sfr sinch smsc smseagle smseagles smsmanager smsmgr smstunnel sns telesign
    telnyx twilio voipms vonage
    """.split()  # noqa: SIM905 - as a list it fills a page
)
"""Schemes of Apprise 2.2 whose messages are text messages, or as short as one."""
CALLS = frozenset({"twilio"})
"""Schemes that call by telephone where the address says `method=call`."""

# Its own log names people's addresses.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


class AppriseNotifier:
    """One Apprise address for each contact, so that each has an answer of their own."""

    def send(self, notice: Notice, contact: Contact) -> None:
        """See `Notifier`. Only a truthy result counts: Apprise may answer that nothing matched."""
        service = apprise_service(contact.address)
        if service is None:
            raise NotifyError("not a valid notification address", permanent=True)
        service.socket_connect_timeout = CONNECTS_WITHIN
        service.socket_read_timeout = ANSWERS_WITHIN * LONGER
        sender = apprise.Apprise()
        sender.add(service)
        title, body = _words(notice, contact.address)
        result = sender.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT, timeout=ANSWERS_WITHIN)
        if getattr(result, "status", None) is AppriseResultStatus.TIMEOUT:
            raise UnheardError("the service did not say whether it took the notice")
        if not result:
            raise NotifyError("the service did not take the notice", permanent=False)


def apprise_service(address: str) -> Any | None:
    """Apprise's service for the address; None where the address is of none."""
    return apprise.Apprise.instantiate(address, suppress_exceptions=True) or None


def is_text_message(address: str) -> bool:
    return address.partition("://")[0] in TEXT_MESSAGES and not is_call(address)


def is_call(address: str) -> bool:
    scheme, _, rest = address.partition("://")
    return scheme in CALLS and parse_qs(rest.partition("?")[2]).get("method", [""])[-1] == "call"


def _words(notice: Notice, address: str) -> tuple[str, str]:
    if is_call(address):
        return "", speech_of(notice)
    if is_text_message(address):
        return "", text_of(notice)
    return notice.title, notice.body
