"""How many interruptions a home has in a week, and how the rest is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.alerts.budget import NEVER_LATE, is_over, week_start
from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.digest import digest_notice
from sensor_hub.alerts.notice import Letterhead
from sensor_hub.alerts.open_alert import OpenAlert
from sensor_hub.model.kind import ALARMS, KINDS, Kind, Urgency
from sensor_hub.model.moment import local
from tests.alerts.changes import AT, change
from tests.golden_text import as_read, check_golden
from tests.homes import LONDON, moment

LETTERHEAD = Letterhead("https://hub.example.org")


def test_only_what_can_wait_is_over_a_budget() -> None:
    for kind in set(Kind) - ALARMS:
        assert is_over(replace(change(Kind.COLD), kind=kind), 2, 2) == (kind not in NEVER_LATE)
        assert not is_over(replace(change(Kind.COLD, Urgency.URGENT), kind=kind), 99, 0)
    assert not is_over(change(Kind.COLD), 1, 2)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-01-11"])
def test_a_week_begins_on_monday_by_the_homes_clock(day: str) -> None:
    sunday = moment(f"{day} 23:59")
    monday = week_start(sunday, LONDON)
    assert local(monday, LONDON).strftime("%a %H:%M") == "Mon 00:00"
    assert week_start(monday, LONDON) == monday
    assert week_start(sunday + 60, LONDON) == sunday + 60


@pytest.mark.parametrize("detail", list(Detail))
def test_the_text(detail: Detail) -> None:
    new = [OpenAlert(change(Kind.COLD, home="oak-2")), OpenAlert(change(Kind.DAMP, home="elm-14"), taken_by="Sam")]
    older = [OpenAlert(change(Kind.SENSOR_FAULT, home="fir-3"))]
    zones = dict.fromkeys(("oak-2", "elm-14", "fir-3"), LONDON)
    notice = digest_notice(Contact("ann", "console://", detail), new, older, zones, LETTERHEAD, AT)
    check_golden(f"rounds/digest-{detail}", as_read(notice))
    if detail is Detail.MINIMAL:
        assert not [each for each in (*zones, KINDS[Kind.COLD].title) if each in as_read(notice)]
        assert len(as_read(notice).removeprefix("Subject: ")) <= 160
