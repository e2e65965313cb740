"""Which policy an alert takes, whom its steps reach, and when they would reach nobody."""

from __future__ import annotations

from dataclasses import replace

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.plan_gaps import gaps
from sensor_hub.alerts.policy import Case, Policy, Step, policies_of
from sensor_hub.alerts.rota import Rota, Shift
from sensor_hub.alerts.wall_clock import HOLIDAY, Holidays, Hours
from sensor_hub.model.home import Home
from sensor_hub.model.kind import Audience, Urgency
from tests.alerts.plans import PEOPLE, hours, plan, rota, steps
from tests.homes import LONDON, moment

CARE, TECHNICAL = frozenset({Audience.CARE}), frozenset({Audience.TECHNICAL})
FLAT, HOUSE = Home("flat-12", "Europe/London"), Home("house-1", "Europe/London")
NIGHTS = rota(("ann", "20:00", "08:00"), ("bea", "08:00", "20:00"), name="nights")


def case(at: str, audience: Audience = Audience.CARE, urgency: Urgency = Urgency.URGENT, home: str = "flat-12") -> Case:
    return Case(home, LONDON, audience, urgency, moment(at))


def chosen(of: Plan, asked: Case) -> str | None:
    policy = of.policy_for(asked)
    return None if policy is None else policy.id


def told(of: Plan, asked: Case) -> list[list[str]]:
    policy = of.policy_for(asked)
    assert policy is not None
    return [[contact.id for contact in of.reached(step.to, asked.at)] for step in policy.steps]


def test_equipment_goes_to_the_technician_and_never_to_the_night_shift() -> None:
    both = plan(
        Policy("equipment", steps("fitter"), audiences=TECHNICAL),
        Policy("care", steps("nights", "office"), audiences=CARE),
        rotas=(NIGHTS,),
    )
    assert told(both, case("2026-01-06 03:00", Audience.TECHNICAL, Urgency.SOON)) == [["fitter"]]
    assert told(both, case("2026-01-06 03:00")) == [["ann"], ["office"]]
    assert told(both, case("2026-01-06 12:00")) == [["bea"], ["office"]]
    assert gaps(both, [FLAT], moment("2026-01-06 03:00")) == []


def test_a_name_that_is_set_no_longer_reaches_everybody_but_no_resident() -> None:
    people = (Contact("ann", "console://"), Contact("mrs-smith", "console://", receives=frozenset(), home="flat-12"))
    assert [each.id for each in Plan(people, policies_of(people)).readers("gone", moment("2026-01-06 12:00"))] == [
        "ann"
    ]


def test_of_a_residents_channel_hear_the_managers_of_their_homes_tenant() -> None:
    resident = Contact("mrs-smith", "console://", receives=frozenset(), home="flat-12")
    whole = Plan((Contact("runner", "console://"), Contact("oli", "console://", tenant="oakshire"), resident), ())
    assert [each.id for each in whole.managers_of("mrs-smith", {"flat-12": "oakshire"}.get)] == ["oli"]
    assert [each.id for each in whole.managers_of("mrs-smith", {}.get)] == ["runner"]
    assert [each.id for each in whole.managers_of("oli", {}.get)] == ["oli"]


def test_the_first_policy_that_takes_an_alert_holds() -> None:
    several = plan(
        Policy("block", steps("ann"), homes=("flat-*",), urgencies=frozenset({Urgency.URGENT})),
        Policy("day", steps("bea"), hours=hours("08:00", "20:00")),
        Policy("rest", steps("cid")),
    )
    assert chosen(several, case("2026-01-06 03:00")) == "block"
    assert chosen(several, case("2026-01-06 12:00", urgency=Urgency.SOON)) == "day"
    assert chosen(several, case("2026-01-06 12:00", home="house-1")) == "day"
    assert chosen(several, case("2026-01-06 20:00", home="house-1")) == "rest"


def test_a_team_is_told_as_one_and_nobody_twice() -> None:
    both = plan(Policy("care", (Step(("duty", "nights", "bea")),)), rotas=(NIGHTS,), duty=("cid", "ann"))
    assert told(both, case("2026-01-06 03:00")) == [["cid", "ann", "bea"]]


def test_without_policies_an_alert_goes_to_all_who_receive_its_sort() -> None:
    contacts = (Contact("care", "console://", receives=CARE), Contact("both", "console://"))
    simple = Plan(contacts, policies_of(contacts))
    assert told(simple, case("2026-01-06 03:00")) == [["care", "both"]]
    assert told(simple, case("2026-01-06 03:00", Audience.TECHNICAL)) == [["both"]]
    assert Plan(contacts[:1], policies_of(contacts[:1])).unheard() == [Audience.TECHNICAL]


def test_a_gap_of_a_rota_is_found_however_short_and_whichever_clock_the_home_goes_by() -> None:
    short = rota(("ann", "08:00", "20:00"), ("bea", "20:05", "08:00"), name="short")
    (gap,) = gaps(plan(Policy("care", steps("short")), rotas=(short,)), [FLAT, HOUSE], moment("2026-01-06 12:00"))
    assert (gap.id, gap.what) == ("policy.gap", "policy 'care' reaches nobody on Tuesday 06 January 2026 at 20:00")
    away = replace(FLAT, timezone="America/New_York")
    (gap,) = gaps(plan(Policy("care", steps("short")), rotas=(short,)), [away], moment("2026-01-06 12:00"))
    assert "at 15:00" in gap.what


def test_a_last_step_that_is_empty_at_some_hour_is_found() -> None:
    days = rota(("ann", "08:00", "20:00"), name="days")
    (gap,) = gaps(plan(Policy("care", steps("bea", "days")), rotas=(days,)), [FLAT], moment("2026-01-06 12:00"))
    assert (gap.id, gap.what[-37:]) == ("policy.last", "nobody on Tuesday 06 January 2026 at 20:00"[-37:])
    assert gaps(plan(Policy("care", steps("days", "bea")), rotas=(days,)), [FLAT], moment("2026-01-06 12:00")) == []


def test_hours_that_no_policy_takes_are_found_and_hours_that_another_takes_are_none() -> None:
    day = Policy("day", steps("days"), hours=hours("08:00", "20:00"))
    days = rota(("ann", "08:00", "20:00"), name="days")
    alone = gaps(plan(day, rotas=(days,)), [FLAT], moment("2026-01-06 12:00"))
    assert {gap.id for gap in alone} == {"policy.none"}
    assert "urgent care alerts of home flat-12 go to nobody on Tuesday 06 January 2026 at 20:00" in alone[0].what
    assert gaps(plan(day, Policy("rest", steps("bea")), rotas=(days,)), [FLAT], moment("2026-01-06 12:00")) == []


def test_a_public_holiday_that_nobody_takes_is_found_from_far_away() -> None:
    workdays = Shift(("ann",), Hours(0, 0))
    feast = Shift(("bea",), Hours(9 * 60, 17 * 60, frozenset({HOLIDAY})))
    of = Rota("days", LONDON, ((workdays, feast),), holidays=Holidays("GB", "ENG"))
    (gap,) = gaps(plan(Policy("care", steps("days")), rotas=(of,)), [FLAT], moment("2026-09-01 12:00"))
    assert gap.what == "policy 'care' reaches nobody on Friday 25 December 2026 at 00:00"


def test_what_no_contact_receives_is_said_once_elsewhere() -> None:
    assert gaps(Plan(PEOPLE, ()), [FLAT], moment("2026-01-06 12:00")) == []
