"""The text of a notice that is about no alert: about the ways by which alerts are told. Pure."""

from __future__ import annotations

import hashlib

from sensor_hub.alerts.channel import Channel
from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.link import UNSIGNED
from sensor_hub.alerts.notice import SIMULATED, SIMULATED_LINE, Letterhead, Notice, Purpose
from sensor_hub.model.kind import Urgency

CONFIRM = "/confirm/"
"""Where the link of a code leads."""


def notice_of_trouble(manager: Contact, broken: tuple[str, str, str], since: float, letterhead: Letterhead) -> Notice:
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


def notice_of_test(contact: Contact, channel: Channel, by: str, at: float, letterhead: Letterhead) -> Notice:
    """One by which somebody sees whether notices arrive this way; `by` asked for it, at the moment `at`."""
    lines = [f"This is a test of your {channel.place} address, asked for by {by}. Nobody has to do anything."]
    return _notice(f"{channel.key}\n{at!r}", contact, "Test", lines, letterhead, Purpose.TEST, channel)


def notice_of_code(contact: Contact, channel: Channel, code: str, at: float, letterhead: Letterhead) -> Notice:
    """One by whose code the contact shows that this channel reaches them."""
    lines = [f"Your code is {code}. Tell it to who looks after the hub, and alerts are known to reach you this way."]
    if letterhead.url is not None:
        lines += ["", "Or confirm it yourself:", f"{letterhead.url}{CONFIRM}{UNSIGNED}"]
    return _notice(f"{channel.key}\n{at!r}", contact, "Confirm this address", lines, letterhead, Purpose.CODE, channel)


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
