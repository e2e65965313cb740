"""Whose homes are, as the pages ask."""

from __future__ import annotations

from pathlib import Path

from sensor_hub.tenancy import StoredTenancy
from tests.storage.stores import open_fresh


def test_a_home_is_its_tenants_and_before_it_was_heard_of_that_of_the_settings(tmp_path: Path) -> None:
    stores = open_fresh(tmp_path)
    stores.tenants.bind("elm-14", "elmham")
    stores.tenants.bind("gone-1", "oakshire")
    tenancy = StoredTenancy(stores.tenants, ["elm-14", "fir-3"], "local")
    assert tenancy.whose() == {"elm-14": "elmham", "fir-3": "local", "gone-1": "oakshire"}
