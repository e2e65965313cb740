"""What every carrier owes: taken, refused for ever or for now, or unknown, and never a word of its address."""

from __future__ import annotations

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.ports import Notifier, NotifyError, UnheardError
from sensor_hub.dispatch.text_message import text_of
from sensor_hub.model.kind import Urgency

NOTICE = Notice(
    "534ab7d0df",
    "a1",
    "team",
    Urgency.URGENT,
    "URGENT: Welfare check (ref 534ab7d0df)",
    "Somebody must act now.\n\nTo take it, so that nobody else is called:\nhttps://hub.example.org/answer/x\n",
)
TEXT = text_of(NOTICE)


def send(notifier: Notifier, address: str, notice: Notice = NOTICE) -> str | None:
    return notifier.send(notice, Contact("team", address))


def failure(notifier: Notifier, address: str, *, secrets: tuple[str, ...] = ()) -> tuple[str, str]:
    """`for ever`, `for now` or `unknown`, and what was said of it, in which none of the secrets stands."""
    with pytest.raises(NotifyError) as caught:
        send(notifier, address)
    said = str(caught.value)
    assert not [each for each in (*secrets, "447700900124") if each in said]
    if isinstance(caught.value, UnheardError):
        return "unknown", said
    return ("for ever" if caught.value.permanent else "for now"), said
