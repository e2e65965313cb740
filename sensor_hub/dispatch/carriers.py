"""Everything that carries notices, by the scheme of an address: one table, which `sensor-hub check` goes by too."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sensor_hub.dispatch import govuk_notify, kannel, mail, scaip, smpp, teams, webhook
from sensor_hub.dispatch.address import AddressError
from sensor_hub.dispatch.apprise_notifier import AppriseNotifier, apprise_service
from sensor_hub.dispatch.apprise_notifier import is_text_message as is_text_message_of_apprise
from sensor_hub.dispatch.loopback import LOOPBACK
from sensor_hub.dispatch.mail_probe import mail_trouble
from sensor_hub.dispatch.notifier import CONSOLE, ConsoleNotifier, SchemeNotifier
from sensor_hub.dispatch.ports import Notifier

ANSWERS_WITHIN = 5.0
"""Seconds for each step of a trial."""
NO_ADDRESS = "it is none of Apprise's and none of the hub's own"


@dataclass(frozen=True, slots=True)
class Carrier:
    """One way of sending. `read` raises AddressError where an address is wrong."""

    schemes: tuple[str, ...]
    read: Callable[[str], object]
    hosts: Callable[[str], Sequence[str]]
    """The servers that a notice goes to."""
    trouble: Callable[[str, float], str | None] = lambda address, within: None
    """What would not work, asked of the server within some seconds, with nothing sent."""
    is_text_message: bool = False
    is_machine: bool = False
    """What reads its notices takes codes of one alert at a time."""


def _no_address(address: str) -> None:
    if apprise_service(address) is None:
        raise AddressError(NO_ADDRESS)


def _mail_address(address: str) -> None:
    service = mail.mail_service(address)
    if service is None or not service.targets:
        raise AddressError("it is no address of mail, or has no recipient")
    if mail.is_encrypted(service):
        raise AddressError("encrypted mail (pgp) is not offered")


def _host(address: str) -> list[str]:
    return [urlsplit(address).hostname or ""]


def _mail_hosts(address: str) -> list[str]:
    return [*_host(address), *parse_qs(urlsplit(address).query).get("smtp", [])]


CARRIERS = (
    Carrier((CONSOLE,), lambda address: None, lambda address: ["localhost"]),
    Carrier(mail.SCHEMES, _mail_address, _mail_hosts, mail_trouble),
    Carrier(tuple(kannel.SCHEMES), kannel.read_kannel, _host, kannel.kannel_trouble, is_text_message=True),
    Carrier(tuple(smpp.SCHEMES), smpp.read_smpp, _host, smpp.smpp_trouble, is_text_message=True),
    Carrier(
        (govuk_notify.SCHEME,),
        govuk_notify.read_notify,
        lambda address: [urlsplit(govuk_notify.read_notify(address).base_url).hostname or ""],
        govuk_notify.notify_trouble,
        is_text_message=True,
    ),
    Carrier(tuple(webhook.SCHEMES), webhook.read_webhook, _host),
    Carrier(teams.SCHEMES, _no_address, _host),
    Carrier((scaip.SCHEME,), scaip.read_scaip, _host, is_machine=True),
)
LOCAL = ("json", "xml", "form")
"""Apprise's schemes that name the very server to which a notice goes."""
READ_TELEPHONE: dict[str, Callable[[str], kannel.KannelAddress | smpp.SmppAddress | govuk_notify.NotifyAddress]] = {
    **dict.fromkeys(kannel.SCHEMES, kannel.read_kannel),
    **dict.fromkeys(smpp.SCHEMES, smpp.read_smpp),
    govuk_notify.SCHEME: govuk_notify.read_notify,
}
OTHERS = Carrier((), _no_address, lambda address: _host(address) if urlsplit(address).scheme in LOCAL else [""])
BY_SCHEME = {scheme: carrier for carrier in CARRIERS for scheme in carrier.schemes}


def notifier_of(
    data: Path,
    wall: Callable[[], float],
    *,
    kannel_receipts: str | None = None,
    about: Callable[[str], scaip.About | None] = lambda alert: None,
    draw: mail.Draw = lambda notice: None,
) -> Notifier:
    """All of them. What goes to the terminal is kept in the data folder; `wall` is the real moment.

    `kannel_receipts`: see `KannelNotifier`; `about`: see `ScaipNotifier`; `draw`: see `MailNotifier`.
    """
    notifiers: dict[str, Notifier] = {
        CONSOLE: ConsoleNotifier(sys.stdout, data / "mail"),
        **dict.fromkeys(mail.SCHEMES, mail.MailNotifier(wall, draw)),
        **dict.fromkeys(kannel.SCHEMES, kannel.KannelNotifier(kannel_receipts)),
        **dict.fromkeys(smpp.SCHEMES, smpp.SmppNotifier()),
        govuk_notify.SCHEME: govuk_notify.GovukNotifier(),
        **dict.fromkeys(webhook.SCHEMES, webhook.WebhookNotifier(wall)),
        **dict.fromkeys(teams.SCHEMES, teams.TeamsNotifier()),
        scaip.SCHEME: scaip.ScaipNotifier(about),
    }
    return SchemeNotifier(notifiers, AppriseNotifier())


def address_trouble(address: str) -> str | None:
    """What is wrong with an address, without the address: it may hold a password. None: notices can be sent there."""
    try:
        carrier_of(address).read(address)
    except AddressError as error:
        return str(error)
    return None


def service_trouble(address: str) -> str | None:
    """What its server says against it, with nothing sent; None also where the server cannot be asked so."""
    return carrier_of(address).trouble(address, ANSWERS_WITHIN)


def telephone_of(address: str) -> str | None:
    """The telephone to which the hub's own carriers of text messages send; None for all other addresses."""
    read = READ_TELEPHONE.get(address.partition(":")[0])
    return None if read is None else read(address).recipient


def stays_here(address: str) -> bool:
    """Whether everything sent there stays on this machine: the terminal, or a server on the loopback."""
    return all(host in LOOPBACK for host in carrier_of(address).hosts(address))


def is_text_message(address: str) -> bool:
    """Whether it goes as one text message, in which a link may find no room."""
    return carrier_of(address).is_text_message or is_text_message_of_apprise(address)


def is_machine(address: str) -> bool:
    """Whether each alert must go there by itself."""
    return carrier_of(address).is_machine


def anchored(address: str, folder: Path) -> str:
    """The address with files that it names as seen from the settings' folder."""
    if _scheme(address) == scaip.SCHEME:
        return scaip.anchored(address, folder)
    return webhook.anchored(address, folder) if _scheme(address) in webhook.SCHEMES else address


def carrier_of(address: str) -> Carrier:
    return BY_SCHEME.get(_scheme(address), OTHERS)


def _scheme(address: str) -> str:
    return address.partition("://")[0]
