"""Whether a contact's mail server would take a notice: asked as far as the login, nothing is sent."""

from __future__ import annotations

import smtplib
import ssl
from typing import Any

import apprise

ANSWERS_WITHIN = 5.0
"""Seconds for each step."""
SSL, STARTTLS = "ssl", "starttls"


def mail_trouble(address: str) -> str | None:
    """What went wrong, without the address; None where it went well, or where the address is none of email."""
    service = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if not hasattr(service, "smtp_host"):
        return None
    try:
        _log_in(service)
    except smtplib.SMTPAuthenticationError:
        return "the mail server refuses the user and password"
    except smtplib.SMTPException as error:
        # Its text may name the user.
        return f"the mail server does not go along ({type(error).__name__})"
    except OSError as error:
        return f"the mail server cannot be reached ({error})"
    return None


def _log_in(service: Any) -> None:
    """`service` is Apprise's for email."""
    context = ssl.create_default_context()
    if not service.verify_certificate:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, port = service.smtp_host, service.port
    if service.secure_mode == SSL:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=ANSWERS_WITHIN, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=ANSWERS_WITHIN)
    with server:
        server.ehlo_or_helo_if_needed()
        if service.secure_mode == STARTTLS:
            server.starttls(context=context)
        if service.user and service.password:
            try:
                server.login(service.user, service.password)
            except smtplib.SMTPServerDisconnected as error:
                # Some hang up on a wrong password.
                raise smtplib.SMTPAuthenticationError(535, "hung up") from error
