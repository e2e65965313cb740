"""From what the engine finds at each tick to the changes of alerts.

Deviations of one kind about one subject form an episode; an episode has at most one alert.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sensor_hub.model.alert import AlertChange, AlertState, alert_id
from sensor_hub.model.finding import Blind, Deviation, Finding, NotAgreed, Unfitted
from sensor_hub.model.kind import ALARMS, Kind, Urgency

MOST_OVER = 32
"""Episodes that are over and remembered, those raised last: one that begins again goes on counting its changes."""

OF_DEVICES = frozenset({Kind.DEVICE_SILENT, Kind.BATTERY_LOW, Kind.SENSOR_FAULT})
"""Kinds about a device itself."""


@dataclass(slots=True)
class Episode:
    """One alert as it stands: what was said of it last, and how many changes there were."""

    id: str
    kind: Kind
    subject: str
    since: float
    urgency: Urgency
    number: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What an alert was about, for the time when people say what it was."""

    kind: Kind
    since: float


REMEMBERED = 32
"""Alerts whose kind is remembered: an outcome may come weeks later."""


@dataclass(slots=True)
class Episodes:
    """The last episode of each kind and subject of one home."""

    home: str
    episodes: dict[str, Episode] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    """By alert, the last ones raised."""

    def settle(self, findings: Iterable[Finding], at: float) -> list[AlertChange]:
        """The changes that these findings make at the tick `at`, ordered by kind and subject.

        A deviation opens or raises an alert; calm (nothing found) clears it; one that cannot tell leaves it as it is.
        """
        standing = {key for key, episode in self.episodes.items() if episode.is_open}
        # What cannot tell concerns only what stands.
        found = {_key(finding): finding for finding in findings if standing or isinstance(finding, Deviation)}
        changes = []
        for key in sorted(standing.union(key for key, finding in found.items() if isinstance(finding, Deviation))):
            finding, episode = found.get(key), self.episodes.get(key)
            if isinstance(finding, Deviation):
                if episode is None or not episode.is_open:
                    changes.append(self._raise(key, finding, at))
                elif finding.urgency.rank > episode.urgency.rank:
                    changes.append(self._update(episode, finding, at))
            elif isinstance(finding, NotAgreed | Unfitted | None) and episode is not None and episode.is_open:
                changes.append(self._clear(episode, at))
        return changes

    def now(self, findings: Iterable[Finding]) -> list[tuple[str, str]]:
        """Each alert that stands, by id, and how it is by these findings; it was told as it was then."""
        standing = {key: episode.id for key, episode in self.episodes.items() if episode.is_open}
        if not standing:
            return []
        now: dict[str, str] = {}
        for finding in findings:
            alert = standing.get(_key(finding))
            if alert is not None and isinstance(finding, Deviation):
                now[alert] = finding.summary
            elif alert is not None and isinstance(finding, Blind):
                now.setdefault(alert, f"It cannot be told how it is: {finding.reason}.")
        return sorted(now.items())

    def raise_now(self, finding: Deviation, at: float) -> list[AlertChange]:
        """An alarm, which does not wait for a tick: raised at `at`. One that began after an open one is a new alert."""
        key = _key(finding)
        episode = self.episodes.get(key)
        if episode is None or not episode.is_open:
            return [self._raise(key, finding, at)]
        if finding.since <= episode.since:
            return []
        return [self._clear(episode, at), self._raise(key, finding, at)]

    def about(self, alert: str) -> Episode | None:
        """The last episode of its kind and subject that has this alert."""
        return next((episode for episode in self.episodes.values() if episode.id == alert), None)

    def end_of_device(self, device: str, why: str, at: float) -> list[AlertChange]:
        """The device is gone: what stands about it as equipment is over."""
        keys = [f"{kind}/{device}" for kind in OF_DEVICES]
        found = [self.episodes[key] for key in sorted(keys) if key in self.episodes]
        return [self._clear(episode, at, why) for episode in found if episode.is_open]

    def hand_over(self, old: str, new: str) -> None:
        """Another device measures now what a standing alert is about: it goes on, under the id that it has."""
        for key, episode in list(self.episodes.items()):
            kind, _, subject = key.partition("/")
            following = self.episodes.get(f"{kind}/{new}")
            is_free = following is None or not following.is_open
            if subject == old and episode.is_open and is_free and kind not in OF_DEVICES and kind not in ALARMS:
                del self.episodes[key]
                self.episodes[f"{kind}/{new}"] = episode

    def open(self) -> list[Episode]:
        return [episode for _, episode in sorted(self.episodes.items()) if episode.is_open]

    def _raise(self, key: str, finding: Deviation, at: float) -> AlertChange:
        id_ = alert_id(self.home, finding.kind, finding.subject, finding.since)
        last = self.episodes.get(key)
        number = last.number + 1 if last is not None and last.id == id_ else 1
        episode = Episode(id_, finding.kind, finding.subject, finding.since, finding.urgency, number, is_open=True)
        self.episodes.pop(key, None)
        self.episodes[key] = episode
        self._forget()
        self.told.pop(id_, None)
        self.told[id_] = Told(finding.kind, finding.since)
        if len(self.told) > REMEMBERED:
            del self.told[next(iter(self.told))]
        return self._change(episode, AlertState.RAISED, finding, at)

    def _forget(self) -> None:
        """Forgets episodes that are over, but the last of them."""
        over = [key for key, episode in self.episodes.items() if not episode.is_open]
        for key in over[:-MOST_OVER]:
            del self.episodes[key]

    def _update(self, episode: Episode, finding: Deviation, at: float) -> AlertChange:
        episode.urgency = finding.urgency
        episode.number += 1
        return self._change(episode, AlertState.UPDATED, finding, at)

    def _clear(self, episode: Episode, at: float, summary: str = "The condition has ended.") -> AlertChange:
        episode.is_open = False
        episode.number += 1
        ended = Deviation(episode.kind, episode.subject, episode.urgency, episode.since, summary)
        return self._change(episode, AlertState.CLEARED, ended, at)

    def _change(self, episode: Episode, state: AlertState, finding: Deviation, at: float) -> AlertChange:
        return AlertChange(
            id=episode.id,
            number=episode.number,
            home=self.home,
            kind=episode.kind,
            subject=episode.subject,
            urgency=episode.urgency,
            state=state,
            at=at,
            since=episode.since,
            summary=finding.summary,
            evidence=finding.evidence,
        )


def _key(finding: Finding) -> str:
    return finding.kind + "/" + finding.subject
