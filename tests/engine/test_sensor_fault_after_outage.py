"""A series whose readings come in late, after others of the same device, is no faulty sensor."""

from __future__ import annotations

import pytest

from sensor_hub.model.entry import Arrival
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from tests.homes import arrival, by_arrival, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
HOME = small_home()
DOWN, UP = START + 2 * DAY, START + 2.5 * DAY + 2 * MINUTE


@pytest.mark.parametrize("is_kept", [True, False])
def test_after_an_outage_a_series_is_waited_for_and_told_only_if_it_stays_away(is_kept: bool) -> None:
    log = [
        Arrival(UP + (one.reading.at - DOWN) / 30, one.reading) if DOWN <= one.reading.at < UP else one
        for one in whole_log(HOME, START, START + 3 * DAY)
        if is_kept
        or one.reading.device != "climate-living"
        or one.reading.metric is Metric.BATTERY
        or one.reading.at < DOWN
    ]
    first = arrival(UP + MINUTE, "climate-living", Metric.BATTERY, 95.0)
    told = [one for one in raised(HOME, by_arrival([*log, first])) if one.kind is Kind.SENSOR_FAULT]
    assert [one.subject for one in told] == ([] if is_kept else ["climate-living"])
    assert all(one.at > UP + 12 * HOUR / 30 for one in told)
