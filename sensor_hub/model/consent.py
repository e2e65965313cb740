"""What of a home may be collected: agreed by kind of data, by whom, on which basis, and until when that stands.

A home without a record is watched whole, as it was before there were records; that there is none is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from sensor_hub.model.kind import HOME_KINDS, Kind
from sensor_hub.model.metric import Metric


class Data(StrEnum):
    """A kind of data that a resident agrees to or not."""

    MOVEMENT = "movement"
    DOORS = "doors"
    CLIMATE = "climate"
    ALARMS = "alarms"
    POWER = "power"


DATA_WORDS: Mapping[Data, str] = {
    Data.MOVEMENT: "movement in the rooms, with light and noise, which say the same",
    Data.DOORS: "doors and windows that open and close",
    Data.CLIMATE: "temperature, humidity and air",
    Data.ALARMS: "smoke and water alarms, help buttons",
    Data.POWER: "use of electricity and appliances",
}
"""Each kind, as it is asked."""

DATA_OF: Mapping[Metric, Data | None] = {
    Metric.MOTION: Data.MOVEMENT,
    Metric.PRESENCE: Data.MOVEMENT,
    Metric.VIBRATION: Data.MOVEMENT,
    Metric.ILLUMINANCE: Data.MOVEMENT,
    Metric.NOISE: Data.MOVEMENT,
    Metric.CONTACT: Data.DOORS,
    Metric.TEMPERATURE: Data.CLIMATE,
    Metric.HUMIDITY: Data.CLIMATE,
    Metric.CO2: Data.CLIMATE,
    Metric.SMOKE: Data.ALARMS,
    Metric.WATER_LEAK: Data.ALARMS,
    Metric.SOS: Data.ALARMS,
    Metric.BUTTON: Data.ALARMS,
    Metric.POWER: Data.POWER,
    Metric.BATTERY: None,
    Metric.BATTERY_VOLTAGE: None,
    Metric.LINK_QUALITY: None,
    Metric.ONLINE: None,
}
"""Which kind each metric is of. None: it is about the device alone, and goes with whatever of it was agreed."""

EVERYTHING = frozenset(Data)
EQUIPMENT = frozenset(metric for metric, data in DATA_OF.items() if data is None)

_ROUTINE = frozenset({Data.MOVEMENT, Data.DOORS})
RESTS_ON: Mapping[Kind, frozenset[Data]] = {
    Kind.INACTIVITY: _ROUTINE,
    Kind.LATE_RISING: _ROUTINE,
    Kind.TOILETING_INCREASE: _ROUTINE,
    Kind.TOILETING_DECREASE: _ROUTINE,
    Kind.NIGHT_ACTIVITY: _ROUTINE,
    Kind.SLEEP_DISTURBANCE: _ROUTINE,
    Kind.DOOR_AT_NIGHT: _ROUTINE,
    Kind.NO_RETURN: _ROUTINE,
    Kind.VISIT_MISSED: _ROUTINE,
    Kind.ROUTINE_CHANGE: _ROUTINE,
    Kind.ACTIVITY_DECLINE: _ROUTINE,
    Kind.COLD: frozenset({Data.CLIMATE}),
    Kind.OVERHEATING: frozenset({Data.CLIMATE}),
    Kind.HEATING_OFF: frozenset({Data.CLIMATE}),
    Kind.DAMP: frozenset({Data.CLIMATE}),
    Kind.LOW_INTAKE: frozenset({Data.CLIMATE, Data.MOVEMENT, Data.DOORS}),
    Kind.SMOKE: frozenset({Data.ALARMS}),
    Kind.WATER_LEAK: frozenset({Data.ALARMS}),
    Kind.SOS: frozenset({Data.ALARMS}),
}
"""Which kinds of data can show a kind of deviation. Those about the equipment rest on none."""


REVIEW_AFTER = timedelta(days=365)
"""A decision is looked at again after a year at the latest, as the needs of who lives there change."""


class Basis(StrEnum):
    """Why it may be collected: a lawful basis under the UK GDPR, in the words of care in England and Wales."""

    CONSENT = "consent"
    ATTORNEY = "attorney"
    BEST_INTERESTS = "best_interests"
    CONTRACT = "contract"
    CARE_ACT = "care_act"


BASIS_WORDS: Mapping[Basis, str] = {
    Basis.CONSENT: "the resident’s own informed consent",
    Basis.ATTORNEY: "an attorney or deputy for health and welfare",
    Basis.BEST_INTERESTS: "a best interests decision (Mental Capacity Act 2005, section 4)",
    Basis.CONTRACT: "a contract with the resident",
    Basis.CARE_ACT: "a duty of the council under the Care Act 2014",
}


@dataclass(frozen=True, slots=True)
class Told:
    """Who decided something, when, and what there is to say of it."""

    decided_by: str
    on: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided for a home's resident. An empty `scope`: it was withdrawn, or nothing was agreed."""

    basis: Basis
    scope: frozenset[Data]
    decided_by: str
    """Who decided, and as what: `Mrs Okafor herself`, `J. Reed, social worker`."""
    decided_on: date
    review_on: date
    note: str = ""

    def is_review_due(self, today: date) -> bool:
        """Whether somebody must look whether it still stands. What was wholly withdrawn needs no review."""
        return bool(self.scope) and self.review_on <= today


@dataclass(frozen=True, slots=True)
class Agreed:
    """A decision as it was written down, at a moment, by somebody."""

    decision: Decision
    at: float
    by: str
    version: int = field(default=0, compare=False)
    """Higher with each decision about any home; 0: not kept yet."""


UNRECORDED = EVERYTHING
"""What is collected of a home without a record: all of it, as before there were records."""


def scope_of(agreed: Agreed | None) -> frozenset[Data]:
    """What may be collected of a home with this as its last decision."""
    return UNRECORDED if agreed is None else agreed.decision.scope


def withdrawn(agreed: Agreed | None, data: Collection[Data], told: Told) -> Decision:
    """The decision by which these kinds of data are no longer agreed; nothing else about it changes."""
    before = None if agreed is None else agreed.decision
    return Decision(
        basis=Basis.CONSENT if before is None else before.basis,
        scope=scope_of(agreed) - frozenset(data),
        decided_by=told.decided_by,
        decided_on=told.on,
        review_on=told.on + REVIEW_AFTER if before is None else before.review_on,
        note=told.note,
    )


def agreed_metrics(scope: Collection[Data]) -> frozenset[Metric]:
    """The metrics that a gateway may send. With nothing agreed only that the gateway is there."""
    if not scope:
        return frozenset({Metric.ONLINE})
    return EQUIPMENT | {metric for metric, data in DATA_OF.items() if data in scope}


def declined_metrics(scope: Collection[Data]) -> frozenset[Metric]:
    """The metrics that must not be kept."""
    return frozenset(Metric) - agreed_metrics(scope)


def of_device(measures: frozenset[Metric], declined: Collection[Metric]) -> frozenset[Metric]:
    """What of a device's metrics is used. Of one that has nothing agreed to measure also its battery is not."""
    left = measures - frozenset(declined)
    return left if left - EQUIPMENT or Metric.ONLINE in left or measures <= EQUIPMENT else frozenset()


def scope_names(scope: Iterable[Data]) -> list[str]:
    """As it is written down: in the order of `Data`."""
    wanted = set(scope)
    return [data.value for data in Data if data in wanted]


def parse_scope(names: object) -> frozenset[Data]:
    """The scope that is written so; ValueError names what is no kind of data."""
    if not isinstance(names, list | tuple | set | frozenset):
        raise ValueError(f"a list of {', '.join(Data)}")
    unknown = [name for name in names if name not in set(Data)]
    if unknown:
        raise ValueError(f"{str(unknown[0])!r:.40} is none of {', '.join(Data)}")
    return frozenset(Data(str(name)) for name in names)


def not_agreed_words(kind: Kind, declined: Collection[Data]) -> str:
    """Why a kind is not watched: `movement and doors not agreed`; empty where all that it rests on is agreed."""
    missing = [data.value for data in Data if data in declined and data in RESTS_ON.get(kind, frozenset())]
    return f"{' and '.join(missing)} not agreed" if missing else ""


assert set(DATA_OF) == set(Metric)
assert {kind for kind in HOME_KINDS if kind not in RESTS_ON} == {
    Kind.DEVICE_SILENT,
    Kind.GATEWAY_SILENT,
    Kind.SENSOR_FAULT,
    Kind.BATTERY_LOW,
}
