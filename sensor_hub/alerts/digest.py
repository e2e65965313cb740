"""The daily digest: what was over a home's budget of interruptions. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.notice import Letterhead, Notice
from sensor_hub.alerts.open_alert import OpenAlert, counted, listed
from sensor_hub.alerts.round_notice import all_alerts, round_notice

LISTED = "told in the daily digest"
"""What the alert's history says of it."""


def digest_notice(
    contact: Contact,
    new: Sequence[OpenAlert],
    older: Sequence[OpenAlert],
    zones: Mapping[str, ZoneInfo],
    letterhead: Letterhead,
    at: float,
) -> Notice:
    """`new`: what was in no digest before, at least one; `older`: what was, and nobody has taken it since."""
    title = f"Daily digest: {len(new)} alert{'' if len(new) == 1 else 's'}"
    if contact.detail is Detail.FULL:
        blocks = [
            "Not urgent, and more than a home's share of interruptions in a week. These still hold:",
            *listed(new, zones),
            *(
                [f"From earlier digests, and nobody has taken them ({len(older)}):", *listed(older, zones)]
                if older
                else []
            ),
            *all_alerts(letterhead, "All alerts, and to take one:"),
        ]
    else:
        more = f" From earlier digests: {counted(older)}." if older else ""
        blocks = [f"Not urgent. New: {counted(new)}.{more}", *all_alerts(letterhead, "Log in for details:")]
    return round_notice(f"digest\n{at!r}", contact, title, blocks, letterhead)
