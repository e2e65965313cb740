import tomllib
from dataclasses import replace

import pytest

from sensor_hub.model.home import Absence, home_table, home_toml, parse_home
from sensor_hub.model.problem import InputError
from sensor_hub.model.visit import Visit
from tests.homes import moment, small_home

HOME = {"id": "h1", "timezone": "Europe/London"}


def test_a_home_survives_its_file_and_its_table() -> None:
    home = small_home(
        absences=(Absence(moment("2026-01-05 00:00"), moment("2026-01-06 00:00"), moment("2026-01-04 09:00")),)
    )
    home = replace(home, devices=(replace(home.devices[0], pet=True), *home.devices[1:]))
    home = replace(home, visits=(Visit("morning “call”", 510, (0, 4), 1800.0), Visit("evening", 1200)))
    assert parse_home(tomllib.loads(home_toml(home)), where="file") == home
    assert parse_home(home_table(home), where="table") == home


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"device": [{"id": "a b", "room": "hall", "metrics": ["motion"]}]}, "id is 'a b'"),
        ({"device": [{"id": "a", "room": "attic", "metrics": ["motion"]}]}, "room is 'attic'"),
        ({"device": [{"id": "a", "room": "hall", "metrics": ["magic"]}]}, "metrics"),
        ({"device": [{"id": "a", "room": "hall", "metrics": ["motion"], "report_every": 0}]}, "report_every is 0"),
        ({"device": [{"id": "a", "room": "hall", "metrics": ["motion"], "pet": "cat"}]}, "pet is 'cat'"),
        ({"device": [{"id": "a", "room": "hall", "metrics": ["motion"]}] * 2}, "stands twice"),
        ({"device": {"id": "a"}}, "expected [[device]]"),
        ({"residents": 0}, "residents is 0"),
        ({"absence": [{"start": 1767605000, "end": 1767600000}]}, "an end after the start"),
        ({"absence": [{"start": "2026-01-05T00:00:00", "end": 1767600000}]}, "start is '2026-01-05T00:00:00'"),
        ({"visit": [{"name": "tea", "at": "16.30"}]}, "at is '16.30'"),
        ({"visit": [{"name": "tea", "at": "16:30", "days": ["friday"]}]}, "expected of mon, tue"),
        ({"visit": [{"name": "tea", "at": "16:30", "tolerance": 0}]}, "tolerance is 0"),
        ({"visit": [{"name": "x" * 41, "at": "16:30"}]}, "at most 40 letters"),
        ({"visit": [{"name": "tea", "at": "16:30"}] * 2}, "visit 'tea' stands twice"),
        ({"visit": [{"name": f"v{n}", "at": "16:30"} for n in range(13)]}, "too many visits"),
        ({"device": [{"id": f"m{n}", "room": "hall", "metrics": ["motion"]} for n in range(65)]}, "too many devices"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_was_expected(more: dict[str, object], told: str) -> None:
    with pytest.raises(InputError) as error:
        parse_home(HOME | more, where="homes/h1.toml")
    assert told in str(error.value)
    assert str(error.value).startswith("homes/h1.toml")
