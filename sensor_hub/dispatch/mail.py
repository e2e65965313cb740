"""Mail, with what the server answered at each step.

Apprise says only whether a mail went or not. This tells apart a recipient that does not exist, which no repeat mends,
and a mail that may have arrived, which must not be repeated blindly. Addresses and mails are Apprise's.
"""

from __future__ import annotations

import contextlib
import logging
import smtplib
import ssl
from typing import Any

import apprise

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.ports import NotifyError, UnheardError

log = logging.getLogger(__name__)

SCHEMES = ("mailto", "mailtos")
ANSWERS_WITHIN = 30.0
"""Seconds for each step: some servers look at a mail before they take it."""
SSL, STARTTLS = "ssl", "starttls"
REFUSED_FOR_EVER = 500
"""Replies from here on are final (RFC 5321, 4.2.1)."""


class MailNotifier:
    """Hands each notice to the contact's mail server."""

    def send(self, notice: Notice, contact: Contact) -> None:
        """See `Notifier`. UnheardError where the server had the whole mail and did not say what became of it."""
        service = mail_service(contact.address)
        if service is None or not service.targets:
            raise NotifyError("not a valid mail address", permanent=True)
        if is_encrypted(service):
            raise NotifyError("encrypted mail (pgp) is not offered", permanent=True)
        try:
            server = log_in(service, ANSWERS_WITHIN)
        except (OSError, smtplib.SMTPException) as error:
            # Its text may name the user.
            raise NotifyError(f"the mail server did not let the hub in ({type(error).__name__})") from error
        try:
            self._send_all(server, service, notice, contact)
        finally:
            # What the server took it has taken, however it parts.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _send_all(self, server: smtplib.SMTP, service: Any, notice: Notice, contact: Contact) -> None:
        """To every recipient of the contact: it has arrived when one of them has it, and none gets it twice."""
        failures, taken = [], 0
        for mail in _mails(service, notice):
            try:
                _hand_over(server, service.from_addr[1], mail)
            except NotifyError as error:
                failures.append(error)
                with contextlib.suppress(OSError, smtplib.SMTPException):
                    server.rset()
            else:
                taken += 1
        if failures and not taken:
            raise min(failures, key=lambda each: (not isinstance(each, UnheardError), each.permanent))
        if failures:
            log.error("%d recipients of contact %s did not get notice %s", len(failures), contact.id, notice.reference)


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


def _mails(service: Any, notice: Notice) -> Any:
    """One for each recipient, as Apprise would write it."""
    return service.prepare_emails(
        subject=notice.title,
        body=notice.body,
        notify_format=apprise.NotifyFormat.TEXT,
        from_addr=service.from_addr,
        to=service.targets,
        cc=service.cc,
        bcc=service.bcc,
        reply_to=service.reply_to,
        smtp_host=service.smtp_host,
        headers=dict(service.headers),
        names=service.names,
    )


def _hand_over(server: smtplib.SMTP, sender: str, mail: Any) -> None:
    try:
        _expect(server.mail(sender), "the sender")
        for recipient in mail.to_addrs:
            _expect(server.rcpt(recipient), "the recipient", is_final=True)
    except (OSError, smtplib.SMTPException) as error:
        raise NotifyError(f"the mail server hung up ({type(error).__name__})") from error
    try:
        _expect(server.data(mail.body), "the mail")
    except smtplib.SMTPDataError as error:
        raise NotifyError(f"the mail server refuses the mail ({error.smtp_code})") from error
    except (OSError, smtplib.SMTPException) as error:
        raise UnheardError(f"the mail server did not say whether it took the mail ({type(error).__name__})") from error


def _expect(reply: tuple[int, bytes], what: str, *, is_final: bool = False) -> None:
    """NotifyError where the server refuses; permanent where that is its last word."""
    code = reply[0]
    if code not in {250, 251}:
        raise NotifyError(f"the mail server refuses {what} ({code})", permanent=is_final and code >= REFUSED_FOR_EVER)
