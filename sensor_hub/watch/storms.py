"""Looks over all homes for a cause that is the hub's own, after the engine: see `alerts.storm`."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sensor_hub.alerts.storm import LINK_LOST, Outlook, Sky, Storm, Weather, judge_storm
from sensor_hub.model.alert import HUB, AlertChange, AlertState, alert_id
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import iso
from sensor_hub.watch.ports import Stores, Time

log = logging.getLogger(__name__)


class Storms:
    """`is_linked`: whether the hub has its broker now."""

    def __init__(self, homes: int, stores: Stores, time: Time) -> None:
        self.homes = homes
        self.stores = stores
        self.time = time
        self.is_linked: Callable[[], bool] = lambda: True
        self._lost: tuple[float, float] | None = None
        """When the broker was first missed: by the hub's clock, and in real time, which links are timed by."""

    def look(self, now: float) -> AlertChange | None:
        """The change of the alert about many homes that is due at `now`."""
        last = self.stores.wider.last_storm()
        outlook = judge_storm(Sky(self.homes, self.stores.wider.silent(), self._cut_at(now)), last and last[1])
        match outlook.weather:
            case Weather.LINK | Weather.MANY:
                log.error("%s: told as one alert", outlook.weather.value)
                return self._raised(outlook, now, last)
            case Weather.GROWN | Weather.OVER if last is not None:
                state = AlertState.CLEARED if outlook.weather is Weather.OVER else AlertState.UPDATED
                return self._change(outlook, state, now, last[0].number + 1)
            case _:
                return None

    def _cut_at(self, now: float) -> float | None:
        if self.is_linked():
            self._lost = None
            return None
        if self._lost is None:
            self._lost = now, self.time.wall()
        since, wall = self._lost
        return since if self.time.wall() - wall >= LINK_LOST else None

    def _raised(self, outlook: Outlook, now: float, last: tuple[AlertChange, Storm] | None) -> AlertChange:
        """A new alert; or, where one that ended began at the same moment, that one again."""
        is_same = last is not None and last[0].since == outlook.since
        return self._change(outlook, AlertState.RAISED, now, last[0].number + 1 if last and is_same else 1)

    def _change(self, outlook: Outlook, state: AlertState, now: float, number: int) -> AlertChange:
        return AlertChange(
            id=alert_id(HUB, Kind.HOMES_SILENT, "", outlook.since),
            number=number,
            home=HUB,
            kind=Kind.HOMES_SILENT,
            subject="",
            urgency=Urgency.URGENT,
            state=state,
            at=now,
            since=outlook.since,
            summary=self._summary(outlook),
            evidence={"silent_homes": outlook.silent, "homes": self.homes},
        )

    def _summary(self, outlook: Outlook) -> str:
        if outlook.weather is Weather.OVER:
            return f"Most homes are heard again; {outlook.silent} of {self.homes} are still silent."
        if outlook.weather is Weather.LINK:
            return (
                f"The hub has had no connection to its broker since {iso(outlook.since)}: "
                f"none of its {self.homes} homes can be seen."
            )
        return (
            f"{outlook.silent} of {self.homes} homes fell silent within minutes of each other, from "
            f"{iso(outlook.since)} on: nobody sees them. That is one cause, not {outlook.silent}."
        )
