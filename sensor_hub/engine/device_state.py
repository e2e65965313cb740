"""What is remembered of a home's devices, as plain values that a snapshot can hold."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class ChannelState:
    """One measured series of a device (its temperature, its humidity) and how far it can be trusted."""

    good_at: float | None = None
    good_value: float = 0.0
    latest_at: float | None = None
    latest_value: float = 0.0
    same_since: float | None = None
    """Since when it has said exactly the latest value."""
    usual_gap: float = 0.0
    """About the longest time between two readings in the last days, in seconds."""
    doubted_since: float | None = None
    doubt: str = ""
    doubted_low: float = 0.0
    doubted_high: float = 0.0
    is_told: bool = False
    """It was told at the last look that it cannot be trusted."""


@dataclass(slots=True)
class DeviceState:
    heard_at: float | None = None
    unheard: float = 0.0
    """Seconds in which it was silent while the home itself was heard."""
    channels: dict[str, ChannelState] = field(default_factory=dict)
    battery: float | None = None
    """The latest, in percent."""
    battery_low_since: float | None = None
    stands_since: float = 0.0
    """Since when it stands in another device's place; 0: it does not."""


@dataclass(slots=True)
class TakenState:
    """A device that was taken away: when, from which room, and what the home had no sensor for even before."""

    at: float
    room: str
    unfitted: list[str] = field(default_factory=list)
    was_damp: bool = False
    """Damp was being told of where it stood: that is not over because nobody measures it."""
    was_felt: list[str] = field(default_factory=list)
    """Cold or heat, where either was being told of as it alone measured it: not over either, for a warmer room."""
