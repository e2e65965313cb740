from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.routing import Reason, Route, route
from sensor_hub.model.alert import AlertState
from sensor_hub.model.kind import Audience, Kind, Urgency
from tests.alerts.changes import change

CARE = Contact("care", "console://", receives=frozenset({Audience.CARE}))
BOTH = Contact("both", "console://")


def test_a_new_alert_goes_to_those_who_receive_its_sort() -> None:
    fitter = Contact("fitter", "console://", receives=frozenset({Audience.TECHNICAL}))
    assert route(change(Kind.COLD), None, [CARE, fitter, BOTH]) == Route((CARE, BOTH), Reason.RAISED)
    assert route(change(Kind.DEVICE_SILENT), None, [CARE, fitter, BOTH]) == Route((fitter, BOTH), Reason.RAISED)


@pytest.mark.parametrize(
    ("urgency_before", "urgency", "reason"),
    [
        (Urgency.NOTICE, Urgency.SOON, Reason.MORE_URGENT),
        (Urgency.SOON, Urgency.URGENT, Reason.MORE_URGENT),
        (Urgency.SOON, Urgency.SOON, Reason.SAME_URGENCY),
        (Urgency.URGENT, Urgency.SOON, Reason.SAME_URGENCY),
        (Urgency.NOTICE, Urgency.NOTICE, Reason.CAN_WAIT),
    ],
)
def test_an_update_is_told_only_where_it_has_become_more_urgent(
    urgency_before: Urgency, urgency: Urgency, reason: Reason
) -> None:
    updated = replace(change(Kind.COLD), state=AlertState.UPDATED, urgency=urgency)
    assert route(updated, urgency_before, [BOTH]).reason is reason


def test_what_can_wait_and_what_ended_interrupt_nobody() -> None:
    assert route(replace(change(Kind.COLD), urgency=Urgency.NOTICE), None, [BOTH]) == Route((), Reason.CAN_WAIT)
    assert route(replace(change(Kind.COLD), state=AlertState.CLEARED), Urgency.SOON, [BOTH]) == Route((), Reason.ENDED)


def test_that_nobody_receives_it_is_a_reason_of_its_own() -> None:
    assert route(change(Kind.DEVICE_SILENT), None, [CARE]) == Route((), Reason.NOBODY)
