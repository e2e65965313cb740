"""Whether a contact's mail server would take a notice: asked as far as the login, nothing is sent."""

from __future__ import annotations

import smtplib

from sensor_hub.dispatch.mail import log_in, mail_service


def mail_trouble(address: str, within: float) -> str | None:
    """What went wrong, without the address; None where it went well. `within`: seconds for each step."""
    service = mail_service(address)
    if service is None:
        return None
    try:
        log_in(service, within).close()
    except smtplib.SMTPAuthenticationError:
        return "the mail server refuses the user and password"
    except smtplib.SMTPException as error:
        # Its text may name the user.
        return f"the mail server does not go along ({type(error).__name__})"
    except OSError as error:
        return f"the mail server cannot be reached ({error})"
    return None
