"""Who is told of alerts, when, and why: decided stage by stage, and written as one with the notices."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sensor_hub.alerts.budget import is_counted, week_start
from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.escalation import KEPT_BACK, Escalation, Pending, Stage
from sensor_hub.alerts.grouping import Told, group
from sensor_hub.alerts.notice import Letterhead, Notice, Turn, write
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.question import SIGN_ANSWERS, Sign, ask
from sensor_hub.alerts.routing import Reason, Route, adopt, route
from sensor_hub.alerts.stages import UNBUDGETED, Around, Due, decide
from sensor_hub.model.alert import AlertChange, Outcome
from sensor_hub.model.home import Home, zone_of_most
from sensor_hub.model.moment import MINUTE
from sensor_hub.watch.kept_back_ports import Release
from sensor_hub.watch.plans import HomePlans, home_plans
from sensor_hub.watch.ports import Closing, Recorded, Stores, Time

log = logging.getLogger(__name__)

SAID = {
    Reason.ESCALATED: "Nobody who was told before has answered.",
    Reason.PASSED: "Somebody who was told has passed it on.",
    Reason.UNDELIVERED: "Nobody could be told before.",
    Reason.UNCOVERED: "It was covered by a wider alert, which is over; this one still holds.",
    Reason.UNSILENCED: "It was held back by a silence, which is over; it still holds.",
    Reason.RELEASED: "It was held back in the quiet hours, and still holds.",
    Reason.LAPSED: "It was taken, and nobody has said since what it was.",
    Reason.EXHAUSTED: "Everybody who should act was told, and nobody has answered.",
    Reason.NOBODY: "Nobody else is reached by it.",
}
"""What a notice says of why it comes, where it is not the first."""
ACT = {Reason.COVERED: "covered", Reason.SILENCED: "silenced", Reason.HELD: "held"}
"""How the history calls what keeps an alert back; all else is whom it is told to."""
UNHEARD = {Reason.NOBODY: logging.ERROR, Reason.EXHAUSTED: logging.ERROR, Reason.UNFOLLOWED: logging.WARNING}
"""What the hub's own log says: it fails nobody who has said of nobody that they follow."""
BY_BUTTON = "a button in the home"
LOOK_AGAIN = 5 * MINUTE
"""Somebody's quiet hours are over, and a wider alert or a silence keeps the alert back now: so much later again."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told, and under what letterhead."""

    plan: Plan
    letterhead: Letterhead


class Teller:
    """Called by the watch's thread, which is the only one that moves alerts along."""

    def __init__(
        self,
        homes: Mapping[str, Home],
        stores: Stores,
        time: Time,
        telling: Telling,
        *,
        rooms: Callable[[str], Mapping[str, str]] = lambda _home: {},
    ) -> None:
        self.homes = homes
        self.stores = stores
        self.time = time
        self.telling = telling
        self.rooms = rooms
        """Where the devices of a home stand."""

    def tell(self, change: AlertChange, recorded: Recorded) -> None:
        """Writes down what becomes of a new change; `move` tells it when it is due."""
        decided = route(change, recorded.before, self.time.now())
        if decided.reason is Reason.ENDED:
            self._end(change)
        elif decided.escalation is not None and decided.reason in {Reason.RAISED, Reason.MORE_URGENT}:
            # Due at once: what is decided then is what there is to say of it.
            self.stores.escalations.put(decided.escalation, self.time.now())
        else:
            self._note(change, decided, change.at)

    def adopt(self, now: float) -> None:
        """Alerts of which nothing says how far they have come go on from their first step."""
        plans = self.plans()
        for change in self.stores.escalations.lost():
            self._note(change, adopt(change, plans.of(change.home), self._zone(change), now), now)

    def move(self, now: float) -> int:
        """Makes the moves that are due, and tells what they give. How many notices."""
        with self.stores.database.transaction():
            self._end_silences(now)
            due = self.stores.escalations.due(now, lapses_after=self.telling.plan.acknowledged_for)
            causes, silences, plans = self.stores.wider.causes(), self.stores.silences.standing(), self.plans()
            tellings, again = list(self._released(plans, now)), 0
            for pending in due:
                change = self.stores.escalations.change(pending.escalation.alert)
                zone, pages, plan = self._zone(change), self._pages(pending, change, now), plans.of(change.home)
                sign, around = self._sign(pending, change, plan), Around(now, plan, causes, silences)
                decided = decide(Due(pending, change, zone, self.rooms(change.home), sign, pages), around)
                if pending.lapsed_of:
                    self.stores.alerts.lapse(change.id, now)
                if decided.reason is Reason.ANSWERED:
                    closing = Closing(BY_BUTTON, Outcome.UNKNOWN, decided.reason.value.capitalize())
                    self.stores.alerts.close(change.id, closing, now)
                self._note(change, decided, now, of=pending.lapsed_of)
                self._count(pending, change, decided, now)
                tellings += self._tellings(change, decided)
                if decided.reason is Reason.AGAIN:
                    again += self.stores.alerts.send_again(change.id, now, self.time.wall())
            return again + self._write(tellings)

    def plans(self) -> HomePlans:
        """As they are now."""
        return home_plans(self.telling.plan, self.stores, self.time.now())

    def _sign(self, pending: Pending, change: AlertChange, plan: Plan) -> Sign:
        """Of the resident, where they were asked and it answers the question."""
        escalation = pending.escalation
        policy = plan.policy(escalation.policy)
        steps = () if policy is None or pending.lapsed_of else policy.steps
        was_asked = 0 <= escalation.step < len(steps) and steps[escalation.step].asks_resident
        if not was_asked or change.kind not in SIGN_ANSWERS or escalation.stage not in {Stage.CHAIN, Stage.SEEN}:
            return Sign.NONE
        return self.stores.signs.since(change.home, self.stores.escalations.since(change.id))

    def _pages(self, pending: Pending, change: AlertChange, now: float) -> int | None:
        """See `Due.pages`."""
        if not is_counted(change) or self.stores.digests.is_paged(change.id, pending.escalation.number):
            return None
        return self.stores.digests.pages(change.home, week_start(now, self._zone(change)))

    def _count(self, pending: Pending, change: AlertChange, decided: Route, now: float) -> None:
        """Against the home's budget of the week; what is over it waits for the digest."""
        number = pending.escalation.number
        for reader in decided.digest:
            self.stores.digests.put_off(reader, change.id, number, now)
        if decided.contacts and decided.reason not in UNBUDGETED and is_counted(change):
            self.stores.digests.note_page(change.home, change.id, number, now)

    def _note(self, change: AlertChange, decided: Route, at: float, *, of: str = "") -> None:
        """The decision, in the alert's history and as where the alert is from now on."""
        escalation = decided.escalation
        act = ACT.get(decided.reason, "told")
        who = ", ".join(contact.id for contact in decided.contacts)
        if escalation is not None and escalation.cause:
            who = escalation.cause
        about = f" ({decided.about})" if decided.about else f" (by {of})" if of else ""
        self.stores.alerts.note(change.id, at, act=act, who=who, reason=decided.reason.value + about)
        if decided.reason in UNHEARD:
            log.log(UNHEARD[decided.reason], "alert %s: %s", change.id, decided.reason.value)
        if escalation is None:
            return
        self.stores.escalations.put(escalation, self.time.now())
        for held in decided.held:
            why = "not urgent, and they have quiet hours: told when these are over"
            self.stores.alerts.note(change.id, at, act="held", who=held.contact.id, reason=why)
            turn = _turn(decided)
            release = Release(change.id, held.contact.id, turn.number, turn.moves)
            self.stores.holds.put(release, held.until)

    def _end(self, change: AlertChange) -> None:
        """Nobody has to act any more, nor to be told later."""
        was = self.stores.escalations.of(change.id)
        is_untold = was is not None and was.step < 0 and was.stage in {*KEPT_BACK, Stage.GATHERING}
        reason = Reason.ENDED_UNTOLD if is_untold else Reason.ENDED
        self.stores.alerts.note(change.id, change.at, act="told", who="", reason=reason.value)
        held = self.stores.holds.drop(change.id)
        if held:
            why = "it ended in their quiet hours: they are not told"
            self.stores.alerts.note(change.id, change.at, act="held", who=", ".join(held), reason=why)

    def _released(self, plans: HomePlans, now: float) -> Iterator[Told]:
        """Of alerts that still hold and that nobody has taken: who is told now that their quiet hours are over.

        For a contact whom the home's plan has no longer those who read for names that are gone.
        """
        for release in self.stores.holds.take(now):
            escalation = self.stores.escalations.of(release.alert)
            contacts = plans.of(self.stores.alerts.home_of(release.alert) or "").readers(release.contact, now)
            if escalation is None or escalation.number != release.number:
                continue
            if not self.stores.escalations.is_open(release.alert):
                self._note_release(release, now, Reason.TAKEN)
            elif escalation.stage in KEPT_BACK:
                self.stores.holds.put(release, now + LOOK_AGAIN)
            elif not contacts:
                log.error("alert %s: %s", release.alert, Reason.NOBODY.value)
                self._note_release(release, now, Reason.NOBODY)
            else:
                self._note_release(release, now, Reason.RELEASED, contacts)
                turn, change = Turn(release.number, release.turn, SAID[Reason.RELEASED]), release.alert
                yield from (Told(self.stores.escalations.change(change), contact, turn) for contact in contacts)

    def _note_release(self, release: Release, now: float, reason: Reason, to: Sequence[Contact] = ()) -> None:
        who = ", ".join(contact.id for contact in to)
        self.stores.alerts.note(release.alert, now, act="told", who=who, reason=reason.value)

    def _end_silences(self, now: float) -> None:
        for silence in self.stores.silences.standing():
            if silence.until <= now and self.stores.silences.end(silence.id, silence.until, ""):
                held_back = len(self.stores.silences.held_back(silence.id))
                log.info("a silence of homes %s has ended; it held back %d alerts", silence.homes, held_back)

    def _tellings(self, change: AlertChange, decided: Route) -> Iterator[Told]:
        turn = _turn(decided)
        for contact in decided.contacts:
            yield Told(change, contact, turn, is_question=decided.reason is Reason.ASKED)

    def _write(self, tellings: Sequence[Told]) -> int:
        """Puts the notices in the outbox. How many."""
        groups = group(tellings)
        for part in groups:
            notices = [self._notice(telling) for telling in part]
            for notice in notices:
                self.stores.alerts.add_notice(notice, self.time.now(), self.time.wall())
            self.stores.alerts.send_together([notice.reference for notice in notices])
        return len(groups)

    def _notice(self, telling: Told) -> Notice:
        change, contact, zone = telling.change, telling.contact, self._zone(telling.change)
        if telling.is_question:
            return ask(change, contact, zone, self.telling.letterhead, telling.turn)
        return write(change, contact, zone, self.telling.letterhead, telling.turn)

    def _zone(self, change: AlertChange) -> ZoneInfo:
        """The home's; of the hub, and of a home that is described no longer, that of most homes."""
        home = self.homes.get(change.home)
        return ZoneInfo(zone_of_most(self.homes.values())) if home is None else home.zone


def _turn(decided: Route) -> Turn:
    escalation = decided.escalation or Escalation("", 0)
    return Turn(escalation.number, escalation.turn, SAID.get(decided.reason, ""))
