"""Alerts that are not closed, as a notice about several of them tells it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sensor_hub.alerts.notice import URGENCY_WORD
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import Case
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.kind import KINDS, Urgency
from sensor_hub.model.moment import local

UTC = ZoneInfo("UTC")
MOST_LISTED = 20
"""Alerts in one notice; of more, how many more there are."""


@dataclass(frozen=True, slots=True)
class OpenAlert:
    change: AlertChange
    """Describes the alert as it stands."""
    policy: str = ""
    """By which it goes, where that was chosen."""
    taken_by: str = ""
    """Empty: nobody has it."""
    is_exhausted: bool = False
    """Everybody was told, and nobody has it."""


def steps_name(standing: OpenAlert, names: frozenset[str], plan: Plan, zone: ZoneInfo, at: float) -> bool:
    """Whether one of these contacts, teams or rotas stands in any step of the alert's policy."""
    change = standing.change
    case = Case(change.home, zone, KINDS[change.kind].audience, change.urgency, at)
    policy = plan.policy(standing.policy) or plan.policy_for(case)
    return policy is not None and any(not names.isdisjoint(step.to) for step in policy.steps)


def in_order(standings: Sequence[OpenAlert]) -> list[OpenAlert]:
    """As they are to be read: what nobody answered first, then by urgency, what nobody has, and age."""

    def key(standing: OpenAlert) -> tuple[bool, int, bool, float, str]:
        change = standing.change
        return not standing.is_exhausted, -change.urgency.rank, bool(standing.taken_by), change.since, change.id

    return sorted(standings, key=key)


def counted(standings: Sequence[OpenAlert]) -> str:
    """`1 urgent, 2 for today`."""
    words = {Urgency.URGENT: "urgent", Urgency.SOON: "for today", Urgency.NOTICE: "for review"}
    counts = {urgency: sum(each.change.urgency is urgency for each in standings) for urgency in words}
    return ", ".join(f"{counts[urgency]} {word}" for urgency, word in words.items() if counts[urgency])


def listed(standings: Sequence[OpenAlert], zones: Mapping[str, ZoneInfo]) -> list[str]:
    """A block for each, by the home's own clock."""
    shown = in_order(standings)
    more = len(shown) - MOST_LISTED
    some = enumerate(shown[:MOST_LISTED], 1)
    blocks = [f"{number}. {_block(each, zones.get(each.change.home, UTC))}" for number, each in some]
    return [*blocks, f"And {more} more."] if more > 0 else blocks


def _block(standing: OpenAlert, zone: ZoneInfo) -> str:
    change = standing.change
    who = f"{standing.taken_by} has it." if standing.taken_by else "Nobody has it."
    if standing.is_exhausted:
        who = "Everybody was told, and nobody has answered."
    title = KINDS[change.kind].title
    what = f"{URGENCY_WORD[change.urgency]}: {title[:1].lower()}{title[1:]}, {change.home}"
    return f"{what}\nSince {short(change.since, zone)}. {who}\n{change.summary}"


def short(at: float, zone: ZoneInfo) -> str:
    """`05:12 on Mon 5 Jan`."""
    moment = local(at, zone)
    return f"{moment:%H:%M on %a} {moment.day} {moment:%b}"
