"""The text of a notice that is about no alert: about the ways by which alerts are told. Pure."""

from __future__ import annotations

import hashlib

from sensor_hub.alerts.channel import Channel
from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.notice import SIMULATED, SIMULATED_LINE, Letterhead, Notice, Purpose
from sensor_hub.model.kind import Urgency


def trouble_notice(manager: Contact, broken: tuple[str, str, str], since: float, letterhead: Letterhead) -> Notice:
    """For who looks after the hub: `broken` names the contact and the channel that takes nothing since, and why."""
    who, label, why = broken
    what = f"Notices to {who} by channel {label} do not arrive: {why}."
    if manager.detail is Detail.MINIMAL:
        what = "A way to one of the contacts takes no notices any more. Log in to see which."
    lines = [what, "Put it right in the hub's settings, or send a test: sensor-hub contact test."]
    if letterhead.url is not None:
        lines.append(f"{letterhead.url}/contacts")
    key = f"{who}\n{label}\n{since!r}\n{manager.id}"
    return _notice(key, manager, "Today: notices do not arrive", lines, letterhead, Purpose.TROUBLE)


def heartbeat_notice(manager: Contact, centre: str, why: str, since: float, letterhead: Letterhead) -> Notice:
    """For who looks after the hub: the alarm receiving centre behind this contact has not answered since."""
    what = f"The alarm receiving centre of contact {centre} does not answer the hub's heartbeats: {why}."
    if manager.detail is Detail.MINIMAL:
        what = "An alarm receiving centre does not answer the hub's heartbeats. The hub's log says which and why."
    lines = [what, "Alerts may not reach it. Ask the centre, and look at the hub's connection."]
    key = f"heartbeat\n{centre}\n{since!r}\n{manager.id}"
    return _notice(key, manager, "Today: an alarm receiving centre is silent", lines, letterhead, Purpose.TROUBLE)


def _notice(
    key: str,
    contact: Contact,
    title: str,
    lines: list[str],
    letterhead: Letterhead,
    purpose: Purpose,
    channel: Channel | None = None,
) -> Notice:
    reference = hashlib.blake2b(f"{purpose}\n{key}".encode(), digest_size=5).hexdigest()
    title = f"{title} (ref {reference})"
    if letterhead.is_simulated:
        title, lines = SIMULATED + title, [SIMULATED_LINE, "", *lines]
    only = "" if channel is None else channel.key
    body = "\n".join(lines) + "\n"
    return Notice(reference, "", contact.id, Urgency.SOON, title, body, purpose, only)
