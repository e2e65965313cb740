"""Where the package keeps the settings."""

from __future__ import annotations

from pathlib import Path

INSTALLED = Path("/etc/sensor-gateway/gateway.toml")


def default_settings() -> Path:
    """The package's where it is installed, else those in the folder that one stands in."""
    return INSTALLED if INSTALLED.parent.is_dir() else Path("gateway.toml")
