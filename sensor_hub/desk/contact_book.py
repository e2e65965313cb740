"""Contacts and their channels for who looks after them: what is known of each, tests, and codes to confirm them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sensor_hub.access.actor import CONTACT, Actor, asked_by
from sensor_hub.access.chronology import Act
from sensor_hub.act_notes import note_act
from sensor_hub.alerts.channel import Channel
from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.link import BY_LINK
from sensor_hub.alerts.notice import Letterhead, Notice, Purpose
from sensor_hub.alerts.own_notice import notice_of_code, notice_of_test
from sensor_hub.alerts.plan import Plan
from sensor_hub.desk.answer_links import StoredLinks
from sensor_hub.dispatch.ports import Time
from sensor_hub.storage.stores import SqlStores
from sensor_hub.web.contact_page import ChannelRow, Confirming, ContactRow, ReplyLine
from sensor_hub.web.door_ports import Unusable
from sensor_hub.web.ledger_row import LedgerRow

CODE_LETTERS = 6
MOST_REPLIES = 20
"""Shown on the page."""


@dataclass
class StoredContacts:
    """See `web.contact_page.HubContacts`; also behind `sensor-hub contact`."""

    stores: SqlStores
    plan: Plan
    time: Time
    letterhead: Letterhead
    links: StoredLinks | None = None
    ring: Callable[[], None] = lambda: None
    """Something waits to be sent."""

    def rows(self) -> list[ContactRow]:
        """All contacts, in the order of the settings."""
        return [self._contact(each) for each in self.plan.contacts]

    def rows_after(self, after: str, *, limit: int) -> list[ContactRow]:
        """The first whose ids follow this one, by id."""
        behind = sorted((each for each in self.plan.contacts if each.id > after), key=lambda each: each.id)
        return [self._contact(each) for each in behind[:limit]]

    def replies(self) -> list[ReplyLine]:
        """The last text messages that came in, newest first."""
        newest = self.stores.replies.newest(MOST_REPLIES)
        return [ReplyLine(row.at, row.number, row.contact, row.text, row.became) for row in newest]

    def test(self, contact: str, number: int, *, by: str) -> str | None:
        """Sends a test by the contact's channel of this number: its reference. None: there is no such channel."""
        found = self._find(contact, number)
        if found is None:
            return None
        person, channel = found
        notice = notice_of_test(person, channel, by, self.time.wall(), self.letterhead)
        self._put(notice, f"a test by channel {channel.label}")
        self.ring()
        return notice.reference

    def send_code(self, contact: str, number: int) -> str | None:
        """Sends a code by the channel, whose earlier ones are void: the notice's reference."""
        found = self._find(contact, number)
        if found is None:
            return None
        person, channel = found
        code = f"{secrets.randbelow(10**CODE_LETTERS):0{CODE_LETTERS}d}"
        notice = notice_of_code(person, channel, code, self.time.wall(), self.letterhead)
        with self.stores.database.transaction():
            self.stores.channels.keep_code(channel, code, self.time.wall())
            self._put(notice, f"a code by channel {channel.label}")
        self.ring()
        return notice.reference

    def confirm(self, contact: str, code: str, *, by: str) -> str | None:
        """The label of the contact's channel by which this code was sent, which is confirmed by that; else None."""
        channels = [each for person in self.plan.contacts if person.id == contact for each in person.channels]
        said = "".join(code.split())
        tried = (each.label for each in channels if self.stores.channels.try_code(each.key, said, by, self.time.wall()))
        with self.stores.database.transaction():
            label = next(tried, None)
            if label is not None:
                self._note(Act.CONTACT_CONFIRMED, contact, f"channel {label}")
        return label

    def find_link(self, text: str) -> Confirming | Unusable:
        """Which channel the link in a code's notice is about."""
        reference = Unusable.VOID if self.links is None else self.links.reference_of(text)
        if isinstance(reference, Unusable):
            return reference
        delivery = self.stores.outbox.find(reference)
        if delivery is None or delivery.notice.purpose is not Purpose.CODE:
            return Unusable.VOID
        notice = delivery.notice
        channels = [each for person in self.plan.contacts for each in person.channels if each.key == notice.channel]
        if not channels:
            return Unusable.VOID
        is_done = self.stores.channels.state(notice.channel).verified_at is not None
        return Confirming(notice.contact, channels[0].label, notice.channel, is_done)

    def confirm_link(self, confirming: Confirming) -> None:
        by = f"{confirming.contact}{BY_LINK}"
        with self.stores.database.transaction(), asked_by(Actor(by, CONTACT)):
            self.stores.channels.confirm(confirming.key, by, self.time.wall())
            self._note(Act.CONTACT_CONFIRMED, confirming.contact, f"channel {confirming.label}")

    def ledger_of(self, reference: str) -> list[LedgerRow]:
        """What became of a notice so far."""
        return [LedgerRow(**line._asdict()) for line in self.stores.ledger.of_notice(reference)]

    def unconfirmed(self) -> list[str]:
        """Contacts of whom no channel is confirmed."""
        known = {each.id: [self.stores.channels.state(one.key) for one in each.channels] for each in self.plan.contacts}
        return [who for who, states in known.items() if not any(state.verified_at for state in states)]

    def _contact(self, each: Contact) -> ContactRow:
        return ContactRow(each.id, each.name, [self._row(one) for one in each.channels], each.home)

    def _row(self, channel: Channel) -> ChannelRow:
        state = self.stores.channels.state(channel.key)
        return ChannelRow(
            channel.number,
            channel.label,
            state.broken_since,
            state.why,
            state.verified_at,
            state.verified_by,
            [LedgerRow(**line._asdict()) for line in self.stores.ledger.last_test(channel.key)],
        )

    def _find(self, contact: str, number: int) -> tuple[Contact, Channel] | None:
        for person in self.plan.contacts:
            for channel in person.channels:
                if (person.id, channel.number) == (contact, number):
                    return person, channel
        return None

    def _put(self, notice: Notice, what: str) -> None:
        with self.stores.database.transaction():
            self.stores.outbox.add(notice, self.time.now(), self.time.wall())
            self._note(Act.CONTACT_TESTED, notice.contact, what)

    def _note(self, act: Act, contact: str, detail: str) -> None:
        note_act(self.stores.database, act, self.time.now(), about=contact, detail=detail)
