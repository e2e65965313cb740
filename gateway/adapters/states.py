"""The words that decoders use for the two states of a thing."""

from __future__ import annotations

from sensor_hub.model.metric import Metric


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ON = _words(
    """true on yes 1 detected occupied motion moving movement trigger triggered alarm alert leak leaking leakage flood
    flooded wet water smoke fire presence present active pressed pushed emergency sos vibration"""
)
_OFF = _words(
    """false off no 0 normal none vacant unoccupied free clear cleared idle inactive dry ok absent released static
    untriggered not_detected no_motion no_leak"""
)
_OPEN = frozenset({"open", "opened"})
_CLOSED = frozenset({"close", "closed", "shut"})


def state_of_word(metric: Metric, word: str) -> int | None:
    """1 or 0 for a word that names a state of the metric; None when it names none that is certain."""
    word = word.strip().lower().replace(" ", "_")
    on, off = (_OPEN, _CLOSED) if metric is Metric.CONTACT else (_ON, _OFF)
    if word in on:
        return 1
    return 0 if word in off else None
