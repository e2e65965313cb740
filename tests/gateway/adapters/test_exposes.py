"""What a device measures is read from its exposes."""

from __future__ import annotations

import pytest

from gateway.adapters.exposes import Measure, measures
from gateway.checks import Fault
from tests.gateway.adapters.messages import Expose, action, binary, numeric


def only(expose: Expose, **more: str) -> Measure | None:
    found = measures("d", [expose], **more)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("expose", "raw", "metric", "value"),
    [
        (numeric("temperature", "°C"), 21.5, "temperature", 21.5),
        (numeric("temperature", "°F"), 68, "temperature", 20.0),
        (numeric("temperature", "K"), 293.15, "temperature", 20.0),
        (numeric("humidity", "%"), "48.2", "humidity", 48.2),
        (numeric("power", "kW"), 0.2, "power", 200.0),
        (numeric("illuminance_lux", "lx"), 12, "illuminance", 12),
        (binary("occupancy"), True, "motion", 1),
        (binary("contact", on=False, off=True), True, "contact", 0),
        (binary("contact", on=True, off=False), True, "contact", 0),
        (binary("contact_alarm_1"), True, "contact", 1),
        (binary("smoke", on="ALARM", off="CLEAR"), "CLEAR", "smoke", 0),
        (action("single"), "single", "button", "single"),
    ],
)
def test_a_property_reads_in_our_unit(expose: Expose, raw: object, metric: str, value: object) -> None:
    found = only(expose)
    assert found is not None
    assert (found.metric, found.value(raw)) == (metric, value)


@pytest.mark.parametrize(
    "expose",
    [
        numeric("device_temperature", "°C"),
        numeric("temperature_calibration", "°C"),
        numeric("occupied_heating_setpoint", "°C", access=7),
        numeric("external_temperature", "°C", access=7),
        numeric("temperature", "°C", category="config"),
        numeric("temperature", "°C", access=2),
        numeric("illuminance"),
        numeric("power", "%"),
        numeric("voltage", "V"),
        binary("battery_low"),
        binary("contact", on="ON", off="OFF"),
        {"type": "composite", "property": "schedule", "features": [numeric("temperature", "°C")]},
        {"type": ["numeric"], "name": {"a": 1}, "property": "temperature", "access": 1},
    ],
)
def test_a_setting_or_diagnostic_is_no_reading(expose: Expose) -> None:
    assert only(expose) is None


def test_millivolts_are_the_battery_only_where_there_is_one() -> None:
    voltage = numeric("voltage", "mV")
    assert only(voltage, power_source="Mains (single phase)") is None
    found = only(voltage, power_source="Battery")
    assert found is not None
    assert found.value(2995) == 2.995


def test_a_climate_groups_its_temperature() -> None:
    climate = {"type": "climate", "features": [numeric("local_temperature", "°C", access=5)]}
    assert [one.property for one in measures("d", [climate])] == ["local_temperature"]


def test_endpoints_are_probes_with_ids_of_their_own() -> None:
    rows = [numeric("temperature", "°C", property=f"temperature_{end}", endpoint=end) for end in ("l1", "l2")] + [
        numeric("humidity", "%", property="humidity_l2", endpoint="l2"),
        numeric("battery", "%"),
    ]
    found = {one.property: one.device for one in measures("d", rows)}
    assert found == {"temperature_l1": "d", "temperature_l2": "d.2", "humidity_l2": "d.2", "battery": "d"}


def test_a_second_probe_does_not_take_the_place_of_the_first() -> None:
    rows = [numeric("floor_temperature", "°C"), numeric("temperature", "°C")]
    assert {one.property: one.device for one in measures("d", rows)} == {"temperature": "d", "floor_temperature": "d.2"}


def test_a_state_must_be_one_that_the_device_says_it_has() -> None:
    occupancy = only(binary("occupancy"))
    assert occupancy is not None
    assert isinstance(occupancy.value(1), Fault)
    assert isinstance(occupancy.value("maybe"), Fault)
