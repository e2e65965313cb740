"""Which alerts that are due at once make one notice, and in which order they stand in it. Pure.

Alerts of one home for one person are one notice. Where many homes are due for one person, as in a cold night, they are
few notices over all of them. Each alert keeps its own reference and its own link, and its own line in the ledger.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Turn
from sensor_hub.alerts.storm import WINDOW
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.kind import ALARMS, KINDS, Audience, Kind, Urgency
from sensor_hub.model.moment import MINUTE

SLOT = 15 * MINUTE
"""What is not urgent is told at whole quarters of an hour: somebody must act today, not at once, alerts are found at
whole five minutes, and so nobody is interrupted by it more than four times an hour, however many homes there are."""
MOST_APART = 3
"""Homes that are told to one person in notices of their own; more are told together."""
MOST_TOGETHER = 50
"""Alerts in one notice: as many as somebody can go through."""


class Told(NamedTuple):
    """One alert that one person is to be told of now."""

    change: AlertChange
    contact: Contact
    turn: Turn
    is_question: bool = False
    """The resident is asked: nobody else's alert stands in it."""


def gathers_until(change: AlertChange, at: float) -> float:
    """When an alert found at `at` is told. The urgent does not wait.

    A silent gateway waits at least until others that fell silent with it are found: they may be one storm.
    """
    if change.urgency is Urgency.URGENT:
        return at
    least = WINDOW if change.kind is Kind.GATEWAY_SILENT else 0.0
    return (math.floor((at + least) / SLOT) + 1) * SLOT


def worst_first(telling: Told) -> tuple[object, ...]:
    """Urgent and alarms first, people before equipment, then the colder or hotter home, then what lasts longer."""
    change = telling.change
    is_technical = KINDS[change.kind].audience is Audience.TECHNICAL
    return (-change.urgency.rank, change.kind not in ALARMS, is_technical, -_depth(change), change.since, change.id)


def _depth(change: AlertChange) -> float:
    """How far a home is from comfortable (20 °C), where that is what the alert is about."""
    temperature = change.evidence.get("temperature")
    return abs(float(temperature) - 20.0) if isinstance(temperature, int | float) else 0.0


def group(tellings: Iterable[Told]) -> list[Sequence[Told]]:
    """Each list is one notice, the worst first; and the notices, too."""
    by_person: dict[str, list[Told]] = {}
    for telling in sorted(tellings, key=worst_first):
        by_person.setdefault(telling.contact.id, []).append(telling)
    groups = [part for mine in by_person.values() for part in _parts(mine)]
    return sorted(groups, key=lambda part: worst_first(part[0]))


def _parts(mine: Sequence[Told]) -> list[list[Told]]:
    """One person's, the worst first: home by home where these are few."""
    homes = {each.change.home for each in mine if not _stands_alone(each)}
    parts: dict[object, list[Told]] = {}
    for telling in mine:
        parts.setdefault(_key(telling, are_many=len(homes) > MOST_APART), []).append(telling)
    return [
        part[start : start + MOST_TOGETHER] for part in parts.values() for start in range(0, len(part), MOST_TOGETHER)
    ]


def _stands_alone(telling: Told) -> bool:
    """Whether no other home's alert may stand before or behind it."""
    return telling.is_question or telling.change.kind in ALARMS


def _key(telling: Told, *, are_many: bool) -> object:
    """What stands in one notice has the same: a home, or all homes' alerts that are as urgent."""
    if telling.is_question or telling.contact.is_machine or (are_many and _stands_alone(telling)):
        return telling.change.id
    return telling.change.urgency is Urgency.URGENT if are_many else telling.change.home
