import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, theilslopes

from sensor_hub.engine.shift import deviation, discoveries, lower, shift, slope

COUNTS = st.lists(st.integers(0, 12), min_size=20, max_size=40)


@given(COUNTS, COUNTS)
def test_the_chance_of_lying_lower_is_that_of_mann_and_whitney(recent: list[int], before: list[int]) -> None:
    if len({*recent, *before}) > 1:
        expected = mannwhitneyu(recent, before, alternative="less", method="asymptotic").pvalue
        assert lower(recent, before) == pytest.approx(expected, abs=1e-9)


def test_days_that_are_all_alike_lie_no_lower() -> None:
    assert lower([4] * 20, [4] * 40) == 1.0


@given(st.lists(st.integers(-50, 50), min_size=3, max_size=30))
def test_the_slope_is_that_of_theil_and_sen(values: list[int]) -> None:
    points = list(enumerate(values))
    assert slope(points) == pytest.approx(theilslopes(values)[0])


def test_one_odd_day_moves_neither_shift_nor_spread() -> None:
    usual = [9.0, 10.0, 11.0] * 8
    assert shift([*usual[:20], 0.0], usual) == pytest.approx(0.0, abs=1.0)
    assert deviation([*usual, 90.0], 0.1) == pytest.approx(1.4826)
    assert deviation([4.0] * 9, 0.5) == 0.5


def test_the_more_is_looked_at_the_rarer_it_must_be() -> None:
    assert discoveries([0.009], 0.01) == [True]
    assert discoveries([0.009, 0.5, 0.6, 0.7], 0.01) == [False] * 4
    assert discoveries([0.002, 0.5, 0.001, 0.7], 0.01) == [True, False, True, False]
