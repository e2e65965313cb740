"""The part of `hub.toml` that says what is told at set times: `[review]` and `[budget]`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sensor_hub.alerts.budget import PAGES_PER_HOME_WEEK
from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.round_plan import AFTERNOON, MORNING, RoundPlan, Times
from sensor_hub.model.kind import Audience
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table
from sensor_hub.model.visit import DAYS, minute_of

MOST_PAGES = 100
"""So many that nothing is ever over it."""


def read_rounds(table: Table, contacts: Sequence[Contact], teams: Mapping[str, tuple[str, ...]]) -> RoundPlan:
    """As the whole of `hub.toml` (`table`) says; InputError names what is wrong."""
    review = table.table("review") or Table({}, f"{table.where}, [review]")
    day = DAYS.index(review.choice("day", tuple(DAYS), "mon"))
    times = Times(_minute(review, "at", MORNING), frozenset({day}), _zone(review))
    care = [contact.id for contact in contacts if Audience.CARE in contact.receives and not contact.home]
    reviewers = _readers(review, [*(contact.id for contact in contacts), *teams], tuple(teams) or tuple(care))
    review.done()
    budget = table.table("budget") or Table({}, f"{table.where}, [budget]")
    pages = budget.whole("pages_per_home_week", PAGES_PER_HOME_WEEK, low=0, high=MOST_PAGES)
    digest = Times(_minute(budget, "digest_at", AFTERNOON), zone=_zone(budget))
    budget.done()
    return RoundPlan(times, reviewers, pages, digest)


def _minute(table: Table, key: str, default: int) -> int:
    if key in table:
        return minute_of(table, key)
    table.get(key)
    return default


def _zone(table: Table) -> ZoneInfo | None:
    name = table.text("timezone", " ").strip()
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise table.wrong("timezone", "a name like Europe/London") from error


def _readers(table: Table, known: Collection[str], default: tuple[str, ...]) -> tuple[str, ...]:
    if table.get("to") == []:
        return ()
    names = table.texts("to", default)
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        expected = f"of {', '.join(known) or 'the contacts, none yet'}"
        raise InputError(f"{unknown!r} is not known", where=f"{table.where}, to", expected=expected)
    return names
