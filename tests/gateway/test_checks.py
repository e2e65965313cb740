"""What a value and a time must pass."""

from __future__ import annotations

import pytest

from gateway.checks import OUT_OF_RANGE, SENTINEL, judge, number, sane_moment
from sensor_hub.model.metric import Metric

NOON = 1767614400.0


@pytest.mark.parametrize(("value", "found"), [(1, 1.0), ("21.40", 21.4), (" -3 ", -3.0), ("1e3", 1000.0), (0.0, 0.0)])
def test_numbers_may_be_text(value: object, found: float) -> None:
    assert number(value) == found


@pytest.mark.parametrize("value", [None, True, "", "nan", "inf", "1_000", "0x10", "21 C", [1], {"value": 1}])
def test_words_and_flags_are_no_numbers(value: object) -> None:
    assert number(value) is None


@pytest.mark.parametrize(
    ("metric", "value", "reason"),
    [
        (Metric.TEMPERATURE, 85.0, SENTINEL),
        (Metric.TEMPERATURE, -127.0, SENTINEL),
        (Metric.TEMPERATURE, -327.68, SENTINEL),
        (Metric.TEMPERATURE, 1048576.0, OUT_OF_RANGE),
        (Metric.HUMIDITY, 655.35, SENTINEL),
        (Metric.HUMIDITY, -1.0, OUT_OF_RANGE),
        (Metric.BATTERY, 130.0, OUT_OF_RANGE),
        (Metric.BATTERY, 255.0, SENTINEL),
        (Metric.CO2, 0.0, SENTINEL),
        (Metric.POWER, float("inf"), OUT_OF_RANGE),
        (Metric.POWER, float("nan"), OUT_OF_RANGE),
    ],
)
def test_impossible_values_are_rejected_not_clamped(metric: Metric, value: float, reason: str) -> None:
    fault = judge(metric, value)
    assert fault is not None
    assert fault.reason == reason
    assert fault.detail.startswith(metric.value)


@pytest.mark.parametrize(("metric", "value"), [(Metric.TEMPERATURE, -0.01), (Metric.HUMIDITY, 0.0), (Metric.MOTION, 1)])
def test_possible_values_pass(metric: Metric, value: float) -> None:
    assert judge(metric, value) is None


@pytest.mark.parametrize(
    "said", [NOON - 60, (NOON - 60) * 1000, "2026-01-05T11:59:00Z", "2026-01-05T11:59:00.000000000Z"]
)
def test_a_messages_own_time_counts(said: object) -> None:
    assert sane_moment(said, NOON) == (NOON - 60, None)


@pytest.mark.parametrize(
    "said", ["1980-01-01T00:00:00Z", NOON + 301, "12:00", True, [], 10**30, -5, "2026-01-05T12:00:00"]
)
def test_a_wrong_time_is_told_and_replaced(said: object) -> None:
    at, fault = sane_moment(said, NOON)
    assert at == NOON
    assert fault is not None


def test_no_time_is_no_fault() -> None:
    assert sane_moment(None, NOON) == (NOON, None)
