"""The text of a notice about several alerts, put together from the notices of each. Pure.

Each keeps its own reference and its own link. The first is the worst: it alone may be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sensor_hub.alerts.link import PATH
from sensor_hub.alerts.notice import SIMULATED, SIMULATED_LINE, Notice

MOST_IN_FULL = 8
"""Alerts that are told in full in one notice; of more each has its line and its link."""


def together(notices: Sequence[Notice]) -> Notice:
    """One notice of all, under the reference of the first; a single one stays as it is."""
    first = notices[0]
    if len(notices) == 1:
        return first
    titles = [notice.title.removeprefix(SIMULATED) for notice in notices]
    is_simulated = first.title.startswith(SIMULATED)
    heading, _, reference = first.title.rpartition(" (")
    title = f"{heading} and {len(notices) - 1} more ({reference}"
    bodies = [_body(notice) for notice in notices]
    if len(notices) > MOST_IN_FULL:
        bodies = [_link(body) for body in bodies]
    parts = [
        "\n".join(line for line in (f"{number}. {titles[number - 1]}", body) if line)
        for number, body in enumerate(bodies, 1)
    ]
    count = f"{len(notices)} alerts, the worst first. Each is taken by its own link."
    lines = [*([SIMULATED_LINE] if is_simulated else []), count, *parts]
    return replace(first, title=title, body="\n\n".join(lines) + "\n")


def _body(notice: Notice) -> str:
    return notice.body.removeprefix(f"{SIMULATED_LINE}\n\n").strip()


def _link(body: str) -> str:
    """Only the link by which it is answered; empty where there is none."""
    return next((line for line in body.splitlines() if PATH in line), "")
