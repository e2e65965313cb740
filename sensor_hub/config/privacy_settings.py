"""The part of `hub.toml` that says where the key of personal data lies."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sensor_hub.model.table import Table

KEY_FILE = "hub.key"
CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""Where systemd lays the credentials of a service."""

LONGEST_GRACE_DAYS = 28
"""The UK GDPR (articles 12 and 17) leaves a month to erase, and asks for it without undue delay."""


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    key_file: Path
    erase_after_days: float = 0.0
    """For how long what was collected stays when it is no longer agreed."""
    backups_kept_days: float = 35.0
    """For how long whoever runs the hub keeps backups."""


def read_privacy(table: Table, folder: Path) -> PrivacySettings:
    """A credential `hub.key`, where systemd hands one over, goes before the file in the settings."""
    named = table.text("key_file", KEY_FILE)
    days = table.number("erase_after_days", 0, low=0, high=LONGEST_GRACE_DAYS)
    backups = table.number("backups_kept_days", 35, low=0, high=10 * 366)
    table.done()
    handed = Path(os.environ.get(CREDENTIALS, "")) / KEY_FILE
    if CREDENTIALS in os.environ and handed.is_file():
        return PrivacySettings(handed, days, backups)
    return PrivacySettings(folder / named, days, backups)
