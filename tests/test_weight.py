"""What is not loaded where it is not used: on a Raspberry Pi each megabyte and each second counts."""

from __future__ import annotations

import subprocess
import sys

import pytest

UNUSED = ("authlib", "psycopg", "alembic", "influxdb_client", "fhir", "pyarrow", "scipy.stats", "pandas")
"""Libraries of what such a hub does not do, or does in a command of its own."""


SERVERS = ("sensor_hub.settings", "sensor_hub.app", "sqlalchemy", "fastapi", "apprise")
"""What a command loads for itself where it needs it: a replay, of which an evaluation runs hundreds, does not."""


@pytest.mark.parametrize(("module", "unused"), [("sensor_hub.app", UNUSED), ("sensor_hub.__main__", SERVERS)])
def test_what_is_not_used_is_not_loaded(module: str, unused: tuple[str, ...]) -> None:
    program = f"import sys, {module}; print(*[name for name in {unused!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
