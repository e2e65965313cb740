"""What people do about alerts and homes, into the chronology: in the transaction that stores it."""

from __future__ import annotations

from typing import NamedTuple

from sensor_hub.access.actor import CONTACT, Actor
from sensor_hub.access.chronology import Act, ChronologyEntry
from sensor_hub.model.consent import Data, scope_names
from sensor_hub.model.moment import iso
from sensor_hub.model.stay import OPEN
from sensor_hub.watch.items import (
    Acknowledge,
    Agree,
    Close,
    EndSilence,
    Erase,
    ForgetOutcomes,
    PassOn,
    Place,
    Replace,
    SetSilence,
    TakeAway,
    TellStay,
    Withdraw,
)
from sensor_hub.watch.items import Act as Item
from sensor_hub.watch.ports import Stores, Taken
from sensor_hub.watch.taking import Taking


class Said(NamedTuple):
    """An act as an entry says it; `by` whom it is said to be of."""

    act: Act
    home: str
    about: str
    detail: str
    by: str


def note_acts(stores: Stores, taking: Taking) -> None:
    """Writes each act that was done since this was last asked."""
    for item, taken in taking.settled:
        if taken is Taken.DONE:
            stores.chronology.write(_entry(stores, item, taking.now))
    taking.settled.clear()


def _entry(stores: Stores, item: Item, at: float) -> ChronologyEntry:
    said = _said(stores, item)
    # Who has not signed in has answered a notice.
    actor = item.actor if item.actor.who else Actor(said.by, CONTACT)
    tenant = stores.tenants.of(said.home) if said.home else None
    # A name that somebody gives is not who they are.
    spoken_for = f"by {said.by}" if said.by not in actor.who else ""
    detail = ", ".join(each for each in (said.detail, spoken_for) if each)
    tenant = tenant or actor.tenant or ""
    return ChronologyEntry(at, tenant, actor.who, actor.role, said.act, said.home, said.about, detail)


def _said(stores: Stores, item: Item) -> Said:
    match item:
        case Acknowledge(alert=alert, by=by):
            return Said(Act.ACKNOWLEDGED, stores.alerts.home_of(alert) or "", alert, "", by)
        case PassOn(alert=alert, by=by):
            return Said(Act.PASSED_ON, stores.alerts.home_of(alert) or "", alert, "", by)
        case Close(alert=alert, closing=closing):
            home = stores.alerts.home_of(alert) or ""
            return Said(Act.CLOSED, home, alert, closing.outcome.value, closing.by)
        case Place(home=home, device=device, room=room, by=by):
            return Said(Act.PLACED, home, device, room.value, by)
        case Replace(home=home, device=device, by_device=by_device, by=by):
            return Said(Act.DEVICE_REPLACED, home, device, f"by {by_device}", by)
        case TakeAway(home=home, device=device, by=by):
            return Said(Act.DEVICE_TAKEN_AWAY, home, device, "", by)
        case ForgetOutcomes(home=home, kind=kind, by=by):
            return Said(Act.OUTCOMES_FORGOTTEN, home, kind.value, "", by)
        case TellStay(home=home, stay=stay, by=by):
            start, end = item.span
            return Said(
                Act.STAY_TOLD,
                home,
                stay.value,
                f"from {iso(start)} until {'it is told' if end == OPEN else iso(end)}",
                by,
            )
        case Agree(home=home, decision=decision, by=by):
            return Said(Act.CONSENT_CHANGED, home, decision.basis.value, _agreed(decision.scope), by)
        case Withdraw(home=home, data=data, by=by):
            return Said(Act.CONSENT_CHANGED, home, "withdrawn", ", ".join(scope_names(data)), by)
        case Erase(home=home, reason=reason, by=by):
            return Said(Act.ERASED, home, "asked for", reason, by)
        case SetSilence(silence=each):
            kinds = ", ".join(sorted(each.kinds)) or "all but alarms"
            detail = f"{each.homes}, {kinds}, from {iso(each.start)} until {iso(each.until)}"
            return Said(Act.SILENCED, "", each.id, detail, each.who)
        case EndSilence(silence=name, by=by):
            return Said(Act.UNSILENCED, "", name, "", by)


def _agreed(scope: frozenset[Data]) -> str:
    return ", ".join(scope_names(scope)) or "nothing"
