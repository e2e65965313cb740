"""What can be seen of a home, in words."""

from __future__ import annotations

from dataclasses import replace

from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import HOUR
from sensor_hub.web.home_page import coverage_groups
from sensor_hub.web.overview import overview, view_home
from sensor_hub.web.ports import CoverageRow, Handled, HomeRow, Sight
from tests.web.builders import NOW, covers, make_alert, make_home


def _home(*coverage: CoverageRow) -> HomeRow:
    return HomeRow(make_home("oak-2"), list(coverage), NOW, {}, None, [], {})


def test_a_home_is_watched_while_its_weeks_are_still_learned() -> None:
    slow = [CoverageRow(Kind.ACTIVITY_DECLINE, "", sight, "weeks") for sight in (Sight.LEARNING, Sight.BLIND)]
    view = view_home(_home(*covers(), *slow), NOW)
    assert (view.sight, view.gaps) == (Sight.WATCHING, [])
    assert view_home(_home(*covers(Sight.LEARNING, "3 days"), *slow), NOW).sight is Sight.LEARNING


def test_an_urgent_alert_that_nobody_answered_heads_the_list_until_somebody_takes_it() -> None:
    rows = [
        make_alert(name, "oak-2", Kind.INACTIVITY, Urgency.URGENT, NOW - since * HOUR, "No movement.")
        for name, since in (("older", 3), ("younger", 2))
    ]
    rows[1] = replace(rows[1], exhausted_at=NOW - HOUR)
    urgent = overview(rows, [], NOW, is_ready=True).sections[0].alerts
    assert [(alert.row.id, alert.is_exhausted) for alert in urgent] == [("younger", True), ("older", False)]
    rows[1] = replace(rows[1], handled=Handled.ACKNOWLEDGED)
    urgent = overview(rows, [], NOW, is_ready=True).sections[0].alerts
    assert [(alert.row.id, alert.is_exhausted) for alert in urgent] == [("older", False), ("younger", False)]


def test_what_is_watched_for_is_grouped_by_what_is_seen_and_why_the_worst_and_weightiest_first() -> None:
    kitchen = "cannot see there: 0x00158d0001a20003 and 0x00158d0001a200031 not heard"
    row = _home(
        CoverageRow(Kind.DEVICE_SILENT, "", Sight.WATCHING),
        CoverageRow(Kind.SMOKE, "", Sight.WATCHING),
        CoverageRow(Kind.WATER_LEAK, "", Sight.UNFITTED, "no device reports water leak"),
        CoverageRow(Kind.TOILETING_INCREASE, "", Sight.LEARNING, "3 of 14 days seen"),
        CoverageRow(Kind.LOW_INTAKE, "", Sight.BLIND, kitchen),
        CoverageRow(Kind.COLD, "bedroom", Sight.BLIND, "no thermometer heard"),
        CoverageRow(Kind.OVERHEATING, "bedroom", Sight.BLIND, "no thermometer heard"),
        CoverageRow(Kind.INACTIVITY, "", Sight.WATCHING),
        CoverageRow(Kind.SENSOR_FAULT, "0x00158d0001a20001", Sight.WATCHING),
        *(CoverageRow(Kind.BATTERY_LOW, f"0x00158d0001a2000{number}", Sight.WATCHING) for number in range(1, 5)),
    )
    assert [(group.title, [(line.what, line.reason) for line in group.lines]) for group in coverage_groups(row)] == [
        (
            "Cannot see",
            [
                ("Cold home (Bedroom), Hot home (Bedroom)", "no thermometer heard"),
                (
                    "Hot, and fewer kitchen visits",
                    "cannot see there: kitchen movement and 0x00158d0001a200031 not heard",
                ),
            ],
        ),
        ("Still learning", [("More bathroom visits", "3 of 14 days seen")]),
        (
            "Watching",
            [("Smoke, No movement, Silent sensor, Faulty sensor (Living room movement), Low battery (4)", "")],
        ),
        ("Not fitted", [("Water leak", "no device reports water leak")]),
    ]


def test_a_home_that_is_partly_blind_says_what_it_would_miss_and_not_what_it_learns() -> None:
    row = _home(
        CoverageRow(Kind.INACTIVITY, "", Sight.LEARNING, "3 of 7 days seen"),
        CoverageRow(Kind.COLD, "", Sight.BLIND, "no thermometer heard"),
    )
    (gap,) = view_home(row, NOW).gaps
    assert (gap.what, gap.reason) == ("would miss “Cold home”", "no thermometer heard")


def test_what_a_wider_alert_covers_stands_behind_it_until_somebody_takes_it() -> None:
    wider = make_alert("wider", "*", Kind.HOMES_SILENT, Urgency.URGENT, NOW - HOUR, "Many are silent.")
    covered = replace(
        make_alert("covered", "oak-2", Kind.GATEWAY_SILENT, Urgency.SOON, NOW - HOUR, "Silent."), kept_back="covered"
    )
    silenced = replace(covered, id="silenced", kept_back="silenced")
    view = overview([wider, covered, silenced], [], NOW, is_ready=True)
    shown = [alert.row.id for section in view.sections for alert in section.alerts]
    assert (shown, [alert.row.id for alert in view.covered]) == (["wider", "silenced"], ["covered"])
    taken = replace(covered, handled=Handled.ACKNOWLEDGED)
    assert overview([taken], [], NOW, is_ready=True).covered == []
