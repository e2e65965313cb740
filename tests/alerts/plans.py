"""Plans, made in one line."""

from __future__ import annotations

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import Policy, Step
from sensor_hub.alerts.rota import Rota, Shift
from sensor_hub.alerts.wall_clock import EVERY_DAY, Hours
from sensor_hub.model.moment import MINUTE
from tests.homes import LONDON

PEOPLE = tuple(Contact(name, "console://") for name in ("ann", "bea", "cid", "fitter", "office"))


def minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def hours(start: str, end: str, days: frozenset[int] = EVERY_DAY) -> Hours:
    return Hours(minutes(start), minutes(end), days)


def rota(*shifts: tuple[str, str, str], name: str = "rota") -> Rota:
    """Of (who, from, to) on every day."""
    return Rota(name, LONDON, (tuple(Shift((who,), hours(start, end)) for who, start, end in shifts),))


def steps(*to: str, wait: float = 10 * MINUTE) -> tuple[Step, ...]:
    return tuple(Step((name,), wait) for name in to)


def plan(*policies: Policy, rotas: tuple[Rota, ...] = (), **teams: tuple[str, ...]) -> Plan:
    return Plan(PEOPLE, policies, teams, {each.id: each for each in rotas})
