"""Whether a measured series can be trusted: impossible values and jumps, a value that no longer moves, silence."""

from __future__ import annotations

from typing import Final

from sensor_hub.engine.device_state import ChannelState
from sensor_hub.model.metric import METRICS, Metric, is_plausible
from sensor_hub.model.moment import DAY, HOUR

CHECKED: Final = frozenset({Metric.TEMPERATURE, Metric.HUMIDITY})
JUMP = {Metric.TEMPERATURE: 8.0, Metric.HUMIDITY: 60.0}
"""More than this between two readings less than `JUMP_WITHIN` apart is no weather and no heating."""
LIMITS: Final = {metric: (METRICS[metric].low, METRICS[metric].high, JUMP[metric]) for metric in CHECKED}
JUMP_WITHIN = 2 * HOUR
BELIEVED_AFTER = 6 * HOUR
"""A new level that varies, as a living value does, is believed after this long: the sensor was moved."""
LIVING = {Metric.TEMPERATURE: 0.1, Metric.HUMIDITY: 0.5}
STUCK_AFTER = DAY
GAP_FADING: Final = 0.98
LONGEST_GAP: Final = 6 * HOUR
LEAST_LIMIT = 2 * HOUR
"""No series is without a value for too long before this."""


def accept(channel: ChannelState, metric: Metric, at: float, value: float) -> bool:
    """Takes in the next reading of a series; says whether its value is to be believed. Older ones are only judged."""
    latest_at, good_at = channel.latest_at, channel.good_at
    if latest_at is not None:
        if at <= latest_at:
            return is_plausible(metric, value) and not _jumps(channel, metric, at, value)
        gap, faded = at - latest_at, channel.usual_gap * GAP_FADING
        if gap < faded:
            gap = faded
        channel.usual_gap = gap if gap < LONGEST_GAP else LONGEST_GAP
    if latest_at is None or value != channel.latest_value:
        channel.same_since = at
    channel.latest_at, channel.latest_value = at, value
    low, high, jump = LIMITS[metric]
    is_ordinary = low <= value <= high and not channel.doubt
    if not (is_ordinary and good_at is not None and -jump <= value - channel.good_value <= jump):
        return _accept_strange(channel, metric, at, value)
    channel.good_at, channel.good_value = at, value
    return True


def _accept_strange(channel: ChannelState, metric: Metric, at: float, value: float) -> bool:
    """Judges a value that is the first, or far from the last one believed, or in doubt."""
    if not is_plausible(metric, value):
        _doubt(channel, at, value, "impossible")
        return False
    if _jumps(channel, metric, at, value) or (channel.doubt and not _is_back(channel, metric, value)):
        _doubt(channel, at, value, "jumped")
        if not _is_living(channel, metric, at):
            return False
    channel.doubted_since, channel.doubt = None, ""
    channel.good_at, channel.good_value = at, value
    return True


def silence_limit(channel: ChannelState) -> float:
    """How long, in seconds, the series may go without a value to be believed before that is a fault."""
    return max(LEAST_LIMIT, 3 * channel.usual_gap) if channel.usual_gap else 6 * HOUR


def _jumps(channel: ChannelState, metric: Metric, at: float, value: float) -> bool:
    if channel.good_at is None or abs(at - channel.good_at) > JUMP_WITHIN:
        return False
    return abs(value - channel.good_value) > JUMP[metric]


def _is_back(channel: ChannelState, metric: Metric, value: float) -> bool:
    """Near the last value that was believed."""
    return channel.good_at is None or abs(value - channel.good_value) <= JUMP[metric]


def _is_living(channel: ChannelState, metric: Metric, at: float) -> bool:
    long = channel.doubted_since is not None and at - channel.doubted_since >= BELIEVED_AFTER
    return long and channel.doubted_high - channel.doubted_low >= LIVING[metric]


def _doubt(channel: ChannelState, at: float, value: float, why: str) -> None:
    if channel.doubted_since is None or channel.doubt != why:
        channel.doubted_since = at if channel.doubted_since is None else channel.doubted_since
        channel.doubt = why
        channel.doubted_low = channel.doubted_high = value
    channel.doubted_low, channel.doubted_high = min(channel.doubted_low, value), max(channel.doubted_high, value)
