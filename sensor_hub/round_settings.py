"""The part of `hub.toml` that says what is told at set times: `[review]`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.round_plan import MORNING, RoundPlan, Times
from sensor_hub.model.kind import Audience
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table
from sensor_hub.model.visit import DAYS, minute_of


def read_rounds(table: Table, contacts: Sequence[Contact], teams: Mapping[str, tuple[str, ...]]) -> RoundPlan:
    """As the whole of `hub.toml` (`table`) says; InputError names what is wrong."""
    review = table.table("review") or Table({}, f"{table.where}, [review]")
    day = DAYS.index(review.choice("day", tuple(DAYS), "mon"))
    minute = minute_of(review, "at") if "at" in review else MORNING
    review.get("at")
    times = Times(minute, frozenset({day}), _zone(review))
    care = [contact.id for contact in contacts if Audience.CARE in contact.receives]
    reviewers = _readers(review, [*(contact.id for contact in contacts), *teams], tuple(teams) or tuple(care))
    review.done()
    return RoundPlan(times, reviewers)


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
