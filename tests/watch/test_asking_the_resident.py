"""A step that asks the resident before anybody is told: what answers it, and what happens where nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.policy import Step
from sensor_hub.model.alert import AlertChange, Outcome
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.watch.items import Close, PassOn
from sensor_hub.watch.ports import Closing
from tests.alerts.storms import PLAN, Night, homes, raised

HOME = "flat-0"
ASK = Step((), 10 * MINUTE, asks_resident=True)
MRS_ASH = Contact("mrs-ash", "console://", receives=frozenset(), home=HOME)
CARE = replace(PLAN.policies[0], steps=(ASK, *PLAN.policies[0].steps))
ASKING = replace(PLAN, contacts=(*PLAN.contacts, MRS_ASH), policies=(CARE, PLAN.policies[1]))
FALL = raised(HOME, Kind.INACTIVITY, urgency=Urgency.URGENT)

NOT_ASKED = ((HOME, Kind.SOS), ("flat-1", Kind.INACTIVITY))


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    night = Night(tmp_path, homes(2), ASKING)
    yield night
    night.stores.database.close()


def asked(night: Night, change: AlertChange = FALL) -> None:
    night.find(change)
    assert [notice.title.partition(" (")[0] for notice in night.told("mrs-ash")] == ["Are you all right?"]
    assert night.told("carers") == []


def heard(night: Night, metric: Metric, value: float | str = 1.0) -> None:
    night.take(night.batch([Reading(night.time.at, "0x01", metric, value)]))


def reasons(night: Night, change: AlertChange = FALL) -> list[str]:
    return [reason for _, _, reason in night.history(change)]


def test_without_an_answer_the_next_step_is_told_in_time(night: Night) -> None:
    asked(night)
    night.pass_(9, step=1)
    assert night.told("carers") == []
    night.pass_(1, step=1)
    assert len(night.told("carers")) == 1
    assert reasons(night) == ["the resident is asked first", "nobody answered in time"]


def test_who_says_that_all_is_well_ends_it(night: Night) -> None:
    asked(night)
    night.take(Close(FALL.id, Closing("mrs-ash (by link)", Outcome.UNKNOWN, "nobody has to come")))
    night.pass_(120)
    assert night.told("carers") == night.told("office") == []


def test_who_wants_somebody_does_not_wait(night: Night) -> None:
    asked(night)
    night.take(PassOn(FALL.id, "mrs-ash (by link)"))
    night.deliver()
    assert len(night.told("carers")) == 1


def test_a_button_in_the_home_is_an_answer(night: Night) -> None:
    asked(night)
    night.pass_(5)
    heard(night, Metric.BUTTON, "single")
    night.pass_(120)
    assert night.told("carers") == []
    row = night.stores.registry.alert(FALL.id)
    assert row is not None
    assert (row.handled, row.closed_by, row.outcome) == ("closed", "a button in the home", "unknown")


def test_movement_gives_the_engine_time_to_end_it_and_no_more(night: Night) -> None:
    asked(night)
    night.pass_(5)
    heard(night, Metric.MOTION)
    night.pass_(10)
    assert night.told("carers") == []
    assert "something moved" in reasons(night)[-1]
    night.pass_(5)
    assert len(night.told("carers")) == 1


@pytest.mark.parametrize(("metric", "value"), [(Metric.BUTTON, "emergency"), (Metric.MOTION, 0.0)])
def test_a_call_for_help_and_what_clears_are_no_answer(night: Night, metric: Metric, value: float | str) -> None:
    asked(night)
    night.pass_(5)
    heard(night, metric, value)
    night.pass_(5)
    assert len([each for each in night.told("carers") if "No movement" in each.title]) == 1


def test_movement_warms_no_cold_home(night: Night) -> None:
    cold = raised(HOME, Kind.COLD, urgency=Urgency.URGENT, temperature=8)
    asked(night, cold)
    night.pass_(5)
    heard(night, Metric.MOTION)
    night.pass_(5)
    assert len(night.told("carers")) == 1


def test_nobody_is_asked_about_an_alarm_nor_in_a_home_without_such_a_resident(night: Night) -> None:
    night.find(*(raised(home, kind, urgency=Urgency.URGENT) for home, kind in NOT_ASKED))
    assert night.told("mrs-ash") == []
    assert len(night.told("carers")) == 2
