"""The ways to reach one person, in the order in which they are tried. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sensor_hub.model.kind import Urgency

PLACES = ("first", "second", "third", "fourth", "fifth")
TRIES = {Urgency.URGENT: 2}
"""Attempts on one channel before the next one has a turn, if the service only has no time for it."""
MOST_TRIES = 9
LATER_IF_BROKEN = 2
"""So many turns of the others come before a broken channel's first."""
OTHER_TRIES = 5
"""Of what is not urgent: a mail server that makes a stranger wait takes the mail within these."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One address of a contact; `number` counts from 1."""

    contact: str
    number: int
    address: str = field(repr=False)
    """An Apprise URL or `console://`. It may hold a password: it is in no log and no message."""

    @property
    def key(self) -> str:
        """Names it in the database, where its address must not stand. Another address has another key."""
        return hashlib.blake2b(f"{self.contact}\n{self.address}".encode(), digest_size=8).hexdigest()

    @property
    def place(self) -> str:
        """`first`, `second`, and so on."""
        return PLACES[self.number - 1] if self.number <= len(PLACES) else f"{self.number}th"

    @property
    def label(self) -> str:
        """What people read: its place, and what sort it is."""
        return f"{self.number} ({self.address.partition(':')[0]})"


class Tried(NamedTuple):
    """What became of a notice on one channel so far."""

    tries: int = 0
    is_refused: bool = False
    """It never arrives this way."""
    is_unheard: bool = False
    """It may have arrived this way."""

    @property
    def is_open(self) -> bool:
        """Whether it may go this way, and cannot have arrived."""
        return not self.is_refused and not self.is_unheard and self.tries < MOST_TRIES


NEVER = Tried()


@dataclass(frozen=True, slots=True)
class Ways:
    """A contact's channels as one notice finds them."""

    channels: Sequence[Channel]
    tried: Mapping[str, Tried] = field(default_factory=dict)
    """By the channel's key."""
    broken: Collection[str] = ()
    """Keys of those that have refused a notice for good, whichever it was."""

    def fresh(self, urgency: Urgency) -> Channel | None:
        """The channel to try next, of those by which it cannot have arrived.

        One that is broken has a turn when the others have had several in vain.
        """
        open_ = [each for each in self.channels if self._tried(each).is_open]
        return min(open_, key=lambda each: (self._rounds(each, urgency), each.number), default=None)

    def repeat(self) -> Channel | None:
        """The channel for one that shall go again although it may have arrived: that which was tried least."""
        usable = [each for each in self.channels if not self._tried(each).is_refused]
        return min(usable, key=lambda each: (self._tried(each).tries, each.number), default=None)

    def after(self, channel: Channel, now: Tried) -> Ways:
        """As they are once the attempt on `channel` has come to this."""
        return Ways(self.channels, {**self.tried, channel.key: now}, self.broken)

    def tries(self, channel: Channel) -> int:
        return self._tried(channel).tries

    def _rounds(self, channel: Channel, urgency: Urgency) -> int:
        rounds = self._tried(channel).tries // TRIES.get(urgency, OTHER_TRIES)
        return rounds + LATER_IF_BROKEN if channel.key in self.broken else rounds

    def _tried(self, channel: Channel) -> Tried:
        return self.tried.get(channel.key, NEVER)
