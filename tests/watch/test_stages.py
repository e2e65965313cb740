"""What keeps an alert back, and what lets it go: through the worker and its stores, each decision with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.alerts.policy import policies_of
from sensor_hub.alerts.silence import Silence
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import HOUR
from sensor_hub.watch.items import Acknowledge, Close, EndSilence, SetSilence
from sensor_hub.watch.ports import Closing, Taken
from tests.alerts.storms import PLAN, Night, T, cleared, homes, raised
from tests.homes import moment

HOME = "flat-0"
SILENCE = Silence("s1", "flat-*", T, T + 2 * HOUR, "Ann", "the heating is being renewed", frozenset({Kind.COLD}))
COLD = raised(HOME, Kind.COLD, temperature=15)
GATEWAY = raised(HOME, Kind.GATEWAY_SILENT, subject="gateway")
DEVICE = raised(HOME, Kind.DEVICE_SILENT, subject="0x01")


@pytest.fixture
def night(where: Path | str) -> Iterator[Night]:
    night = Night(where, homes(3))
    yield night
    night.stores.database.close()


def reasons(night: Night, alert: str) -> list[str]:
    return [reason for _, _, reason, _ in night.stores.registry.decisions(alert)]


def test_alerts_of_one_home_are_one_notice_and_each_is_taken_for_itself(night: Night) -> None:
    damp = raised(HOME, Kind.DAMP, subject="bathroom")
    night.find(COLD, damp)
    night.pass_(15)
    (notice,) = night.told("carers")
    assert notice.title.startswith("Today: Cold home, flat-0 and 1 more (ref ")
    assert len(night.references("carers")) == 2
    assert [row.state for row in night.stores.registry.notices(damp.id)] == ["delivered"]
    night.take(Acknowledge(COLD.id, "ann"))
    night.pass_(8 * 60)
    # Nobody has taken the other one: who follows is told of it alone.
    (notice,) = night.told("office")
    assert notice.title.startswith("Today: Damp, flat-0" if "Damp" in notice.title else "Today: Home condition")
    assert " more " not in notice.title


def test_a_silent_gateway_covers_its_devices_until_it_is_heard_again(night: Night) -> None:
    night.find(GATEWAY, DEVICE)
    night.pass_(30)
    (notice,) = night.told("fitter")
    assert night.history(DEVICE)[-1] == ("covered", GATEWAY.id, "a wider alert covers it")
    night.find(cleared(GATEWAY, night.time.at))
    night.pass_(5)
    assert night.told("fitter") == [notice]
    night.pass_(5)
    assert len(night.told("fitter")) == 2
    assert reasons(night, DEVICE.id)[-1] == "the wider alert is over, and this one still holds"
    assert "It was covered by a wider alert" in night.told("fitter")[1].body


def test_what_ends_while_it_is_covered_is_told_to_nobody(night: Night) -> None:
    night.find(GATEWAY, DEVICE)
    night.pass_(30)
    night.find(cleared(DEVICE, night.time.at))
    night.find(cleared(GATEWAY, night.time.at))
    night.pass_(30)
    assert len(night.told("fitter")) == 1
    assert reasons(night, DEVICE.id)[-1] == "the condition ended before anybody was told"


def test_a_cause_that_a_person_has_closed_covers_nothing_any_more(night: Night) -> None:
    night.find(GATEWAY, DEVICE)
    night.pass_(30)
    night.take(Close(GATEWAY.id, Closing("fitter", Outcome.FALSE)))
    night.deliver()
    assert len(night.told("fitter")) == 2


def test_no_equipment_covers_a_person(night: Night) -> None:
    night.find(GATEWAY, raised(HOME, Kind.INACTIVITY, urgency=Urgency.URGENT))
    assert len(night.told("carers")) == 1


def test_a_silence_holds_back_what_it_is_about_and_tells_what_still_holds_when_it_ends(night: Night) -> None:
    ended, other = raised("flat-1", Kind.COLD, temperature=14), raised(HOME, Kind.DAMP, subject="bathroom")
    night.take(SetSilence(SILENCE))
    night.find(COLD, ended, other)
    night.pass_(60)
    assert [notice.title.partition(" (")[0] for notice in night.told("carers")] == ["Today: Damp, flat-0"]
    assert reasons(night, COLD.id)[-1] == "somebody asked for silence (Ann: the heating is being renewed)"
    night.find(cleared(ended, night.time.at))
    night.pass_(65)
    assert [notice.title.partition(" (")[0] for notice in night.told("carers")][1:] == ["Today: Cold home, flat-0"]
    assert reasons(night, COLD.id)[-1] == "the silence is over, and the alert still holds"
    silence = night.stores.silences.get("s1")
    assert silence is not None
    assert (silence.ended_at, silence.ended_by) == (SILENCE.until, "")
    assert set(night.stores.silences.held_back("s1")) == {COLD.id, ended.id}


def test_a_silence_that_somebody_ends_is_over_at_once(night: Night) -> None:
    night.take(SetSilence(SILENCE))
    night.find(COLD)
    night.pass_(30)
    asked = EndSilence("s1", "Bea"), EndSilence("s1", "Cid"), EndSilence("none", "Cid")
    night.take(*asked)
    night.deliver()
    assert len(night.told("carers")) == 1
    assert [each.done.result(0) for each in asked] == [Taken.DONE, Taken.TAKEN, Taken.UNKNOWN]


def test_a_silence_of_everything_lets_alarms_through(night: Night) -> None:
    night.take(SetSilence(replace(SILENCE, homes="*", kinds=frozenset())))
    night.find(*(raised(HOME, kind, urgency=Urgency.URGENT) for kind in (Kind.SMOKE, Kind.SOS, Kind.INACTIVITY)))
    (notice,) = night.told("carers")
    assert notice.title.startswith("URGENT: Smoke, flat-0 and 1 more")


def test_an_alert_that_is_being_told_is_silenced_from_its_next_step_on(night: Night) -> None:
    night.find(raised(HOME, Kind.INACTIVITY, urgency=Urgency.URGENT))
    night.take(SetSilence(replace(SILENCE, kinds=frozenset({Kind.INACTIVITY}))))
    night.pass_(60)
    assert night.told("office") == []
    night.pass_(65)
    assert len(night.told("office")) == 1


def test_quiet_hours_hold_back_what_is_not_urgent_until_they_are_over_and_what_ended_for_ever(
    where: Path | str,
) -> None:
    alone = replace(PLAN, policies=(replace(PLAN.policies[0], steps=PLAN.policies[0].steps[1:]),))
    night = Night(where, homes(2), alone, at=moment("2026-03-28 23:00"))
    ended = raised("flat-1", Kind.COLD, at=night.time.at, temperature=14)
    holds = raised(HOME, Kind.COLD, at=night.time.at, temperature=15)
    night.find(holds, ended)
    night.pass_(6 * 60)
    assert reasons(night, holds.id)[-1] == "not urgent, and all who would be told have quiet hours (office)"
    night.find(cleared(ended, night.time.at))
    # It is the night in which the clock goes forward: seven in the morning comes an hour earlier.
    night.pass_(55)
    assert night.told("office") == []
    night.pass_(5)
    assert (night.time.at, len(night.told("office"))) == (moment("2026-03-29 07:00"), 1)
    assert reasons(night, holds.id)[-1] == "the quiet hours are over, and the alert still holds"
    assert reasons(night, ended.id)[-1] == "the condition ended before anybody was told"
    night.find(raised(HOME, Kind.INACTIVITY, at=night.time.at, urgency=Urgency.URGENT))
    night.stores.database.close()


def test_of_a_step_those_are_told_now_who_are_awake_and_the_others_in_the_morning(where: Path | str) -> None:
    both = replace(PLAN.policies[0], steps=(replace(PLAN.policies[0].steps[0], to=("carers", "office")),))
    night = Night(where, homes(2), replace(PLAN, policies=(both,)))
    taken = raised("flat-1", Kind.COLD, temperature=14)
    night.find(COLD, taken)
    night.pass_(60)
    assert (len(night.references("carers")), night.told("office")) == (2, [])
    night.take(Acknowledge(taken.id, "carers"))
    night.pass_(6 * 60)
    assert len(night.references("office")) == 1
    assert night.history(COLD)[-1] == ("told", "office", "the quiet hours are over, and the alert still holds")
    assert night.history(taken)[-1][0] == "told"
    assert night.history(taken)[-1][2] == "somebody has taken the alert"
    night.stores.database.close()


def test_what_was_open_before_steps_were_counted_goes_on_with_its_first_one(night: Night) -> None:
    night.find(raised(HOME, Kind.INACTIVITY, urgency=Urgency.URGENT))
    night.stores.database.connection.exec_driver_sql("DELETE FROM escalation")
    night.pass_(30)
    assert night.told("office") == []
    night.crash()
    night.worker.open()
    night.pass_(20)
    assert len(night.told("office")) == 1


def test_a_hub_that_stops_anywhere_keeps_nothing_back_for_ever_and_tells_nothing_twice(night: Night) -> None:
    night.take(SetSilence(SILENCE))
    night.find(raised("flat-1", Kind.COLD, temperature=14), GATEWAY, DEVICE)
    for minutes in range(0, 8 * 60, 5):
        night.crash()
        night.worker.open()
        night.pass_(5)
        if minutes == 60:
            night.find(cleared(GATEWAY, night.time.at))
    assert len(night.told("carers")) == 1
    assert len(night.told("fitter")) == 2
    references = [notice.reference for notice in night.sent]
    assert len(references) == len(set(references))


def test_a_hub_without_its_broker_says_so_after_five_minutes_and_once(night: Night) -> None:
    is_linked = True
    night.worker.tell_link(lambda: is_linked)
    night.pass_(10)
    is_linked = False
    night.pass_(5)
    assert night.sent == []
    night.pass_(10)
    (notice,) = night.told("fitter")
    night.find(*(raised(f"flat-{number}", Kind.GATEWAY_SILENT, at=night.time.at) for number in range(3)))
    night.pass_(60)
    assert night.told("fitter") == [notice]
    is_linked = True
    night.pass_(20)
    assert len(night.told("fitter")) == 4
    row = next(row for row in night.stores.registry.closed_alerts(9, None) if row.kind == Kind.HOMES_SILENT)
    assert row.cleared_ms is not None


def test_without_a_policy_it_is_said_that_nobody_set_one(where: Path | str, caplog: pytest.LogCaptureFixture) -> None:
    contacts = (replace(PLAN.contacts[0]),)
    night = Night(where, homes(1), replace(PLAN, contacts=contacts, policies=policies_of(contacts)))
    fall = raised(HOME, Kind.INACTIVITY, urgency=Urgency.URGENT)
    night.find(fall)
    night.pass_(15, step=1)
    assert reasons(night, fall.id)[-1] == "nobody answered, and no policy says who follows"
    assert [record.levelname for record in caplog.records if fall.id in record.message] == ["WARNING"]
    night.stores.database.close()
