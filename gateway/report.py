"""What the gateway says of itself: to the hub in its status, and in a file for whoever looks at the box."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.clock import Clock
from gateway.inbox import Tally
from gateway.outbox import Outbox
from sensor_hub.model.moment import iso
from sensor_hub.model.room import Placed
from sensor_hub.model.wire import Status, topic

MOST_NAMES = 256
"""Of devices in a status."""
LOST = "lost: the outbox was damaged"
NOT_AGREED = "not agreed"


@dataclass(frozen=True, slots=True)
class Name:
    """Who speaks: a home's gateway, from one start to the next (`boot`)."""

    tenant: str
    home: str
    version: str
    boot: str = field(default_factory=lambda: secrets.token_hex(4))

    def topic(self, leaf: str) -> str:
        return topic(self.tenant, self.home, leaf)


def _nothing_placed() -> Mapping[str, Placed]:
    return {}


def _no_names() -> Mapping[str, str]:
    return {}


def _no_settings() -> Mapping[str, object]:
    return {}


def _nothing_told() -> Sequence[Mapping[str, str]]:
    return ()


def _none_declined() -> int:
    return 0


class Report:
    """Asks the parts of the gateway when it is asked."""

    def __init__(self, name: Name, outbox: Outbox, clock: Clock, tally: Tally) -> None:
        self.name = name
        self.outbox = outbox
        self.clock = clock
        self.tally = tally
        self.placed: Callable[[], Mapping[str, Placed]] = _nothing_placed
        self.names: Callable[[], Mapping[str, str]] = _no_names
        self.settings: Callable[[], Mapping[str, object]] = _no_settings
        self.declined: Callable[[], int] = _none_declined
        self.told_alone: Callable[[], Sequence[Mapping[str, str]]] = _nothing_told

    def rejected(self) -> dict[str, int]:
        """How often something was not taken or not kept since the start, by reason."""
        lost, declined = self.outbox.lost_since_start, self.declined() + self.outbox.discarded
        others = {LOST: lost, NOT_AGREED: declined}
        return self.tally.counts() | {reason: times for reason, times in others.items() if times}

    def status(self, state: str, reason: str = "") -> Status:
        placed = self.placed()
        return Status(
            state=state,
            boot=self.name.boot,
            version=self.name.version,
            at=self.clock.now(),
            clock=self.clock.state.value,
            streams=self.outbox.streams(),
            oldest=self.outbox.oldest(),
            rejected=self.rejected(),
            reason=reason,
            placed={device: each.room.value for device, each in placed.items()},
            placed_at={device: each.at for device, each in placed.items() if each.at},
            names=dict(list(self.names().items())[:MOST_NAMES]),
            settings=self.settings(),
            told_alone=self.told_alone(),
        )

    def document(self) -> dict[str, object]:
        """The part of the file that is about time and what waits."""
        oldest = self.outbox.oldest()
        return {
            "at": iso(self.clock.now()),
            "tenant": self.name.tenant,
            "home": self.name.home,
            "version": self.name.version,
            "boot": self.name.boot,
            "clock": {
                "state": self.clock.state.value,
                "jumps": self.clock.jumps,
                "drift": round(self.clock.drift, 3),
                "is_simulated": self.clock.pace is not None,
            },
            "outbox": {
                "waiting": self.outbox.waiting(),
                "held": self.outbox.held,
                "oldest": None if oldest is None else iso(oldest),
                "lost": self.outbox.lost,
            },
            "streams": self.outbox.streams(),
            "rejected": self.rejected(),
            "settings": dict(self.settings()),
            "told_alone": [dict(one) for one in self.told_alone()],
        }
