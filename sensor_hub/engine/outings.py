"""Silences that begin at an outside door: how likely the resident is out, and for how long outings last."""

from __future__ import annotations

import math

from sensor_hub.engine.state import OutingState
from sensor_hub.model.moment import HOUR, MINUTE

AT_THE_DOOR = 3 * MINUTE
"""A door that moved no longer than this before the last movement inside, or after it, may have been a going out."""
LONG_ENOUGH = 30 * MINUTE
"""Shorter silences say nothing about going out."""
PRIOR_OUT, PRIOR_IN = 2.0, 2.0
PRIOR_OUTINGS = 6.0
USUAL_OUTING, OUTING_SPREAD = 2 * HOUR, 1.0
"""Before anything is learned: log-normal, median 2 h, standard deviation 1 of the logarithm."""
KEPT = 60


def begins_at_door(exit_at: float | None, inside_at: float | None) -> bool:
    """Whether the silence after these last signs, at an outside door and inside, may be a going out."""
    return exit_at is not None and exit_at >= (inside_at or 0.0) - AT_THE_DOOR


def chance_out(outings: OutingState) -> float:
    """The share of long silences after a door that ended at the door."""
    out, stayed = outings.went_out + PRIOR_OUT, outings.stayed_in + PRIOR_IN
    return out / (out + stayed)


def still_out(outings: OutingState, silence: float) -> float:
    """The share of outings that last longer than `silence` seconds."""
    usual = 0.5 * math.erfc(math.log(max(silence, 1.0) / USUAL_OUTING) / (OUTING_SPREAD * math.sqrt(2)))
    longer = sum(lasted > silence for lasted in outings.lasted)
    return (longer + PRIOR_OUTINGS * usual) / (len(outings.lasted) + PRIOR_OUTINGS)


def surprise_after_door(outings: OutingState, silence: float, surprise: float) -> float:
    """The surprise of a silence that began at a door: out, or at home and silent, whichever explains it better."""
    out = chance_out(outings)
    return -math.log(max(out * still_out(outings, silence) + (1 - out) * math.exp(-surprise), 1e-12))


def learn_silence(outings: OutingState, silence: float, *, ended_at_door: bool) -> None:
    """Learns from a silence that began at a door and is over."""
    if silence < LONG_ENOUGH:
        return
    if ended_at_door:
        outings.went_out += 1.0
        outings.lasted.append(float(round(silence)))
        del outings.lasted[:-KEPT]
    else:
        outings.stayed_in += 1.0


def forget_silence(outings: OutingState, silence: float, *, ended_at_door: bool) -> None:
    """Takes back what `learn_silence` learned: it was no outing, but somebody in need."""
    lasted = float(round(silence))
    if not ended_at_door:
        outings.stayed_in = max(outings.stayed_in - 1.0, 0.0)
    elif lasted in outings.lasted:
        outings.went_out = max(outings.went_out - 1.0, 0.0)
        outings.lasted.remove(lasted)
