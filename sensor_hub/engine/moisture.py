"""Water in air and on walls: formulas.

Magnus formula with the constants of Sonntag (1990). Surface temperature by the temperature factor f of EN ISO 13788;
mould by the VTT index (Hukka and Viitanen 1999; Ojanen and others 2010) for a sensitive surface (wallpaper, emulsion
paint).
"""

from __future__ import annotations

import math

FACTOR = 0.70
"""Temperature factor of a usual cold wall: 0.75 is the least for new dwellings, old solid walls have 0.5 to 0.65."""
LEAST_GROWING = 80.0
K1_BEGINNING, K1_LATER = 0.578, 0.386
A, B, C = 0.3, 6.0, 1.0
DECLINE_FIRST, DECLINE_LATER = 0.032, 0.016
"""A day: in the first six hours of dryness, and after a day of it; in between nothing."""


def vapour_pressure(temperature: float) -> float:
    """Of saturated air, hPa, at °C."""
    return 6.112 * math.exp(17.62 * temperature / (243.12 + temperature))


def surface_humidity(indoors: float, humidity: float, outdoors: float, factor: float = FACTOR) -> float:
    """Relative humidity (%) of the air at a wall's cold surface; above 100 water condenses there."""
    surface = outdoors + factor * (indoors - outdoors)
    return humidity * vapour_pressure(indoors) / vapour_pressure(surface)


def surface_temperature(indoors: float, outdoors: float, factor: float = FACTOR) -> float:
    return outdoors + factor * (indoors - outdoors)


def critical_humidity(temperature: float) -> float:
    """Relative humidity (%) from which mould grows on a sensitive surface at °C."""
    if temperature > 20:
        return LEAST_GROWING
    return max(-0.00267 * temperature**3 + 0.160 * temperature**2 - 3.13 * temperature + 100, LEAST_GROWING)


def grown(index: float, temperature: float, humidity: float, hours: float, dry_hours: float) -> float:
    """The mould index (0 to 6; 1 is seen under a microscope, 3 by the eye) after `hours` at this surface.

    `dry_hours`: for how long it was too dry to grow before.
    """
    critical = critical_humidity(temperature)
    if not 0 < temperature < 50 or humidity < critical:
        daily = DECLINE_FIRST if dry_hours < 6 else DECLINE_LATER if dry_hours >= 24 else 0.0
        return max(index - daily * hours / 24, 0.0)
    wet = min(humidity, 100.0)
    share = (critical - wet) / (critical - 100)
    most = A + B * share - C * share**2
    slowing = max(1 - math.exp(2.3 * (index - most)), 0.0)
    k1 = K1_BEGINNING if index < 1 else K1_LATER
    days = 7 * math.exp(-0.68 * math.log(temperature) - 13.9 * math.log(wet) + 66.02)
    return min(index + k1 * slowing / days * hours / 24, 6.0)
