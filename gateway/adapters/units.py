"""Units as devices write them, and how to come from each to the unit of our metric."""

from __future__ import annotations

from dataclasses import dataclass

from sensor_hub.model.metric import Metric


@dataclass(frozen=True, slots=True)
class Scale:
    """value in our unit = (value + `shift`) × `factor`; `metrics` are those that have such a unit."""

    metrics: frozenset[Metric] = frozenset()
    factor: float = 1.0
    shift: float = 0.0

    def __call__(self, value: float) -> float:
        if self.factor == 1.0 and self.shift == 0.0:
            return value
        return round((value + self.shift) * self.factor, 6)


def _of(*metrics: Metric, factor: float = 1.0, shift: float = 0.0) -> Scale:
    return Scale(frozenset(metrics), factor, shift)


_CELSIUS = _of(Metric.TEMPERATURE)
_FAHRENHEIT = _of(Metric.TEMPERATURE, factor=5 / 9, shift=-32.0)
_KELVIN = _of(Metric.TEMPERATURE, shift=-273.15)
_PERCENT = _of(Metric.HUMIDITY, Metric.BATTERY)
_DECIBEL = _of(Metric.NOISE)
_LUX = _of(Metric.ILLUMINANCE)

PLAIN = Scale()
"""For a value that is in our unit already."""

SCALES: dict[str, Scale] = {
    **dict.fromkeys(("°c", "℃", "c", "degc", "cel", "celsius", "degrees c", "degree celsius"), _CELSIUS),
    **dict.fromkeys(("°f", "℉", "f", "degf", "fahrenheit"), _FAHRENHEIT),
    **dict.fromkeys(("k", "kelvin"), _KELVIN),
    **dict.fromkeys(("%", "%rh", "% rh", "percent", "%el"), _PERCENT),
    **dict.fromkeys(("lx", "lux"), _LUX),
    **dict.fromkeys(("db", "dba", "db(a)", "dbspl"), _DECIBEL),
    "ppm": _of(Metric.CO2),
    "v": _of(Metric.BATTERY_VOLTAGE),
    "volt": _of(Metric.BATTERY_VOLTAGE),
    "mv": _of(Metric.BATTERY_VOLTAGE, factor=0.001),
    "w": _of(Metric.POWER),
    "watt": _of(Metric.POWER),
    "kw": _of(Metric.POWER, factor=1000.0),
    "mw": _of(Metric.POWER, factor=0.001),
}
"""By the unit in lower case. `mW` is a milliwatt: no sensor in a home speaks of megawatts."""


def scale_of(unit: str, metric: Metric) -> Scale | None:
    """How to come from the unit to the metric's; None where it is a unit of something else."""
    scale = SCALES.get(unit.strip().lower())
    return scale if scale is not None and (metric in scale.metrics) else None
