"""One home in words: what is watched for in it, and when each of its devices was heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sensor_hub.model.kind import KINDS
from sensor_hub.web.overview import both_words
from sensor_hub.web.ports import HomeRow, Sight
from sensor_hub.web.wording import device_words, span_words, subject_words


@dataclass(frozen=True, slots=True)
class CoverageLine:
    title: str
    subject: str
    sight: Sight
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceLine:
    name: str
    id: str
    heard: str
    is_late: bool
    """It was silent for longer than it may be, or never heard."""


WORST_FIRST = {Sight.BLIND: 0, Sight.LEARNING: 1, Sight.WATCHING: 2, Sight.UNFITTED: 3}


def coverage_lines(row: HomeRow) -> Sequence[CoverageLine]:
    """What would be found and what not, the worst first."""
    covers = sorted(row.coverage, key=lambda cover: (WORST_FIRST[cover.sight], cover.kind, cover.subject))
    return [
        CoverageLine(KINDS[cover.kind].title, subject_words(cover.subject, row.home), cover.sight, cover.reason)
        for cover in covers
    ]


def device_lines(row: HomeRow, now: float) -> Sequence[DeviceLine]:
    lines = []
    for device in row.home.devices:
        at, every = row.heard.get(device.id), device.report_every
        if at is None:
            heard, is_late = "never heard", True
        else:
            is_late = now - at > every
            heard = f"heard {both_words(at, now, row.home.zone)}"
            heard += f", expected every {span_words(every)}" if is_late else ""
        lines.append(DeviceLine(device_words(device), device.id, heard, is_late))
    return lines
