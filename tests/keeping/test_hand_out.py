"""What other programs get of a home: valid FHIR, and tables that say the same as the log."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from fhir.resources.R4B.bundle import Bundle

from sensor_hub.alerts.channel import Channel
from sensor_hub.alerts.delivery import Attempt
from sensor_hub.alerts.notice import Notice
from sensor_hub.keeping.hand_out import Form, Period, hand_out
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.entry import HomeSet
from sensor_hub.model.home import Device, Home
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import BINARY, Metric
from sensor_hub.model.moment import iso, parse_moment
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.storage.stores import SqlStores
from tests.alerts.changes import AT, change
from tests.storage.stores import open_fresh

HOME = Home(
    "flat_12",
    "Europe/London",
    1,
    (
        Device("0x01", Room.LIVING, frozenset(Metric) - {Metric.ONLINE}, 3600.0),
        Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 900.0),
    ),
)


def _reading(number: int, metric: Metric) -> Reading:
    value = {Metric.BUTTON: "double", Metric.CO2: 420.0}.get(metric, 1.0 if metric in BINARY else 20.5)
    return Reading(AT + number, "gateway" if metric is Metric.ONLINE else "0x01", metric, value)


READINGS = [_reading(number, metric) for number, metric in enumerate(Metric)]
ALL = Period(0.0, AT + 1e6)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[SqlStores]:
    """A home with a reading of each metric, an open alert, and one that ended, of which somebody was told."""
    stores = open_fresh(tmp_path)
    stores.log.append(HOME.id, HomeSet(AT, HOME))
    stores.log.append_readings(HOME.id, AT + 100, READINGS)
    stores.alerts.record(change(Kind.COLD, home=HOME.id))
    fall = change(Kind.INACTIVITY, Urgency.URGENT, home=HOME.id)
    stores.alerts.record(fall)
    for state in ("waiting", "sending", "delivered"):
        reference = f"ref-{state}"
        stores.alerts.add_notice(
            Notice(reference, fall.id, "duty", fall.urgency, f"URGENT (ref {reference})", ""), AT, AT
        )
        attempt = Attempt(reference, 1, Channel("duty", 1, "console://"))
        if state != "waiting":
            stores.outbox.start(attempt, AT)
        if state == "delivered":
            stores.outbox.delivered(attempt, AT + 2)
    stores.alerts.record(AlertChange(**{**_fields(fall), "number": 2, "state": AlertState.CLEARED, "at": AT + 60}))
    yield stores
    stores.database.close()


def _fields(told: AlertChange) -> dict:
    return {name: getattr(told, name) for name in AlertChange.__slots__}


def bundle(stores: SqlStores, folder: Path, period: Period = ALL) -> dict:
    path, count = hand_out(stores, HOME.id, period, folder, Form.FHIR, AT)
    read = json.loads(path.read_text(encoding="utf-8"))
    assert count == len(read["entry"])
    return dict(read)


def of_type(read: dict, kind: str) -> list[dict]:
    return [each["resource"] for each in read["entry"] if each["resource"]["resourceType"] == kind]


def test_a_bundle_is_valid_fhir(stores: SqlStores, tmp_path: Path) -> None:
    read = bundle(stores, tmp_path)
    parsed = Bundle.model_validate(read)
    assert len(parsed.entry) == len(read["entry"])
    ids = [(each["resource"]["resourceType"], each["resource"]["id"]) for each in read["entry"]]
    assert len(set(ids)) == len(ids)


def test_every_reference_leads_to_a_resource_of_the_bundle(stores: SqlStores, tmp_path: Path) -> None:
    read = bundle(stores, tmp_path)
    there = {f"{each['resource']['resourceType']}/{each['resource']['id']}" for each in read["entry"]}
    text = json.dumps(read)
    referred = {part.split('"')[0] for part in text.split('"reference": "')[1:]}
    assert referred
    assert referred <= there


def test_readings_are_observations_in_their_units(stores: SqlStores, tmp_path: Path) -> None:
    told = {each["code"]["text"]: each for each in of_type(bundle(stores, tmp_path), "Observation")}
    assert set(told) == {metric.value for metric in Metric}
    warm = told["temperature"]
    assert warm["valueQuantity"] == {"value": 20.5, "unit": "°C", "system": "http://unitsofmeasure.org", "code": "Cel"}
    assert warm["code"]["coding"][0]["code"] == "60832-3"
    assert warm["effectiveDateTime"] == iso(AT)
    assert told["motion"]["valueBoolean"] is True
    assert told["button"]["valueString"] == "double"


def test_an_alert_is_a_flag_that_ends_with_it_and_its_notices_are_communications(
    stores: SqlStores, tmp_path: Path
) -> None:
    read = bundle(stores, tmp_path)
    flags = {each["code"]["coding"][0]["code"]: each for each in of_type(read, "Flag")}
    assert flags["cold"]["status"] == "active"
    assert "end" not in flags["cold"]["period"]
    assert flags["inactivity"]["status"] == "inactive"
    assert flags["inactivity"]["period"]["end"] == iso(AT + 60)
    told = {each["identifier"][0]["value"]: each for each in of_type(read, "Communication")}
    assert told["ref-delivered"]["status"] == "completed"
    assert told["ref-delivered"]["sent"] == iso(AT + 2)
    assert {each["status"] for each in told.values()} == {"completed", "in-progress", "not-done"}
    assert "sent" not in told["ref-waiting"]


def test_a_period_leaves_out_what_was_before_and_after(stores: SqlStores, tmp_path: Path) -> None:
    read = bundle(stores, tmp_path, Period(AT + 1, AT + 3))
    assert [each["effectiveDateTime"] for each in of_type(read, "Observation")] == [iso(AT + 1), iso(AT + 2)]
    assert of_type(read, "Flag") == []


def test_an_empty_period_is_a_bundle_all_the_same(stores: SqlStores, tmp_path: Path) -> None:
    assert of_type(bundle(stores, tmp_path, Period(0.0, 1.0)), "Location")


def test_tables_say_what_the_log_says(stores: SqlStores, tmp_path: Path) -> None:
    path, count = hand_out(stores, HOME.id, ALL, tmp_path, Form.CSV, AT)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert count == len(rows) == len(READINGS)
    by_metric = {reading.metric.value: reading for reading in READINGS}
    for row in rows:
        reading = by_metric[row["metric"]]
        assert parse_moment(row["at"]) == reading.at
        assert row["value"] == str(reading.value)

    path, count = hand_out(stores, HOME.id, ALL, tmp_path, Form.PARQUET, AT)
    table = parquet.read_table(path).to_pylist()
    assert count == len(table) == len(READINGS)
    for row in table:
        reading = by_metric[row["metric"]]
        assert row["at"].timestamp() == reading.at
        assert (row["action"] if isinstance(reading.value, str) else row["value"]) == reading.value


def test_a_home_that_is_not_in_the_log_is_named(stores: SqlStores, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no home 'elm-1' in the log"):
        hand_out(stores, "elm-1", ALL, tmp_path, Form.CSV, AT)
