"""What a hub on embedded defaults does not load: on a Raspberry Pi each megabyte counts."""

from __future__ import annotations

import subprocess
import sys

UNUSED = ("authlib", "psycopg", "alembic", "influxdb_client", "fhir", "pyarrow", "scipy.stats", "pandas")
"""Libraries of what such a hub does not do, or does in a command of its own."""


def test_a_hub_loads_no_library_that_it_does_not_use() -> None:
    program = f"import sys, sensor_hub.app; print(*[name for name in {UNUSED!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
