from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from sensor_hub.logs import LogSettings, set_up_logs
from tests.storage.stores import open_fresh

log = logging.getLogger("sensor_hub.somewhere")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], logging.root.level = handlers, level


def test_a_line_for_people(capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs()
    log.warning("home %s: two gateways speak for it", "flat-12")
    assert capfd.readouterr().err == "WARNING sensor_hub.somewhere: home flat-12: two gateways speak for it\n"


def test_an_object_for_programs(capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs(LogSettings("json"))
    try:
        raise ValueError("of jo@example.org")
    except ValueError:
        log.exception("it stumbled")
    row = json.loads(capfd.readouterr().err)
    assert (row["level"], row["logger"], row["event"]) == ("error", "sensor_hub.somewhere", "it stumbled")
    assert row["at"].endswith("Z")
    assert "ValueError: of ***" in row["exception"]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("550 no such user jo.bloggs+x@mail.example.org here", "550 no such user *** here"),
        ("unreachable: +44 7700 900123", "unreachable: ***"),
        ("unreachable: 07700900123 (err 12)", "unreachable: *** (err 12)"),
        ("home flat-12 at 2026-01-05T08:00:00Z, entry 1234567", "home flat-12 at 2026-01-05T08:00:00Z, entry 1234567"),
        (
            "device 0x00158d0001a2b3c4 and 00-15-8d-00-01-a2-b3-c4",
            "device 0x00158d0001a2b3c4 and 00-15-8d-00-01-a2-b3-c4",
        ),
    ],
)
def test_addresses_and_numbers_of_people_are_blackened_and_others_stay(
    capfd: pytest.CaptureFixture[str], said: str, shown: str
) -> None:
    set_up_logs()
    log.error("%s", said)
    assert capfd.readouterr().err == f"ERROR sensor_hub.somewhere: {shown}\n"


def test_what_the_database_refuses_is_told_without_the_values(where: Path | str) -> None:
    database = open_fresh(where).database
    with pytest.raises(SQLAlchemyError) as caught:
        database.connection.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "Mrs Bloggs"})
    database.close()
    assert "Bloggs" not in str(caught.value)
