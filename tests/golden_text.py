"""Texts as people read them, kept in files. SENSOR_HUB_GOLDEN=write renews them."""

from __future__ import annotations

import os
from pathlib import Path

from sensor_hub.alerts.notice import Notice

GOLDEN = Path(__file__).parent / "golden"


def as_read(notice: Notice) -> str:
    return f"Subject: {notice.title}\n\n{notice.body}"


def check_golden(name: str, text: str) -> None:
    """`name`: the file below `golden`, without its ending."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("SENSOR_HUB_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
