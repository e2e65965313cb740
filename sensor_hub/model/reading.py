"""A reading: an observed value of a metric by a device."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sensor_hub.model.metric import Metric

DEVICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
SLUG = re.compile(r"[a-z0-9_-]{1,64}")

Value = float | str
"""A number in the metric's unit; for `button`, the action's name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`at` is when the device measured, as a moment (`model.moment`)."""

    at: float
    device: str
    metric: Metric
    value: Value


def is_device_id(text: str) -> bool:
    """Whether `text` can name a device: an IEEE address, a DevEUI, `ID.2` for its second probe, or a plain name."""
    return DEVICE_ID.fullmatch(text) is not None


def is_slug(text: str) -> bool:
    """Whether `text` can be a tenant's or a home's level of a topic."""
    return SLUG.fullmatch(text) is not None
