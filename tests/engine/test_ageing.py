import math

import pytest

from sensor_hub.engine import ageing
from sensor_hub.engine.hazard import aged
from sensor_hub.engine.state import HazardState

NOON = 52
ONE_IN_THREE = -math.log1p(-1 / 3)
TABLE = [ONE_IN_THREE] * 96


def _naps(quarters: int, endings: int) -> HazardState:
    """Learned: so many quarters after an hour of silence at noon, and how many of them ended it."""
    learned = HazardState()
    for number in range(quarters):
        ageing.learn(learned, NOON, ageing.OLD, expected=1 / 3, ended=number < endings)
    return learned


def test_before_anything_is_learned_an_old_silence_ends_as_a_young_one() -> None:
    learned = HazardState()
    assert all(ageing.readiness(learned, slot, age) == 1.0 for slot in range(96) for age in (0, 4, 12, 90))


def test_where_people_nap_an_old_silence_adds_less_surprise() -> None:
    learned = _naps(60, 5)
    assert aged(learned, TABLE, NOON, ageing.OLD) < 0.6 * ONE_IN_THREE
    assert aged(learned, TABLE, NOON, ageing.OLD - 1) == ONE_IN_THREE


def test_what_is_learned_of_noon_says_nothing_of_night_or_of_still_older_silences() -> None:
    learned = _naps(60, 5)
    assert ageing.readiness(learned, 8, ageing.OLD) == 1.0
    assert ageing.readiness(learned, NOON, ageing.VERY_OLD) == 1.0


def test_no_habit_takes_the_surprise_of_a_silence_away_or_adds_to_it() -> None:
    assert ageing.readiness(_naps(9000, 0), NOON, ageing.OLD) == ageing.LEAST
    assert ageing.readiness(_naps(90, 90), NOON, ageing.OLD) == 1.0


def test_what_was_learned_fades() -> None:
    learned = _naps(60, 5)
    before = ageing.readiness(learned, NOON, ageing.OLD)
    ageing.fade(learned, 0.5)
    assert ageing.readiness(learned, NOON, ageing.OLD) == pytest.approx((2.5 + 8) / (10 + 8))
    assert before == pytest.approx((5 + 8) / (20 + 8))
