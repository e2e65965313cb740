from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sensor_hub.alerts.grouping import MOST_APART, MOST_TOGETHER, SLOT, Told, gathers_until, group, worst_first
from sensor_hub.alerts.notice import Turn
from sensor_hub.alerts.storm import WINDOW
from sensor_hub.model.alert import AlertChange, alert_id
from sensor_hub.model.kind import ALARMS, Kind, Urgency
from sensor_hub.model.moment import MINUTE
from tests.alerts.changes import AT, change
from tests.alerts.plans import PEOPLE

FIRST = Turn(1)


def told(change: AlertChange, who: int = 0) -> Told:
    return Told(change, PEOPLE[who], FIRST)


def cold(home: str, temperature: float, urgency: Urgency = Urgency.SOON) -> AlertChange:
    return replace(change(Kind.COLD, urgency, home=home), evidence={"temperature": temperature})


def kinds(part: list[Told] | tuple[Told, ...]) -> list[Kind]:
    return [each.change.kind for each in part]


def test_alerts_of_one_home_are_one_notice_the_worst_first() -> None:
    alerts = [change(Kind.DEVICE_SILENT), change(Kind.COLD), change(Kind.INACTIVITY, Urgency.URGENT)]
    (part,) = group([told(each) for each in alerts])
    assert kinds(list(part)) == [Kind.INACTIVITY, Kind.COLD, Kind.DEVICE_SILENT]


def test_a_machine_gets_each_alert_by_itself() -> None:
    centre = replace(PEOPLE[0], is_machine=True)
    alerts = [change(kind, Urgency.URGENT) for kind in (Kind.SMOKE, Kind.COLD, Kind.INACTIVITY)]
    assert [len(part) for part in group([Told(each, centre, FIRST) for each in alerts])] == [1, 1, 1]


def test_few_homes_have_notices_of_their_own_and_many_share_one() -> None:
    homes = [f"flat-{number}" for number in range(MOST_APART + 1)]
    assert len(group([told(cold(home, 15)) for home in homes[:-1]])) == MOST_APART
    (part,) = group([told(cold(home, 15 - number)) for number, home in enumerate(homes)])
    assert [each.change.home for each in part] == homes[::-1]


def test_an_alarm_never_stands_in_a_notice_about_many_homes() -> None:
    many = [told(cold(f"flat-{number}", 11, Urgency.URGENT)) for number in range(60)]
    parts = group([*many, told(change(Kind.SOS, Urgency.URGENT, home="flat-7"))])
    assert [len(part) for part in parts] == [1, MOST_TOGETHER, 10]
    assert kinds(list(parts[0])) == [Kind.SOS]


def test_what_is_urgent_waits_for_nothing_and_the_rest_for_a_quarter_of_an_hour() -> None:
    quarter = AT - AT % SLOT
    assert gathers_until(change(Kind.INACTIVITY, Urgency.URGENT), AT) == AT
    assert gathers_until(change(Kind.COLD), quarter) == quarter + SLOT
    assert gathers_until(change(Kind.COLD), quarter + SLOT - 1) == quarter + SLOT
    assert gathers_until(change(Kind.GATEWAY_SILENT), quarter + SLOT - MINUTE) == quarter + 2 * SLOT


alerts = st.builds(
    lambda kind, urgency, home, subject, temperature: replace(
        cold(home, temperature, urgency), kind=kind, subject=subject, id=alert_id(home, kind, subject, AT)
    ),
    st.sampled_from(list(Kind)),
    st.sampled_from(list(Urgency)),
    st.sampled_from([f"flat-{number}" for number in range(8)]),
    st.sampled_from(["", "bathroom"]),
    st.floats(5, 25),
)
tellings = st.lists(
    st.builds(lambda each, who, asks: replace_told(each, who, asks), alerts, st.integers(0, 2), st.booleans()),
    max_size=200,
    unique_by=lambda each: (each.change.id, each.contact.id),
)


def replace_told(each: AlertChange, who: int, asks: bool) -> Told:
    return Told(each, PEOPLE[who], FIRST, is_question=asks and each.kind not in ALARMS)


@given(tellings)
def test_no_alert_is_lost_or_told_twice_and_in_every_notice_the_worst_is_first(all_told: list[Told]) -> None:
    parts = group(all_told)
    assert Counter((each.change.id, each.contact.id) for part in parts for each in part) == Counter(
        (each.change.id, each.contact.id) for each in all_told
    )
    for part in parts:
        assert len({each.contact.id for each in part}) == 1
        assert len(part) <= MOST_TOGETHER
        assert list(part) == sorted(part, key=worst_first)
        if any(each.is_question for each in part):
            assert len(part) == 1
        if any(each.change.kind in ALARMS for each in part):
            assert len({each.change.home for each in part}) == 1
    assert [part[0] for part in parts] == sorted((part[0] for part in parts), key=worst_first)


@given(st.floats(0, 1e9), st.sampled_from(list(Kind)), st.sampled_from(list(Urgency)))
def test_nothing_gathers_for_longer_than_a_slot_and_a_storm_needs(at: float, kind: Kind, urgency: Urgency) -> None:
    until = gathers_until(change_of(kind, urgency), at)
    assert at <= until <= at + SLOT + WINDOW
    if urgency is Urgency.URGENT:
        assert until == at
    elif kind is Kind.GATEWAY_SILENT:
        assert until >= at + WINDOW


def change_of(kind: Kind, urgency: Urgency) -> AlertChange:
    return change(kind, urgency)
