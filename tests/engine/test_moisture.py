import pytest

from sensor_hub.engine.moisture import critical_humidity, grown, surface_humidity


@pytest.mark.parametrize(
    ("indoors", "humidity", "outdoors", "factor", "surface"),
    [(18, 60, 5, 0.75, 74), (18, 60, 5, 0.60, 84), (16, 70, 0, 0.75, 91), (20, 50, 0, 0.75, 69), (20, 50, 0, 0.60, 83)],
)
def test_humidity_at_the_wall(indoors: float, humidity: float, outdoors: float, factor: float, surface: float) -> None:
    assert surface_humidity(indoors, humidity, outdoors, factor) == pytest.approx(surface, abs=0.6)


@pytest.mark.parametrize(("temperature", "humidity"), [(5, 88.0), (10, 82.0), (15, 80.0), (20, 80.0), (25, 80.0)])
def test_the_humidity_from_which_mould_grows(temperature: float, humidity: float) -> None:
    assert critical_humidity(temperature) == pytest.approx(humidity, abs=0.05)


@pytest.mark.parametrize(("temperature", "humidity", "days"), [(20, 97, 18.0), (20, 90, 51.0), (20, 85, 121.8)])
def test_days_until_mould_begins_on_a_sensitive_surface(temperature: float, humidity: float, days: float) -> None:
    index, hours = 0.0, 0
    while index < 1.0:
        index = grown(index, temperature, humidity, 1.0, 0.0)
        hours += 1
    assert hours / 24 == pytest.approx(days, rel=0.01)


def test_mould_declines_in_dryness_slowly_and_not_below_nothing() -> None:
    assert grown(1.0, 20, 50, 24.0, 48.0) == pytest.approx(1.0 - 0.016)
    assert grown(1.0, 20, 50, 6.0, 12.0) == 1.0
    assert grown(0.001, 20, 50, 24.0, 48.0) == 0.0
