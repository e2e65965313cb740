"""Who is on call, calendars and a week, for the tests of the pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import Policy, Step
from sensor_hub.alerts.review import Review, Reviewed, Unseen
from sensor_hub.alerts.rota import Rota, Shift
from sensor_hub.alerts.wall_clock import Hours
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR, MINUTE, parse_moment

AT = parse_moment("2026-01-05T09:40:00Z")


@dataclass
class MemoryCalendars:
    """Nobody follows them."""

    def contact_of(self, secret: str) -> str | None:
        return None

    def renew(self, contact: str) -> str:
        return f"https://hub.test/calendar/{'s3cr3t-' * 6}.ics"


class MemoryReviews:
    """A week with something of everything."""

    def review(self, homes: Collection[str], start: float, end: float) -> Review:
        alerts = [
            Reviewed("a1", "elm-14", Kind.INACTIVITY, Urgency.URGENT, "No movement.", AT - DAY, AT - DAY, Outcome.TRUE),
            Reviewed("d4", "elm-14", Kind.SLEEP_DISTURBANCE, Urgency.NOTICE, "5 risings.", AT - 2 * DAY, AT - 2 * DAY),
        ]
        unseen = [Unseen("birch-7", 6 * HOUR, 0), Unseen("rowan-21", 0, 3 * DAY)]
        alerts = [alert for alert in alerts if alert.home in homes and start <= alert.raised_at < end]
        unseen = [each for each in unseen if each.home in homes]
        exhausted = ["elm-14: No movement"] if "elm-14" in homes else []
        return Review(start, end, len(homes), alerts, 1, exhausted, unseen, 12 * MINUTE)


def duty_plan() -> Plan:
    """Jo has the days, a team of two the nights."""
    people = Contact("jo", "console://", name="Jo Carter"), Contact("ann", "console://"), Contact("sam", "console://")
    shifts = Shift(("jo",), Hours(8 * 60, 20 * 60)), Shift(("nights",), Hours(20 * 60, 8 * 60))
    rota = Rota("care", ZoneInfo("Europe/London"), (shifts,))
    everything = Policy("all", (Step(("care",)),))
    return Plan(people, (everything,), {"nights": ("ann", "sam")}, {"care": rota})
