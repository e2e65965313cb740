"""Mail, with what the server answered at each step.

Apprise says only whether a mail went or not. This tells apart a recipient that does not exist, which no repeat mends,
and a mail that may have arrived, which must not be repeated blindly. Addresses are Apprise's, mails the hub's own.
"""

from __future__ import annotations

import contextlib
import logging
import smtplib
import ssl
from collections.abc import Callable, Collection
from copy import deepcopy
from email.message import EmailMessage
from email.utils import formataddr
from typing import Any

import apprise

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.mail_connections import MailConnections, part
from sensor_hub.dispatch.mail_writer import Picture, write_mail
from sensor_hub.dispatch.ports import NotifyError, UnheardError

Draw = Callable[[Notice], Picture | None]

log = logging.getLogger(__name__)

SCHEMES = ("mailto", "mailtos")
SENDER = "Sensor hub"
"""Where the address does not name one."""
ANSWERS_WITHIN = 30.0
"""Seconds for each step: some servers look at a mail before they take it."""
SSL, STARTTLS = "ssl", "starttls"
REFUSED_FOR_EVER = 500
"""Replies from here on are final (RFC 5321, 4.2.1)."""


class MailNotifier:
    """Hands each notice to the contact's mail server.

    `wall`: the real moment. `draw` makes the picture that goes with a notice in full, or None.
    """

    def __init__(
        self, wall: Callable[[], float], draw: Callable[[Notice], Picture | None] = lambda notice: None
    ) -> None:
        self.wall = wall
        self.draw = draw
        self.connections = MailConnections()

    def send(self, notice: Notice, contact: Contact) -> str:
        """See `Notifier`; gives the mail's id, to which what bounces refers.

        UnheardError where the server had the whole mail and did not say what became of it.
        """
        service = mail_service(contact.address)
        if service is None or not service.targets:
            raise NotifyError("not a valid mail address", permanent=True)
        if is_encrypted(service):
            raise NotifyError("encrypted mail (pgp) is not offered", permanent=True)
        mail = write_mail(notice, service.from_addr[1].rpartition("@")[2], self.wall(), self._picture(notice, contact))
        missed = self._send(contact.address, service, mail)
        if missed:
            log.error("%d recipients of contact %s did not get notice %s", missed, contact.id, notice.reference)
        return str(mail["Message-ID"])

    def _send(self, address: str, service: Any, mail: EmailMessage) -> int:
        """As `_send_all`; on the connection of the mail before, where it takes this one, too."""
        kept = self.connections.take(address)
        if kept is not None:
            try:
                return self._send_on(kept, address, service, mail)
            except UnheardError:
                raise
            except NotifyError:
                log.debug("a mail server takes no more on a connection; a new one is made")
        try:
            server = log_in(service, ANSWERS_WITHIN)
        except (OSError, smtplib.SMTPException) as error:
            # Its text may name the user.
            raise NotifyError(f"the mail server did not let the hub in ({type(error).__name__})") from error
        return self._send_on(server, address, service, mail)

    def _send_on(self, server: smtplib.SMTP, address: str, service: Any, mail: EmailMessage) -> int:
        try:
            missed = _send_all(server, service, mail)
        except BaseException:
            part(server)
            raise
        self.connections.bring_back(address, server)
        return missed

    def _picture(self, notice: Notice, contact: Contact) -> Picture | None:
        """No mail waits for a picture, or stays away because there is none."""
        if contact.detail is not Detail.FULL or not notice.alert:
            return None
        try:
            return self.draw(notice)
        except Exception:
            log.exception("notice %s goes without its chart", notice.reference)
            return None


def _send_all(server: smtplib.SMTP, service: Any, mail: EmailMessage) -> int:
    """To every recipient of the contact: it has arrived when one of them has it, and none gets it twice.

    How many did not get it; NotifyError where none did.
    """
    failures = []
    for name, to in service.targets:
        try:
            recipients = {to, *service.cc, *service.bcc}
            _hand_over(server, service.from_addr[1], recipients, _addressed(mail, service, name or "", to))
        except NotifyError as error:
            failures.append(error)
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.rset()
    if len(failures) == len(service.targets):
        raise min(failures, key=lambda each: (not isinstance(each, UnheardError), each.permanent))
    return len(failures)


def mail_service(address: str) -> Any | None:
    """Apprise's service for a mail address; None where the address is of none."""
    service = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    return service if hasattr(service, "smtp_host") else None


def is_encrypted(service: Any) -> bool:
    """Whether the address asks for PGP: a mail in clear would be worse than none."""
    return bool(service.pgp_mode != service.template_args["pgp"]["default"])


def log_in(service: Any, within: float) -> smtplib.SMTP:
    """A connection on which a mail may be sent; OSError or SMTPException where there is none."""
    context = ssl.create_default_context()
    if not service.verify_certificate:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, port = service.smtp_host, service.port
    if service.secure_mode == SSL:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=within, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=within)
    try:
        server.ehlo_or_helo_if_needed()
        if service.secure_mode == STARTTLS:
            server.starttls(context=context)
            server.ehlo()
        if service.user and service.password:
            try:
                server.login(service.user, service.password)
            except smtplib.SMTPServerDisconnected as error:
                # Some hang up on a wrong password.
                raise smtplib.SMTPAuthenticationError(535, "hung up") from error
    except BaseException:
        server.close()
        raise
    return server


def _addressed(mail: EmailMessage, service: Any, name: str, to: str) -> bytes:
    """The mail to one recipient, with what the address says of sender and copies."""
    addressed = deepcopy(mail)
    addressed["From"] = formataddr((service.from_addr[0] or SENDER, service.from_addr[1]))
    addressed["To"] = formataddr((name, to))
    for header, others in (("Cc", service.cc - service.bcc - {to}), ("Reply-To", service.reply_to - {to})):
        if others:
            addressed[header] = ", ".join(formataddr((service.names.get(each) or "", each)) for each in sorted(others))
    for header, value in service.headers.items():
        del addressed[header]
        addressed[header] = value
    return addressed.as_bytes()


def _hand_over(server: smtplib.SMTP, sender: str, recipients: Collection[str], mail: bytes) -> None:
    try:
        _expect(server.mail(sender), "the sender")
        for recipient in recipients:
            _expect(server.rcpt(recipient), "the recipient", is_final=True)
    except (OSError, smtplib.SMTPException) as error:
        raise NotifyError(f"the mail server hung up ({type(error).__name__})") from error
    try:
        _expect(server.data(mail), "the mail")
    except smtplib.SMTPDataError as error:
        raise NotifyError(f"the mail server refuses the mail ({error.smtp_code})") from error
    except (OSError, smtplib.SMTPException) as error:
        raise UnheardError(f"the mail server did not say whether it took the mail ({type(error).__name__})") from error


def _expect(reply: tuple[int, bytes], what: str, *, is_final: bool = False) -> None:
    """NotifyError where the server refuses; permanent where that is its last word."""
    code = reply[0]
    if code not in {250, 251}:
        raise NotifyError(f"the mail server refuses {what} ({code})", permanent=is_final and code >= REFUSED_FOR_EVER)
