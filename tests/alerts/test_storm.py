from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor_hub.alerts.storm import WINDOW, Outlook, Silent, Sky, Storm, Weather, judge_storm

T = 1_000_000.0


def silent(count: int, at: float = T, apart: float = 0.0) -> list[Silent]:
    return [Silent(f"flat-{number}", at + number * apart) for number in range(count)]


@pytest.mark.parametrize(("homes", "most"), [(1, 5), (20, 5), (50, 5), (60, 6), (2000, 200)])
def test_more_than_five_homes_and_a_tenth_of_the_hubs_are_a_storm(homes: int, most: int) -> None:
    assert judge_storm(Sky(homes, silent(most)), None) == Outlook(Weather.CALM)
    assert judge_storm(Sky(homes, silent(most + 1)), None) == Outlook(Weather.MANY, T, most + 1)


def test_homes_that_fall_silent_one_by_one_are_none() -> None:
    assert judge_storm(Sky(20, silent(20, apart=WINDOW / 5)), None).weather is Weather.CALM
    assert judge_storm(Sky(20, silent(20, apart=WINDOW / 6)), None).weather is Weather.MANY


def test_a_hub_without_its_broker_needs_no_silent_home() -> None:
    assert judge_storm(Sky(1, [], cut_at=T), None) == Outlook(Weather.LINK, T, 0)


def test_it_lasts_until_most_are_heard_again_and_the_hub_has_its_broker() -> None:
    storm = Storm(T, T + 1800, 300, lasts=True)
    assert judge_storm(Sky(2000, silent(300)), storm).weather is Weather.LASTS
    assert judge_storm(Sky(2000, silent(101)), storm).weather is Weather.LASTS
    assert judge_storm(Sky(2000, silent(100)), storm) == Outlook(Weather.OVER, T, 100)
    assert judge_storm(Sky(2000, [], cut_at=T), storm).weather is Weather.LASTS


def test_one_of_the_hubs_own_link_is_over_with_it_where_few_homes_are_silent() -> None:
    storm = Storm(T, T + 300, 0, lasts=True)
    assert judge_storm(Sky(3, silent(3)), storm) == Outlook(Weather.OVER, T, 3)
    assert judge_storm(Sky(2000, silent(201)), storm).weather is Weather.GROWN


def test_that_it_has_grown_by_half_is_said_once() -> None:
    storm = Storm(T, T + 1800, 300, lasts=True)
    assert judge_storm(Sky(2000, silent(450)), storm) == Outlook(Weather.GROWN, T, 450)
    assert judge_storm(Sky(2000, silent(450)), Storm(T, T + 1800, 450, lasts=True)).weather is Weather.LASTS


def test_homes_that_stay_silent_after_it_are_no_new_one_and_others_are() -> None:
    over = Storm(T, T + 1800, 300, lasts=False)
    assert judge_storm(Sky(2000, silent(300)), over).weather is Weather.CALM
    again = silent(300, at=T + 7200)
    assert judge_storm(Sky(2000, [*silent(50), *again]), over) == Outlook(Weather.MANY, T + 7200, 300)


@given(st.integers(1, 3000), st.lists(st.floats(0, 3600), max_size=60))
def test_a_storm_is_what_a_plain_count_says(homes: int, since: list[float]) -> None:
    most = max((sum(each <= other < each + WINDOW for other in since) for each in since), default=0)
    sky = Sky(homes, [Silent("flat", each) for each in since])
    assert (judge_storm(sky, None).weather is Weather.MANY) == (most > max(5, homes / 10))
