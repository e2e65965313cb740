"""People and teams that notices go to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from sensor_hub.alerts.channel import Channel
from sensor_hub.alerts.quiet import Quiet
from sensor_hub.model.kind import Audience


class Detail(StrEnum):
    """How much a notice may say: it passes through phones and services that are not behind the login."""

    MINIMAL = "minimal"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    address: str = field(repr=False)
    """Of the channel that is tried first. It may hold a password: it is in no log and no message."""
    detail: Detail = Detail.MINIMAL
    receives: frozenset[Audience] = frozenset(Audience)
    name: str = ""
    """What they sign in as, where it is not the id."""
    further: tuple[str, ...] = field(default=(), repr=False)
    """Addresses of the channels that are tried where the first one fails, in order."""
    quiet: Quiet | None = None
    """When nothing but what is urgent is told; None: never."""
    home: str = ""
    """Of a resident: where they live. They are asked about their own home's alerts and told of no others."""

    is_machine: bool = False
    """A machine reads its notices, each about one alert by itself."""
    tenant: str = ""
    """Whose homes' alerts they may hear of; empty: those of the plan's own."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every way to them, in the order in which they are tried."""
        return tuple(Channel(self.id, number, each) for number, each in enumerate((self.address, *self.further), 1))

    def by(self, channel: Channel) -> Contact:
        """The contact as a notifier is to reach them this time."""
        return replace(self, address=channel.address, further=())
