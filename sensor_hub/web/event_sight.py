"""Which changes somebody may hear of: those of what they may see."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType

from sensor_hub.access.action import Action
from sensor_hub.alerts.silence import SILENCEABLE
from sensor_hub.model.change import HIDDEN, Change, What
from sensor_hub.model.kind import Kind
from sensor_hub.web.bounds import Bounds

NEEDED: Mapping[What, Action] = MappingProxyType(
    {
        What.ALERT_RAISED: Action.SEE_ALERTS,
        What.ALERT_UPDATED: Action.SEE_ALERTS,
        What.ALERT_CLEARED: Action.SEE_ALERTS,
        What.ALERT_ACKNOWLEDGED: Action.SEE_ALERTS,
        What.ALERT_CLOSED: Action.SEE_ALERTS,
        What.ALERT_LAPSED: Action.SEE_ALERTS,
        What.ALERT_KEPT_BACK: Action.SEE_ALERTS,
        What.ALERT_EXHAUSTED: Action.SEE_ALERTS,
        What.ALERT_TOLD: Action.SEE_TELLING,
        What.ALERT_PASSED_ON: Action.SEE_TELLING,
        What.SILENCE_SET: Action.SEE_SILENCES,
        What.SILENCE_ENDED: Action.SEE_SILENCES,
        What.ABSENCE_TOLD: Action.SEE_STAYS,
        What.VISIT_TOLD: Action.SEE_STAYS,
        What.DEVICE_PLACED: Action.SEE_HOMES,
        What.DEVICE_GONE: Action.SEE_HOMES,
        What.HOME_CHANGED: Action.SEE_HOMES,
        What.HOME_COVERAGE: Action.SEE_HOMES,
        What.GATEWAY_JOINED: Action.SEE_HOMES,
        What.GATEWAY_REMOVED: Action.SEE_HOMES,
        What.GATEWAY_REACHED: Action.SEE_HOMES,
        What.GATEWAY_LOST: Action.SEE_HOMES,
        What.CONSENT_CHANGED: Action.SEE_CONSENTS,
        What.CONTACT_UNREACHED: Action.SEE_CONTACTS,
        What.HUB_STARTED: Action.SEE_EVENTS,
    }
)
"""What one must be allowed to see; what is not in it is told to nobody."""
SILENCES = frozenset({What.SILENCE_SET, What.SILENCE_ENDED})
WILD = frozenset("*?[")


def hears(bounds: Bounds, change: Change) -> bool:
    needed = NEEDED.get(change.what)
    if change.what in HIDDEN or needed is None or not bounds.who.may(needed):
        return False
    if change.kind:
        return bounds.show(change.home, Kind(change.kind))
    if change.what in SILENCES:
        return _is_about_theirs(bounds, change)
    if change.what is What.CONTACT_UNREACHED:
        return bounds.hold_contact(change.about)
    return not change.home or bounds.hold(change.home)


def _is_about_theirs(bounds: Bounds, change: Change) -> bool:
    """Whether a silence is of any home and kind that they see."""
    kinds = [Kind(kind) for kind in change.detail.split()] or SILENCEABLE
    if not any(map(bounds.shows_kind, kinds)):
        return False
    if bounds.see_all_homes:
        return True
    patterns = change.home.split()
    if any(bounds.hold(name) for name in patterns if WILD.isdisjoint(name)):
        return True
    wild = [each for each in patterns if not WILD.isdisjoint(each)]
    return bool(wild) and any(bounds.hold(home) for home in bounds.matching(lambda home: _fits(home, wild)))


def _fits(home: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(home, each) for each in patterns)
