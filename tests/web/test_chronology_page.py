from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI

from sensor_hub.access.chronology import Act
from sensor_hub.desk.chronology_reads import StoredChronology
from tests.access.entries import T, entry
from tests.storage.stores import open_fresh
from tests.web.builders import make_hub
from tests.web.roles import Known, everybody, open_site
from tests.web.visitor import Visitor


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FastAPI]:
    """Three entries of one tenant about two homes, one of another's, one of the hub's own."""
    stores = open_fresh(tmp_path)
    for number, (tenant, home) in enumerate(
        [("elmham", "elm-14"), ("elmham", "fir-3"), ("elmham", "elm-14"), ("oakshire", "oak-2"), ("", "")]
    ):
        stores.chronology.write(replace(entry(number), tenant=tenant, home=home))
    stores.chronology.write(replace(entry(9), tenant="elmham", home="elm-14", who="<b>Eve</b>", act=Act.CLOSED))
    yield open_site(make_hub(), Known(everybody()), chronology=StoredChronology(stores.chronology))
    stores.database.close()


def homes(site: FastAPI, role: str, query: str = "") -> list[str]:
    answer = Visitor(site).ask("GET", f"/api/v1/chronology?{query}", headers={"Authorization": f"Bearer {role}"})
    assert answer.status_code == 200, answer.text
    return [row["home"] for row in answer.json()["items"]]


def test_everybody_sees_what_is_of_their_tenant_and_homes(site: FastAPI) -> None:
    assert homes(site, "first") == ["elm-14", "", "oak-2", "elm-14", "fir-3", "elm-14"]
    for role in ("administrator", "care_manager"):
        assert homes(site, role) == ["elm-14", "elm-14", "fir-3", "elm-14"]
    assert homes(site, "resident") == ["elm-14", "elm-14", "elm-14"]
    assert homes(site, "resident", "home=fir-3") == []
    assert homes(site, "administrator", "home=oak-2") == []
    for role in ("duty_officer", "family", "technician", "commissioner"):
        asked = Visitor(site).ask("GET", "/api/v1/chronology", headers={"Authorization": f"Bearer {role}"})
        assert asked.status_code == 404


def test_what_is_wanted(site: FastAPI) -> None:
    assert homes(site, "administrator", "act=closed") == ["elm-14"]
    assert len(homes(site, "administrator", "who=Anna+Bell")) == 3
    assert homes(site, "administrator", f"from={T + 1}&until={T + 2}") == ["fir-3"]


def test_pages_by_a_cursor(site: FastAPI) -> None:
    got: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        path = f"/api/v1/chronology?limit=2&cursor={cursor}"
        page = Visitor(site).ask("GET", path, headers={"Authorization": "Bearer first"}).json()
        got += [f"{row['tenant']}/{row['number']}" for row in page["items"]]
        cursor = page["following"]
    assert got == ["elmham/4", "/1", "oakshire/1", "elmham/3", "elmham/2", "elmham/1"]
    for wrong in ("x", "W10=", "WzEsMiwzXQ=="):
        path = f"/api/v1/chronology?cursor={wrong}"
        assert Visitor(site).ask("GET", path, headers={"Authorization": "Bearer first"}).status_code == 422


def test_the_page(site: FastAPI) -> None:
    visitor = Visitor(site)
    visitor.cookies.set("sensor_hub_session", "administrator")
    text = visitor.get("/chronology?home=elm-14").text
    assert text.count("Anna Bell (duty officer)") == 2
    assert "<b>Eve</b>" not in text
    assert "fir-3" not in text
    assert 'value="elm-14"' in text
    assert "Older ones" not in text
    assert 'href="/chronology"' in text
