"""What whoever takes over is told of: the open alerts that are theirs from now on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.notice import Letterhead, Notice
from sensor_hub.alerts.open_alert import OpenAlert, counted, listed, short
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.rota import Rota
from sensor_hub.alerts.round_notice import all_alerts, round_notice

LISTED = "open at the hand-over"
"""What the alert's history says of it."""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """A contact who is on call from now on, and was not before, in these rotas."""

    contact: Contact
    rotas: tuple[Rota, ...]


def on_call(plan: Plan, at: float) -> dict[str, str | None]:
    """Who is on call in each rota."""
    return {name: rota.on_call(at) for name, rota in plan.rotas.items()}


def take_overs(plan: Plan, before: Mapping[str, str | None], at: float) -> list[TakeOver]:
    """Who took over since it was as `before` says; a rota that is not in it is new, and nobody took it over."""
    newly: dict[str, list[Rota]] = {}
    for name, who in on_call(plan, at).items():
        if name in before and who != before[name]:
            for contact in _people(plan, who):
                if contact not in _people(plan, before[name]):
                    newly.setdefault(contact, []).append(plan.rotas[name])
    return [TakeOver(contact, tuple(newly[contact.id])) for contact in plan.contacts if contact.id in newly]


def handover_notice(
    taker: TakeOver, standings: Sequence[OpenAlert], zones: Mapping[str, ZoneInfo], letterhead: Letterhead, at: float
) -> Notice:
    """Lists what is open, at least one alert; `zones`: the homes' own clocks."""
    contact, rotas = taker.contact, taker.rotas
    count = f"{len(standings)} open alert{'' if len(standings) == 1 else 's'}"
    posts = "; ".join(_post(rota, at) for rota in rotas)
    if contact.detail is Detail.FULL:
        blocks = [
            f"You are on call now: {posts}. These alerts are open:",
            *listed(standings, zones),
            *all_alerts(letterhead, "All alerts, and to take one:"),
        ]
    else:
        blocks = [f"You are on call now. Open: {counted(standings)}.", *all_alerts(letterhead, "Log in for details:")]
    key = f"handover\n{at!r}\n{' '.join(rota.id for rota in rotas)}"
    return round_notice(key, contact, f"Hand-over: {count}", blocks, letterhead)


def _post(rota: Rota, at: float) -> str:
    following = rota.next_handover(at)
    return rota.id if following is None else f"{rota.id}, until {short(following.at, rota.zone)}"


def _people(plan: Plan, who: str | None) -> tuple[str, ...]:
    return () if who is None else plan.teams.get(who, (who,))
