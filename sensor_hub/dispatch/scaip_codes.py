"""The words of SCAIP (SS 91100:2014, CLC/TS 50134-9) for what the hub tells.

As the public implementation scaip-gateway of CARU lists them; the standards themselves were not at hand.
"""

from __future__ import annotations

from typing import NamedTuple

from sensor_hub.model.kind import Kind
from sensor_hub.model.room import Room

MESSAGE, INFORMATION, HEARTBEAT = "ME", "IN", "PI"
CONTROLLER, MONITOR = "0002", "0049"
AUTOMATIC_ALARM, TEST, LOG = "0009", "0102", "0062"


class Code(NamedTuple):
    """The type of device (`dty`) and its state (`stc`)."""

    device: str
    state: str


OTHER = Code(MONITOR, AUTOMATIC_ALARM)
CODES = {
    Kind.INACTIVITY: Code("0010", "0069"),
    Kind.LATE_RISING: Code("0010", "0069"),
    Kind.NIGHT_ACTIVITY: Code("0010", "0119"),
    Kind.DOOR_AT_NIGHT: Code("0015", AUTOMATIC_ALARM),
    Kind.NO_RETURN: Code("0018", "0003"),
    Kind.COLD: Code("0020", "0101"),
    Kind.OVERHEATING: Code("0020", "0100"),
    Kind.DAMP: Code("0020", "0046"),
    Kind.HEATING_OFF: Code("0024", "0042"),
    Kind.SMOKE: Code("0023", AUTOMATIC_ALARM),
    Kind.WATER_LEAK: Code("0033", AUTOMATIC_ALARM),
    Kind.SOS: Code("0003", "0010"),
    Kind.DEVICE_SILENT: Code(MONITOR, "0073"),
    Kind.GATEWAY_SILENT: Code(CONTROLLER, "0073"),
    Kind.SENSOR_FAULT: Code(MONITOR, "0067"),
    Kind.BATTERY_LOW: Code(MONITOR, "0016"),
}
"""Of activity detectors (0010), wandering and occupancy sensors, environmental monitors and so on; else `OTHER`."""
ROOMS = {
    Room.LIVING: "043",
    Room.BEDROOM: "012",
    Room.BATHROOM: "011",
    Room.TOILET: "011",
    Room.KITCHEN: "021",
    Room.HALL: "042",
    Room.ENTRANCE: "039",
    Room.DINING: "013",
    Room.STUDY: "026",
    Room.OUTDOOR: "005",
}
"""Where (`lco`)."""
REFUSED_FOR_EVER = {
    1: "the message is too long",
    2: "the message is not in the right form",
    3: "the centre does not know the unit or what it says",
    7: "something is missing in the message",
}
"""Answers (`snu`) that no repeat changes."""
NOT_NOW = {5: "the centre did not treat the message", 6: "the centre is busy"}
TAKEN, ON_HOLD = 0, 4
