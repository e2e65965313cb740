"""What was measured, by the API: by pages, for who may, and never an empty answer where it cannot be told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sensor_hub.history.port import HourRow, Of
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, iso
from sensor_hub.model.reading import Reading
from tests.web.builders import NOW, MemoryHub, make_hub, make_site
from tests.web.visitor import Visitor

START = NOW // HOUR * HOUR - 3 * HOUR
READINGS = [
    Reading(START, "climate", Metric.TEMPERATURE, 19.5),
    Reading(START, "climate", Metric.HUMIDITY, 50.0),
    Reading(START, "button", Metric.BUTTON, "single"),
    Reading(START + 60.25, "motion-hall", Metric.MOTION, 1.0),
    Reading(START + HOUR, "climate", Metric.TEMPERATURE, 20.5),
    Reading(START + HOUR + 1, "climate", Metric.TEMPERATURE, 21.5),
]
PATH = "/api/v1/homes/elm-14"


@pytest.fixture
def hub() -> MemoryHub:
    hub = make_hub()
    hub.log["elm-14"] = list(READINGS)
    return hub


@pytest.fixture
def program(hub: MemoryHub) -> Visitor:
    visitor = Visitor(make_site(hub))
    visitor.sign_in("Jo")
    return visitor


def test_readings_with_their_units(program: Visitor) -> None:
    page = program.get(f"{PATH}/readings").json()
    assert page["following"] is None
    assert page["items"][:2] == [
        {"at": iso(START), "device": "button", "metric": "button", "value": "single", "unit": "event"},
        {"at": iso(START), "device": "climate", "metric": "humidity", "value": 50.0, "unit": "%"},
    ]
    assert page["items"][3]["at"] == iso(START + 60.25)
    assert len(page["items"]) == 6


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
def test_pages_miss_none_and_repeat_none(program: Visitor, limit: int) -> None:
    found, cursor = [], ""
    for _ in range(10):
        page = program.get(f"{PATH}/readings?limit={limit}&cursor={cursor}").json()
        found += [(each["at"], each["device"], each["metric"]) for each in page["items"]]
        cursor = page["following"]
        if cursor is None:
            break
    assert found == sorted((iso(each.at), each.device, each.metric.value) for each in READINGS)


def test_only_those_that_were_asked_for(program: Visitor) -> None:
    def counted(query: str) -> int:
        return len(program.get(f"{PATH}/readings?{query}").json()["items"])

    assert counted(f"from={START + 1}&until={START + HOUR}") == 1
    assert counted("device=climate") == 4
    assert counted("device=climate&metric=temperature") == 3


def test_the_hours_of_a_series(program: Visitor) -> None:
    rows = program.get(f"{PATH}/hours?from={START}&until={NOW}&metric=temperature").json()["items"]
    assert rows == [
        {
            "at": iso(START + after),
            "device": "climate",
            "metric": "temperature",
            "count": count,
            "lowest": low,
            "mean": mean,
            "highest": high,
            "unit": "°C",
        }
        for after, count, low, mean, high in ((0, 1, 19.5, 19.5, 19.5), (HOUR, 2, 20.5, 21.0, 21.5))
    ]


def test_hours_are_asked_for_some_days_at_a_time(
    hub: MemoryHub, program: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, hours = [], hub.hours

    def counted(of: Of, start: float, end: float) -> Sequence[HourRow]:
        asked.append((end - start) / DAY)
        return hours(of, start, end)

    monkeypatch.setattr(hub, "hours", counted)
    page = program.get(f"{PATH}/hours?from={NOW - 40 * DAY}&until={NOW}").json()
    assert (asked, page["following"]) == ([1, 2, 4, 8, 8, 8, 8, 1], None)
    assert len(page["items"]) == len(hours(Of("elm-14"), NOW - 40 * DAY, NOW))
    first = program.get(f"{PATH}/hours?from={NOW - 2 * DAY}&until={NOW}&limit=1").json()
    asked.clear()
    program.get(f"{PATH}/hours?from={NOW - 2 * DAY}&until={NOW}&limit=1&cursor={first['following']}")
    assert sum(asked) < 2, "not from the beginning again"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/homes/nowhere/readings", 404),
        (f"/api/v1/homes/nowhere/hours?from=0&until={NOW}", 404),
        (f"{PATH}/readings?cursor=nonsense", 422),
        (f"{PATH}/readings?cursor=YSBiIGM=", 422),
        (f"{PATH}/readings?device=a%20b", 422),
        (f"{PATH}/readings?metric=weight", 422),
        (f"{PATH}/readings?limit=0", 422),
        (f"{PATH}/hours", 422),
        (f"{PATH}/hours?from=0&until={NOW}", 422),
    ],
)
def test_what_cannot_be_asked(program: Visitor, path: str, status: int) -> None:
    assert program.get(path).status_code == status


@pytest.mark.parametrize("path", ["readings", f"hours?from={START}&until={NOW}"])
def test_what_cannot_be_told_now_is_no_empty_answer(hub: MemoryHub, program: Visitor, path: str) -> None:
    hub.has_history = False
    assert program.get(f"{PATH}/{path}").status_code == 503
