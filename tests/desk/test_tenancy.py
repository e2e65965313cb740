"""Whose homes are, as the pages ask; and pages over what is really stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.access.principal import principal
from sensor_hub.access.role import Role
from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.plan import Plan
from sensor_hub.desk.reads import StoredReads
from sensor_hub.desk.tenancy import StoredTenancy
from sensor_hub.model.change import Change, What
from sensor_hub.storage.stores import SqlStores
from sensor_hub.web.bounded_reads import BoundedReads
from sensor_hub.web.bounds import Bounds
from sensor_hub.web.doors import Doors
from sensor_hub.web.event_sight import hears
from sensor_hub.web.ports import UnreachedRow
from sensor_hub.web.site import build_site
from tests.homes import small_home
from tests.storage.stores import open_fresh
from tests.storage.test_alert_book import CLEARED, RAISED
from tests.web.builders import HASH, NOW, make_hub
from tests.web.roles import Known
from tests.web.visitor import Visitor


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[SqlStores]:
    stores = open_fresh(tmp_path)
    yield stores
    stores.database.close()


def test_a_home_is_its_tenants_and_before_it_was_heard_of_that_of_the_settings(stores: SqlStores) -> None:
    stores.tenants.bind("elm-14", "elmham")
    stores.tenants.bind("gone-1", "oakshire")
    tenancy = StoredTenancy(stores.tenants, ["elm-14", "fir-3"], Plan((), ()))
    assert tenancy.whose() == {"elm-14": "elmham", "fir-3": "local", "gone-1": "oakshire"}
    assert [tenancy.whose_home(home) for home in ("elm-14", "fir-3", "no-5")] == ["elmham", "local", None]


def test_whom_notices_do_not_reach_is_told_to_their_own_tenant_alone(
    stores: SqlStores,
) -> None:
    people = (Contact("ann", "console://"), Contact("oli", "console://", tenant="oakshire"))
    tom = Contact("tom", "console://", receives=frozenset(), home="oak-2")
    stores.tenants.bind("oak-2", "oakshire")
    tenancy = StoredTenancy(stores.tenants, ["elm-14", "oak-2"], Plan((*people, tom), ()))
    hub = make_hub()
    hub.lost = [UnreachedRow(each.id, NOW, "no answer", "1 (console)") for each in (*people, tom)]

    def seen(tenant: str) -> list[str]:
        who = principal("x", "X", Role.CARE_MANAGER, tenant=tenant)
        bounds = Bounds(who, tenancy, lambda _: None, lambda _: None)
        changes = [Change(1, 1, NOW, What.CONTACT_UNREACHED, about=each.id) for each in (*people, tom)]
        heard = [each.about for each in changes if hears(bounds, each)]
        assert heard == [row.contact for row in BoundedReads(hub, bounds).unreached(since=0.0)]
        return heard

    assert seen("oakshire") == ["oli", "tom"]
    assert seen("local") == ["ann"]


def test_a_tenants_homes_some_at_a_time(stores: SqlStores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensor_hub.desk.tenancy.AT_ONCE", 2)
    names = [f"flat-{number:02}" for number in range(9)]
    tenancy = StoredTenancy(stores.tenants, names, Plan((), ()))
    for number, tenant in ((1, "local"), (2, "oakshire"), (4, "local"), (5, "oakshire"), (7, "oakshire")):
        stores.tenants.bind(names[number], tenant)

    def walked(tenant: str, limit: int) -> list[str]:
        found = tenancy.homes_after(tenant, "", limit)
        while more := tenancy.homes_after(tenant, found[-1], limit):
            assert len(more) <= limit
            found += more
        return found

    for limit in (1, 2, 3, 20):
        assert walked("oakshire", limit) == ["flat-02", "flat-05", "flat-07"]
        assert walked("local", limit) == [f"flat-{number:02}" for number in (0, 1, 3, 4, 6, 8)]
    assert tenancy.homes_after("elmham", "", 5) == []


def test_a_tenant_reads_its_own_homes_alerts_figures_out_of_one_database(stores: SqlStores) -> None:
    for home, tenant in (("elm-14", "elmham"), ("oak-2", "oakshire")):
        stores.tenants.bind(home, tenant)
        stores.alerts.record(replace(RAISED, id=f"{home}-open", home=home))
        for change in (RAISED, CLEARED):
            stores.alerts.record(replace(change, id=f"{home}-closed", home=home))
    reads = StoredReads(stores, [replace(small_home(), id=name) for name in ("elm-14", "oak-2")], lambda: True)
    site = build_site(
        reads,
        make_hub(),
        password_hash=HASH,
        secret="for tests",
        url="http://hub.test",
        simulated=False,
        now=lambda: NOW,
        doors=Doors(reviews=stores.reviews),
        credentials=Known({"word": principal("p", "Jo", Role.CARE_MANAGER, tenant="elmham")}),
        tenancy=StoredTenancy(stores.tenants, reads.described, Plan((), (), own="elmham")),
    )
    visitor = Visitor(site)
    visitor.cookies.set("sensor_hub_session", "word")
    assert [row["id"] for row in visitor.get("/api/v1/homes").json()["items"]] == ["elm-14"]
    assert [row["id"] for row in visitor.get("/api/v1/alerts").json()["items"]] == ["elm-14-open"]
    assert [row["id"] for row in visitor.get("/api/v1/alerts?closed=true").json()["items"]] == ["elm-14-closed"]
    assert visitor.get("/api/v1/alerts/oak-2-open").text == visitor.get("/api/v1/alerts/none").text
    assert visitor.get("/api/v1/homes/oak-2").text == visitor.get("/api/v1/homes/none").text
    for page in ("/", "/homes", "/review"):
        text = visitor.get(page).text
        assert "elm-14" in text or page == "/review"
        assert "oak-2" not in text
