"""The part of `hub.toml` that says where the key of personal data lies."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sensor_hub.model.table import Table

KEY_FILE = "hub.key"
CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""Where systemd lays the credentials of a service."""


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    key_file: Path


def read_privacy(table: Table, folder: Path) -> PrivacySettings:
    """A credential `hub.key`, where systemd hands one over, goes before the file in the settings."""
    named = table.text("key_file", KEY_FILE)
    table.done()
    handed = Path(os.environ.get(CREDENTIALS, "")) / KEY_FILE
    if CREDENTIALS in os.environ and handed.is_file():
        return PrivacySettings(handed)
    return PrivacySettings(folder / named)
