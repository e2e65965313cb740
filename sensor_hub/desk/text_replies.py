"""Text messages by which people answer notices: see `web.callbacks.HubReplies`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from sensor_hub.alerts.channel import Channel
from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.reply import BY_TEXT, Meaning, Reply, digits, read
from sensor_hub.dispatch.carriers import telephone_of
from sensor_hub.model.moment import HOUR
from sensor_hub.storage.replies import ToldNotice
from sensor_hub.storage.stores import SqlStores
from sensor_hub.web.ports import Answer

log = logging.getLogger(__name__)

LASTS = 72 * HOUR
"""A reply to a notice that is older than this is about something else."""
NOBODY, NO_NOTICE = "rejected: the number of no contact", "no notice went there lately"
RESIDENT = "a resident takes no alert"
SAID = {Answer.DONE: "done", Answer.TAKEN: "nothing: somebody has it already, it is over, or nobody follows"}


class Acts(Protocol):
    """What people do about alerts: see `acts.QueuedActs`."""

    def acknowledge(self, alert: str, *, by: str) -> Answer: ...

    def pass_on(self, alert: str, *, by: str) -> Answer: ...


class StoredReplies:
    """Acts on each reply once."""

    def __init__(self, stores: SqlStores, plan: Plan, acts: Acts, now: Callable[[], float]) -> None:
        self.stores = stores
        self.acts = acts
        self.now = now
        self._people: dict[str, list[tuple[Contact, Channel]]] = {}
        for contact in plan.contacts:
            for channel in contact.channels:
                number = telephone_of(channel.address)
                if number is not None:
                    self._people.setdefault(digits(number), []).append((contact, channel))

    def take(self, reply: Reply) -> None:
        """Keeps the reply, and what became of it; a BusyError of the hub leaves it to come again."""
        if self.stores.replies.became_of(reply) is not None:
            return
        people = self._people.get(digits(reply.number), [])
        meaning, reference = read(reply.text)
        told = self._about(people, reference) if people and meaning is not Meaning.NOTHING else None
        if not people:
            log.warning("a text message came from a number of no contact: it is kept")
            self._keep(reply, None, "", NOBODY)
        elif meaning is Meaning.NOTHING:
            self._keep(reply, None, people[0][0].id, meaning.value)
        elif told is None:
            self._keep(reply, None, people[0][0].id, f"{meaning.value}: {NO_NOTICE}")
        elif any(contact.home for contact, _ in people if contact.id == told.contact):
            self._keep(reply, told, told.contact, f"{meaning.value}: {RESIDENT}")
        else:
            self._keep(reply, told, told.contact, f"{meaning.value}: {self._act(meaning, told)}")

    def _act(self, meaning: Meaning, told: ToldNotice) -> str:
        act = self.acts.acknowledge if meaning is Meaning.TAKE else self.acts.pass_on
        answer = act(told.alert, by=f"{told.contact}{BY_TEXT}")
        return SAID.get(answer, answer.value)

    def _about(self, people: list[tuple[Contact, Channel]], reference: str) -> ToldNotice | None:
        since = self.now() - LASTS
        if reference:
            return self.stores.replies.told(reference, [contact.id for contact, _ in people], since)
        return self.stores.replies.last_told([channel.key for _, channel in people], since)

    def _keep(self, reply: Reply, told: ToldNotice | None, contact: str, became: str) -> None:
        self.stores.replies.keep(reply, self.now(), told=told, contact=contact, became=became)
