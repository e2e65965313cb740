"""What people are told at a time, and not when an alert comes: at hand-overs, each day and each week."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.digest import LISTED as DIGEST_LISTED
from sensor_hub.alerts.digest import digest_notice
from sensor_hub.alerts.handover import LISTED, TakeOver, handover_notice, on_call, take_overs
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.open_alert import UTC, OpenAlert, short, steps_name
from sensor_hub.alerts.review_text import review_notice
from sensor_hub.alerts.routing import Reason
from sensor_hub.alerts.timetable import Timetable
from sensor_hub.model.home import Home
from sensor_hub.model.moment import DAY, MINUTE
from sensor_hub.watch.plans import HomePlans, home_plans
from sensor_hub.watch.ports import Stores, Time
from sensor_hub.watch.telling import Telling

log = logging.getLogger(__name__)

ON_CALL = "on_call"
"""Under this name the hub remembers who was on call when it last looked."""
REVIEW, SHORTEST = "review", 2 * DAY


class Rounds:
    """Called by the watch's thread. What it wrote and what it remembers of that are one transaction."""

    def __init__(self, homes: Mapping[str, Home], stores: Stores, time: Time, telling: Telling) -> None:
        self.homes = homes
        self.stores = stores
        self.time = time
        self.telling = telling
        self._parts: tuple[Callable[[float], int], ...] = (self._hand_over, self._digest, self._review)
        self._looks_at = 0.0

    def look(self, now: float) -> int:
        """Writes the notices whose time has come, once a minute at most. How many."""
        if now < self._looks_at and self._looks_at - now <= MINUTE:
            return 0
        notices = 0
        for part in self._parts:
            with self.stores.database.transaction():
                notices += part(now)
        self._looks_at = (now // MINUTE + 1) * MINUTE
        return notices

    def _hand_over(self, now: float) -> int:
        """Compares with who was on call before: so a hand-over while the hub stood still, or by a new cover, is one."""
        plan = self._plans().whole
        if not plan.rotas:
            return 0
        remembered = self.stores.memory.get(ON_CALL)
        before: dict[str, str | None] = {} if remembered is None else json.loads(remembered)
        if before == on_call(plan, now):
            return 0
        self.stores.memory.keep(ON_CALL, json.dumps(on_call(plan, now)))
        takers = take_overs(plan, before, now)
        standings = list(self.stores.open_alerts.all()) if takers else []
        return [self._tell_taker(taker, standings, now) for taker in takers].count(True)

    def _tell_taker(self, taker: TakeOver, standings: Sequence[OpenAlert], now: float) -> bool:
        names, plans = frozenset(rota.id for rota in taker.rotas), self._plans()

        def is_theirs(each: OpenAlert) -> bool:
            return steps_name(each, names, plans.of(each.change.home), self._zone(each.change.home), now)

        theirs = list(filter(is_theirs, standings))
        if not theirs:
            return False
        notice = handover_notice(taker, theirs, self._zones(), self.telling.letterhead, now)
        self._post(notice, taker.contact, now)
        for each in theirs:
            self.stores.alerts.note(each.change.id, now, act="told", who=taker.contact.id, reason=LISTED)
        return True

    def _digest(self, now: float) -> int:
        """What was over budget, at each reader's own hour; what has ended by then is in it no more."""
        new: dict[str, set[str]] = {}
        older: dict[str, set[str]] = {}
        plans = self._plans()
        for reader, since in self.stores.digests.waiting().items():
            # Where nobody is on call in this rota now, whoever comes next is told.
            if since > self._digest_times(reader).last(now) or not plans.whole.readers(reader, now):
                continue
            told, taken = self.stores.digests.told(reader), self.stores.digests.take(reader, now)
            for alert in told | taken:
                home = self.stores.alerts.home_of(alert)
                readers = () if home is None else plans.of(home).readers(reader, now)
                if home is not None and alert in taken and not readers:
                    log.error("alert %s: %s", alert, Reason.NOBODY.value)
                    self.stores.alerts.note(alert, now, act="told", who="", reason=Reason.NOBODY.value)
                for contact in readers:
                    (new if alert in taken else older).setdefault(contact.id, set()).add(alert)
        told_of = [self._tell_digest(contact, taken, older.get(contact, set()), now) for contact, taken in new.items()]
        return told_of.count(True)

    def _digest_times(self, reader: str) -> Timetable:
        plan = self.telling.plan
        quiet = next((contact.quiet for contact in plan.contacts if contact.id == reader), None)
        own = plan.rotas[reader].zone if reader in plan.rotas else None if quiet is None else quiet.zone
        times = plan.rounds.digest if own is None else replace(plan.rounds.digest, zone=own)
        return times.timetable(self._home_clock())

    def _tell_digest(self, name: str, new: set[str], old: set[str], now: float) -> bool:
        standing = self.stores.open_alerts.all()
        fresh = [each for each in standing if each.change.id in new]
        older = [each for each in standing if each.change.id in old - new and not each.taken_by]
        if not fresh:
            return False
        (contact,) = self.telling.plan.people(name)
        notice = digest_notice(contact, fresh, older, self._zones(), self.telling.letterhead, now)
        self._post(notice, contact, now)
        for each in fresh:
            self.stores.alerts.note(each.change.id, now, act="told", who=name, reason=DIGEST_LISTED)
        return True

    def _review(self, now: float) -> int:
        """One for each reader and week. A hub that comes back late makes one of all that it missed."""
        plans, notices = self._plans(), 0
        times = plans.whole.rounds.review.timetable(self._home_clock())
        due = times.last(now)
        for contact, homes in self._readers(plans):
            last = self.stores.reviews.last(REVIEW, contact.id)
            if last is None:
                # The first one begins here.
                self.stores.reviews.keep(REVIEW, contact.id, now)
            elif due - last >= SHORTEST:
                self.stores.reviews.keep(REVIEW, contact.id, due)
                silences = self._silences(homes, plans.among(contact.id, self.homes), due)
                review = replace(self.stores.reviews.review(homes, last, due), silences=silences)
                notice = review_notice(review, contact, times.zone, self._zones(), self.telling.letterhead)
                self._post(notice, contact, now)
                notices += 1
        return notices

    def _silences(self, homes: frozenset[str], tenants: frozenset[str], at: float) -> list[str]:
        """Those in force at `at` that are about one of the homes; no words of one that goes beyond the tenant's."""
        others, zone, lines = self.homes.keys() - tenants, self._home_clock(), []
        for each in self.stores.silences.standing():
            if each.is_active(at) and any(map(each.covers, homes)):
                is_wider = any(map(each.covers, others))
                what = " ".join(sorted(filter(each.covers, homes))) if is_wider else each.homes
                who = "who runs the hub" if is_wider else f"{each.who}: {each.why}"
                lines.append(f"{what}, until {short(each.until, zone)}, by {who}")
        return lines

    def _readers(self, plans: HomePlans) -> Iterator[tuple[Contact, frozenset[str]]]:
        """Each contact once, with the homes of all names under which they read; no resident: they live in one."""
        for contact in plans.whole.contacts:
            plan = plans.whole.for_homes_of(contact.tenant or plans.whole.own)
            theirs = [name for name in plan.rounds.reviewers if contact in plan.people(name)]
            if theirs and not contact.home:
                homes = plans.among(contact.id, self.homes)
                yield contact, frozenset().union(*(plan.homes_of(name, homes) for name in theirs))

    def _plans(self) -> HomePlans:
        return home_plans(self.telling.plan, self.stores, self.time.now())

    def _home_clock(self) -> ZoneInfo:
        """The clock of most homes."""
        counts = Counter(home.timezone for home in self.homes.values())
        return ZoneInfo(counts.most_common(1)[0][0]) if counts else UTC

    def _post(self, notice: Notice, contact: Contact, now: float) -> None:
        """Goes when the quiet hours are over in which it was made: nothing of it is urgent."""
        until = None if contact.quiet is None else contact.quiet.release(now)
        wait = 0.0 if until is None else self.time.seconds_until(until)
        self.stores.outbox.add(notice, now, self.time.wall() + wait)

    def _zones(self) -> dict[str, ZoneInfo]:
        return {home.id: home.zone for home in self.homes.values()}

    def _zone(self, home: str) -> ZoneInfo:
        return self.homes[home].zone if home in self.homes else UTC
