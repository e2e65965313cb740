"""What any test may ask for. Examples are judged by what they find, not by how long a loaded machine takes for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import fresh_database

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """Each test runs on both databases: in a folder of its own, and by the address of a database of its own."""
    if request.param == "sqlite":
        yield tmp_path
        return
    with fresh_database() as address:
        yield address
