"""Whom changes of alerts are told to, and who follows while nobody takes an alert: decided, and written as one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sensor_hub.alerts.notice import Letterhead, Turn, write
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.routing import Reason, Route, follow, route
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.home import Home
from sensor_hub.watch.ports import Recorded, Stores, Time

log = logging.getLogger(__name__)

UTC = ZoneInfo("UTC")
SAID = {
    Reason.ESCALATED: "Nobody who was told before has answered.",
    Reason.UNDELIVERED: "Nobody could be told before.",
    Reason.LAPSED: "It was taken, and nobody has said since what it was.",
    Reason.EXHAUSTED: "Everybody who should act was told, and nobody has answered.",
    Reason.NOBODY: "Nobody else is reached by it.",
}
"""What a notice says of why it comes, where it is not the first."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told, and under what letterhead."""

    plan: Plan
    letterhead: Letterhead


class Teller:
    """Called by the watch's thread, which is the only one that moves alerts along."""

    def __init__(self, homes: Mapping[str, Home], stores: Stores, time: Time, telling: Telling) -> None:
        self.homes = homes
        self.stores = stores
        self.time = time
        self.telling = telling

    def tell(self, change: AlertChange, recorded: Recorded) -> int:
        """Writes the notices of a new change. How many."""
        decided = route(change, recorded.before, self.telling.plan, self._zone(change), self.time.now())
        return self._write(change, decided, at=change.at)

    def escalate(self, now: float) -> int:
        """Makes the moves that are due. How many notices that gave."""
        notices = 0
        with self.stores.database.transaction():
            for pending in self.stores.escalations.due(now, lapses_after=self.telling.plan.acknowledged_for):
                change = self.stores.escalations.change(pending.escalation.alert)
                decided = follow(pending, change, self.telling.plan, self._zone(change), now)
                if pending.lapsed_of:
                    self.stores.alerts.lapse(change.id, now)
                notices += self._write(change, decided, at=now, of=pending.lapsed_of)
        return notices

    def _write(self, change: AlertChange, decided: Route, *, at: float, of: str = "") -> int:
        who = ", ".join(contact.id for contact in decided.contacts)
        reason = f"{decided.reason.value} (by {of})" if of else decided.reason.value
        self.stores.alerts.note(change.id, at, act="told", who=who, reason=reason)
        if decided.reason in {Reason.NOBODY, Reason.EXHAUSTED}:
            log.error("alert %s: %s", change.id, decided.reason.value)
        escalation = decided.escalation
        if decided.reason is Reason.AGAIN:
            return self.stores.alerts.send_again(change.id, self.time.now(), self.time.wall())
        if escalation is None:
            return 0
        self.stores.escalations.put(escalation, self.time.now())
        turn = Turn(escalation.number, escalation.turn, SAID.get(decided.reason, ""))
        for contact in decided.contacts:
            notice = write(change, contact, self._zone(change), self.telling.letterhead, turn)
            self.stores.alerts.add_notice(notice, self.time.now(), self.time.wall())
        return len(decided.contacts)

    def _zone(self, change: AlertChange) -> ZoneInfo:
        """The home's; a home that is described no longer may still have an open alert."""
        home = self.homes.get(change.home)
        return UTC if home is None else home.zone
