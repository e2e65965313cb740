"""What events need from the rest of the hub: what changed, from the store and as it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from sensor_hub.model.change import Change
from sensor_hub.web.bounds import Tenancy


class Place(NamedTuple):
    """Up to where somebody has heard of all changes: that of the last one, and its mark."""

    position: int
    mark: int


class HubChanges(Protocol):
    """Those of the first part read the store and may block; those of the second are of the event loop."""

    def newest(self) -> Place:
        """Behind all that is stored."""

    def is_kept(self, place: Place) -> bool:
        """Whether all that changed since is still known."""

    def after(self, position: int, most: int) -> Sequence[Change]: ...

    def listening(self) -> AbstractContextManager[None]:
        """As long as somebody listens, what is stored is read once for all of them."""

    def recent(self, position: int) -> Sequence[Change] | None:
        """What is behind this position, of what was read for all; None where that does not reach back as far."""

    async def news(self, position: int, within: float) -> None:
        """Waits until there is something behind this position, the hub stops, or so many seconds have passed."""

    @property
    def tenancy(self) -> Tenancy:
        """Whose the homes are, kept up to date by the changes themselves."""

    @property
    def is_closing(self) -> bool:
        """The hub stops: whoever listens is to end."""

    @property
    def is_well(self) -> bool:
        """Whether the store could be read when it was last tried."""
