"""The links in notices: signed for those who send them, looked up for the pages (`web.door_ports.HubLinks`)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection

from sensor_hub.alerts.link import BY_LINK, Link, read_link, sign
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.storage.hub_memory import SqlHubMemory
from sensor_hub.storage.registry import AlertRecord
from sensor_hub.storage.stores import SqlStores
from sensor_hub.web.door_ports import Linked, LinkState, Unusable

KEY = "link_key"


def new_key(memory: SqlHubMemory) -> None:
    """Makes the key that signs links from now on: all that were signed before are void."""
    memory.keep(KEY, secrets.token_urlsafe(32))


class StoredLinks:
    """Links of a hub with these contacts, each good for `lasts` real seconds. The key is read anew each time.

    So one that another program makes (`sensor-hub void-links`) holds at once.
    """

    def __init__(
        self,
        stores: SqlStores,
        contacts: Collection[str],
        *,
        wall: Callable[[], float],
        lasts: float,
        residents: Collection[str] = (),
    ) -> None:
        """`residents`: those of the contacts who are asked, and take no alert."""
        self.residents = residents
        self.stores = stores
        self.contacts = contacts
        self.wall = wall
        self.lasts = lasts
        if stores.memory.get(KEY) is None:
            new_key(stores.memory)

    def sign(self, reference: str) -> str:
        """What stands in the address of this notice's link, sent now."""
        return sign(Link(reference, int(self.wall() + self.lasts)), self._key())

    def find(self, text: str) -> Linked | Unusable:
        """What the link with this signature is about."""
        link = read_link(text, self._key())
        if link is None:
            return Unusable.FORGED
        told = self.stores.registry.told_of(link.reference)
        if link.expires <= self.wall() or told is None:
            return Unusable.VOID
        alert, contact = told
        row = self.stores.registry.alert(alert)
        # Whoever is no contact any more, or has ended the alert by a person's word, has nothing to say by this link.
        if row is None or contact not in self.contacts or row.closed_by is not None:
            return Unusable.VOID
        by = f"{contact}{BY_LINK}"
        state = _state(row, by)
        if state is LinkState.OPEN and contact in self.residents:
            state = LinkState.ASKED
        return Linked(link.reference, alert, by, Kind(row.kind), Urgency(row.urgency), state)

    def reference_of(self, text: str) -> str | Unusable:
        """The notice that the link with this signature was sent in."""
        link = read_link(text, self._key())
        if link is None:
            return Unusable.FORGED
        return Unusable.VOID if link.expires <= self.wall() else link.reference

    def _key(self) -> str:
        key = self.stores.memory.get(KEY)
        assert key is not None, "made at the start"
        return key


def _state(row: AlertRecord, by: str) -> LinkState:
    if row.handled == "open":
        return LinkState.OPEN
    if row.handled == "closed":
        return LinkState.ENDED
    return LinkState.MINE if row.acknowledged_by == by else LinkState.OTHERS
