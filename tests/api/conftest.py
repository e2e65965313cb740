"""One hub for all tests of its API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.house import ApiHouse, open_house


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiHouse]:
    with open_house(tmp_path_factory.mktemp("house")) as house:
        yield house
