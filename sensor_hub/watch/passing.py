"""Somebody who was told of an alert passes it on: those who follow are told at once."""

from __future__ import annotations

from dataclasses import replace

from sensor_hub.alerts.escalation import Stage
from sensor_hub.alerts.plan import Plan
from sensor_hub.watch.ports import Stores, Taken

ON_ITS_WAY = frozenset({Stage.CHAIN, Stage.OWNER})
"""Stages behind which somebody follows."""


def pass_on(stores: Stores, plan: Plan, alert: str, by: str, at: float) -> Taken:
    """Whose it is may give it back, too; TAKEN where somebody else has it, or nobody follows."""
    escalation, owner = stores.escalations.of(alert), stores.alerts.owner(alert)
    if stores.alerts.home_of(alert) is None:
        return Taken.UNKNOWN
    if owner is None and not stores.escalations.is_open(alert):
        return Taken.TAKEN
    if owner is not None and (plan.person(by) is None or plan.person(by) != plan.person(owner)):
        return Taken.TAKEN
    follows = escalation is not None and escalation.stage in ON_ITS_WAY
    if owner is not None and escalation is not None and escalation.stage is Stage.EXHAUSTED:
        # Taken when everybody had been told, and given back: the fallback hears that nobody has it.
        follows = True
    if owner is None and not follows:
        return Taken.TAKEN
    if owner is not None:
        stores.alerts.lapse(alert, at)
    stores.alerts.note(alert, at, act="passed on", who=by, reason="")
    # Of what is over by now nobody else has to hear.
    if escalation is not None and follows and stores.escalations.is_open(alert):
        stores.escalations.put(replace(escalation, stage=Stage.PASSED, due=at), at)
    return Taken.DONE
