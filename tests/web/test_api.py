"""The same by API, for programs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import KINDS, Kind
from sensor_hub.web.ports import BusyError, Handled, OwnLimitRow
from tests.web.builders import MemoryHub, make_site
from tests.web.visitor import Visitor


@pytest.fixture
def program(hub: MemoryHub) -> Visitor:
    visitor = Visitor(make_site(hub))
    visitor.sign_in("Jo")
    return visitor


def test_open_alerts_most_urgent_first(program: Visitor) -> None:
    page = program.get("/api/v1/alerts").json()
    assert [(row["id"], row["urgency"]) for row in page["items"]] == [
        ("a1", "urgent"),
        ("b2", "soon"),
        ("c3", "soon"),
        ("d4", "notice"),
    ]
    assert page["items"][1]["since"] == "2026-01-05T00:40:00Z"
    assert page["following"] is None


def test_closed_alerts_page_by_page(hub: MemoryHub, program: Visitor) -> None:
    for alert in ("a1", "b2", "c3"):
        hub.close(alert, by="Jo", outcome=Outcome.UNKNOWN)
        hub.at += 60
    seen, cursor = [], ""
    for _ in range(3):
        page = program.get(f"/api/v1/alerts?closed=true&limit=2&cursor={cursor}").json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["following"]
        if cursor is None:
            break
    assert seen == ["c3", "b2", "a1", "e5"]


def test_one_alert_with_its_changes_and_deliveries(program: Visitor) -> None:
    answer = program.get("/api/v1/alerts/a1").json()
    assert answer["alert"]["summary"].startswith("No movement since 05:12")
    assert answer["alert"]["check"] == KINDS[Kind.INACTIVITY].check
    assert [change["state"] for change in answer["changes"]] == ["raised"]
    assert [(row["contact"], row["state"]) for row in answer["deliveries"]] == [
        ("duty-phone", "delivered"),
        ("warden-email", "failed"),
    ]


def test_acknowledge_then_close(hub: MemoryHub, program: Visitor) -> None:
    taken = program.ask("POST", "/api/v1/alerts/a1/acknowledge", json={"by": "rota"})
    assert (taken.status_code, taken.json()["handled"], taken.json()["acknowledged_by"]) == (
        200,
        "acknowledged",
        "rota",
    )
    closed = program.ask("POST", "/api/v1/alerts/a1/close", json={"outcome": "true"})
    assert (closed.json()["outcome"], closed.json()["closed_by"]) == ("true", "Jo")
    assert hub.histories["a1"].alert.handled is Handled.CLOSED


def test_the_second_of_two_gets_409(program: Visitor) -> None:
    program.ask("POST", "/api/v1/alerts/a1/acknowledge", json={"by": "Sam"})
    answer = program.ask("POST", "/api/v1/alerts/a1/acknowledge", json={"by": "Jo"})
    assert answer.status_code == 409
    assert answer.json()["detail"] == "Sam already did: the alert is acknowledged."


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/v1/alerts/none", None, 404),
        ("GET", "/api/v1/homes/none", None, 404),
        ("GET", "/api/v1/homes/none/chart", None, 404),
        ("GET", "/api/v1/homes/elm-14/chart?days=2", None, 422),
        ("GET", "/api/v1/homes/elm-14/chart?until=nan", None, 422),
        ("GET", "/api/v1/alerts?limit=0", None, 422),
        ("GET", "/api/v1/alerts?closed=true&cursor=%C3%A9", None, 422),
        ("GET", "/api/v1/alerts?closed=true&cursor=aW5mIHg=", None, 422),
        ("GET", "/api/nothing", None, 404),
        ("PUT", "/api/v1/alerts/a1", {}, 405),
        ("POST", "/api/v1/alerts/none/acknowledge", {"by": "Jo"}, 404),
        ("POST", "/api/v1/alerts/none/close", {"outcome": "true"}, 404),
        ("POST", "/api/v1/alerts/a1/close", {}, 422),
        ("POST", "/api/v1/alerts/a1/close", {"outcome": "maybe"}, 422),
    ],
)
def test_what_cannot_be_done_is_a_problem(program: Visitor, method: str, path: str, body: object, status: int) -> None:
    answer = program.ask(method, path, json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert set(answer.json()) == {"type", "title", "status", "detail"}


def test_homes_and_a_home(program: Visitor) -> None:
    homes = program.get("/api/v1/homes").json()["items"]
    assert [home["id"] for home in homes] == ["birch-7", "elm-14", "fir-3", "oak-2", "rowan-21"]
    assert homes[0]["coverage"][0] == {
        "kind": "inactivity",
        "subject": "",
        "sight": "blind",
        "reason": "gateway silent since 03:40 today",
    }
    home = program.get("/api/v1/homes/elm-14").json()
    assert home["unplaced"][0]["id"] == "0x00158d0001ff0009"
    assert home["gateway"]["is_online"] is True


def test_the_chart_holds_one_value_for_each_bin(program: Visitor) -> None:
    chart = program.get("/api/v1/homes/elm-14/chart?days=3").json()
    assert len(chart["at"]) == 144
    assert {len(strip["counts"]) for strip in chart["movement"]} == {144}
    assert {len(line["celsius"]) for line in chart["temperature"]} == {144}
    assert [mark["urgency"] for mark in chart["alerts"]] == ["urgent"]


@pytest.mark.parametrize(("days", "bins"), [(30, 720), (365, 1460)])
def test_a_long_chart(program: Visitor, days: int, bins: int) -> None:
    assert len(program.get(f"/api/v1/homes/elm-14/chart?days={days}").json()["at"]) == bins


def test_a_chart_that_cannot_be_told_now_is_no_empty_chart(hub: MemoryHub, program: Visitor) -> None:
    hub.has_history = False
    answer = program.get("/api/v1/homes/elm-14/chart")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert answer.json()["detail"].startswith("We cannot show the history now.")


def test_what_breaks_is_a_problem_and_guarded(hub: MemoryHub, program: Visitor) -> None:
    hub.log = None  # type: ignore[assignment]
    answer = program.get("/api/v1/homes/elm-14/chart")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = program.get("/homes/elm-14")
    assert (page.status_code, "look before you act again" in page.text) == (500, True)


def test_health(hub: MemoryHub, program: Visitor) -> None:
    assert program.get("/readyz").status_code == 200
    hub.is_ready = False
    assert program.get("/readyz").status_code == 503
    assert program.get("/healthz").status_code == 200


def test_a_hub_that_is_busy_says_so_and_that_it_may_be_tried_again(
    hub: MemoryHub, program: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise BusyError("too much waits", is_waiting=False)

    monkeypatch.setattr(hub, "acknowledge", busy)
    answer = program.ask("POST", "/api/v1/alerts/a1/acknowledge", json={"by": "Jo"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "perhaps not done" in answer.json()["detail"]


def test_what_outcomes_have_moved_is_undone_once(hub: MemoryHub, program: Visitor) -> None:
    hub.rows["oak-2"] = replace(hub.rows["oak-2"], limits=[OwnLimitRow(Kind.NIGHT_ACTIVITY, -0.5, 0, 1)])
    row = {"kind": "night_activity", "asked": -0.5, "false_ones": 0, "true_ones": 1}
    assert program.get("/api/v1/homes/oak-2").json()["limits"] == [row]
    path, act = "/api/v1/homes/oak-2/forget-outcomes", {"kind": "night_activity"}
    assert program.ask("POST", path, json=act).json()["limits"] == []
    assert program.ask("POST", path, json=act).status_code == 409
    assert program.ask("POST", path, json={"kind": "boredom"}).status_code == 422
    assert program.ask("POST", path.replace("oak-2", "nobody"), json=act).status_code == 404


def test_the_ledger_by_pages(program: Visitor) -> None:
    first = program.get("/api/v1/ledger?limit=1").json()
    assert [(row["contact"], row["state"]) for row in first["items"]] == [("duty-phone", "delivered")]
    second = program.get(f"/api/v1/ledger?limit=1&cursor={first['following']}").json()
    assert [row["contact"] for row in second["items"]] == ["warden-email"]
    assert second["following"] is None
    assert program.get("/api/v1/ledger?from=4102444799").json()["items"] == []
