"""Hubs of many homes, in which alerts are raised by hand, and what their people are told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.delivery import Attempt, Start
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import Policy, Step
from sensor_hub.alerts.quiet import Quiet
from sensor_hub.alerts.together import together
from sensor_hub.model.alert import AlertChange, AlertState, alert_id
from sensor_hub.model.home import Device, Home
from sensor_hub.model.kind import Audience, Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import MINUTE
from sensor_hub.model.room import Room
from sensor_hub.storage.companions import SqlCompanions
from tests.alerts.plans import hours
from tests.homes import moment
from tests.storage.stores import rows
from tests.watch.test_worker import Rig

T = moment("2026-01-05 01:00")
GATEWAY = Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 900.0)
CARERS, FITTER, OFFICE = (
    Contact("carers", "console://", Detail.FULL, frozenset({Audience.CARE})),
    Contact("fitter", "console://", receives=frozenset({Audience.TECHNICAL})),
    Contact("office", "console://", quiet=Quiet(hours("22:00", "07:00"), ZoneInfo("Europe/London"))),
)
PLAN = Plan(
    (CARERS, FITTER, OFFICE),
    (
        Policy("care", (Step(("carers",)), Step(("office",))), audiences=frozenset({Audience.CARE})),
        Policy("technical", (Step(("fitter",)), Step(("office",))), audiences=frozenset({Audience.TECHNICAL})),
    ),
)


def homes(count: int) -> list[Home]:
    """Each with nothing but its gateway."""
    return [Home(f"flat-{number}", "Europe/London", 1, (GATEWAY,)) for number in range(count)]


def raised(home: str, kind: Kind, *, at: float = T, urgency: Urgency = Urgency.SOON, **more: object) -> AlertChange:
    """An alert found at `at`; `since` a moment before, unless `more` says otherwise."""
    since = float(str(more.pop("since", at - 30 * MINUTE)))
    subject = str(more.pop("subject", ""))
    return AlertChange(
        id=alert_id(home, kind, subject, since),
        number=1,
        home=home,
        kind=kind,
        subject=subject,
        urgency=urgency,
        state=AlertState.RAISED,
        at=at,
        since=since,
        summary="It is so.",
        evidence={key: float(str(value)) for key, value in more.items()},
    )


def cleared(change: AlertChange, at: float) -> AlertChange:
    return replace(change, number=change.number + 1, state=AlertState.CLEARED, at=at)


class Night(Rig):
    """A hub at night; `sent` is what its people got, as it was put together."""

    def __init__(self, where: Path | str, of: Sequence[Home], plan: Plan = PLAN, at: float = T) -> None:
        super().__init__(where, of, at, plan)
        self.sent: list[Notice] = []

    def find(self, *changes: AlertChange) -> None:
        """The engine's changes of one tick."""
        self.worker.watches._record(changes)
        self.worker.move()
        self.deliver()

    def pass_(self, minutes: int, step: int = 5) -> None:
        for _ in range(0, minutes, step):
            self.time.at += step * MINUTE
            self.worker.watches.last_tick = self.time.at
            self.worker.move()
            self.deliver()

    def deliver(self) -> None:
        companions = SqlCompanions(self.stores.database)
        for contact in self.plan.contacts:
            for delivery in self.stores.outbox.due(contact.id, self.time.wall()):
                attempt = Attempt(delivery.notice.reference, 1, contact.channels[0])
                if self.stores.outbox.start(attempt, self.time.now()) is Start.GO:
                    whole = [delivery.notice, *companions.of(delivery.notice.reference, self.time.now())]
                    self.sent.append(together(whole))
                    self.stores.outbox.delivered(attempt, self.time.now())

    def told(self, contact: str) -> list[Notice]:
        return [notice for notice in self.sent if notice.contact == contact]

    def references(self, contact: str) -> list[str]:
        """In the order in which they were read."""
        texts = (f"{notice.title}\n{notice.body}" for notice in self.told(contact))
        return list(dict.fromkeys(each for text in texts for each in re.findall(r"\(ref (\w+)\)", text)))

    def history(self, change: AlertChange) -> list[tuple[str, str, str]]:
        """What was decided: act, whom or what it concerns, and why."""
        select = f"SELECT act, who, reason FROM alert_act WHERE alert = '{change.id}' ORDER BY row"
        return [(act, who, reason) for act, who, reason in rows(self.stores, select)]
