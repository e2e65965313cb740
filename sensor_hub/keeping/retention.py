"""For how long what is kept: the settings' days, home by home, over the stores that forget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sensor_hub.clock import Clock
from sensor_hub.config.keep_settings import KeepSettings, Terms
from sensor_hub.keeping.sweeping import Sweeper, Waiting
from sensor_hub.model.moment import DAY
from sensor_hub.storage.ledger_reads import Whose
from sensor_hub.storage.old_alerts import OldAlerts
from sensor_hub.storage.old_readings import OldReadings
from sensor_hub.storage.stores import SqlStores

CHANGES_KEPT = 7 * DAY
"""For whoever listens, and was away."""
AT_ONCE = 100
"""Notices or alerts in one transaction: nobody else waits for the database noticeably."""


@dataclass(frozen=True, slots=True)
class Retention:
    stores: SqlStores
    keep: KeepSettings
    readings: OldReadings
    clock: Clock

    def forget_notices(self, waiting: Waiting) -> int:
        """First those of tenants with a term of their own, then all others."""
        now, gone = self.clock.now(), 0
        for tenant, days in self.keep.ledger_of.items():
            gone += self._forget_notices(now - days * DAY, Whose(of=tenant), waiting)
        return gone + self._forget_notices(now - self.keep.ledger_days * DAY, Whose(but=self.keep.ledger_of), waiting)

    def _forget_notices(self, before: float, whose: Whose, waiting: Waiting) -> int:
        return _until_none(lambda: self.stores.ledger.forget(before, AT_ONCE, whose), waiting)

    def forget_changes(self, waiting: Waiting) -> int:
        before = self.clock.now() - CHANGES_KEPT
        return _until_none(lambda: self.stores.changes.forget(before, AT_ONCE), waiting)

    def forget_readings(self, waiting: Waiting) -> int:
        return self._of_homes(lambda terms: terms.readings, self.readings.forget, waiting)

    def forget_hours(self, waiting: Waiting) -> int:
        return self._of_homes(lambda terms: terms.hours, self.readings.forget_hours, waiting)

    def forget_alerts(self, waiting: Waiting) -> int:
        alerts = OldAlerts(self.stores.database)

        def forget(home: str, before: float, waiting: Waiting) -> int:
            return _until_none(lambda: alerts.forget(home, before, AT_ONCE), waiting)

        return self._of_homes(lambda terms: terms.alerts, forget, waiting)

    def forget_answers(self, waiting: Waiting) -> int:
        return _until_none(lambda: self.stores.kept_answers.forget(self.clock.wall(), AT_ONCE), waiting)

    def _of_homes(
        self, days_of: Callable[[Terms], float | None], forget: Callable[[str, float, Waiting], int], waiting: Waiting
    ) -> int:
        gone = 0
        for home in self.readings.homes() if self.keep.forgets else ():
            days = days_of(self.keep.terms_of(self.stores.tenants.of(home)))
            if days is not None:
                gone += forget(home, self.clock.now() - days * DAY, waiting)
            if waiting():
                break
        return gone


def sweeper_of(retention: Retention) -> Sweeper:
    """Readings go before alerts: what is in the log could raise these again."""
    sweeps = {
        "notices": retention.forget_notices,
        "changes": retention.forget_changes,
        "readings": retention.forget_readings,
        "hours of readings": retention.forget_hours,
        "alerts": retention.forget_alerts,
        "answers to requests": retention.forget_answers,
    }
    return Sweeper(sweeps)


def _until_none(forget: Callable[[], int], waiting: Waiting) -> int:
    """A part that is smaller than it could be is not known to be the last: it may be of several tables."""
    gone = 0
    while some := forget():
        gone += some
        if waiting():
            break
    return gone
