"""How many false pages the operator accepts: what `false_pages` of `hub.toml` means."""

from __future__ import annotations

from typing import TypeGuard

DEFAULT_FALSE_PAGES = 90.0
"""False pages a month per hundred homes. The detectors' own limits gave about so many in the homes they were measured
in (0.20 a home-week), so at this number every limit is the detector's own."""
FEWEST_FALSE_PAGES, MOST_FALSE_PAGES = 30.0, 220.0
"""As far as was measured what the dial gives."""


def is_false_pages(value: object) -> TypeGuard[float]:
    """Whether it is a number that the dial can be set to."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return FEWEST_FALSE_PAGES <= value <= MOST_FALSE_PAGES
