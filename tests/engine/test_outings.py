import pytest

from sensor_hub.engine.outings import chance_out, learn_silence, still_out, surprise_after_door
from sensor_hub.engine.state import OutingState
from sensor_hub.model.moment import HOUR


def test_a_silence_after_a_door_is_less_surprising_than_one_without() -> None:
    assert surprise_after_door(OutingState(), 4 * HOUR, 9.0) < 3


def test_somebody_who_never_goes_out_is_missed_sooner() -> None:
    homebody, walker = OutingState(), OutingState()
    for _ in range(20):
        learn_silence(homebody, HOUR, ended_at_door=False)
        learn_silence(walker, 2 * HOUR, ended_at_door=True)
    assert chance_out(homebody) < 0.1 < 0.9 < chance_out(walker)
    assert surprise_after_door(homebody, 6 * HOUR, 9.0) > surprise_after_door(walker, 2 * HOUR, 9.0)


@pytest.mark.parametrize("hours", [1, 4, 12])
def test_long_outings_are_rare_before_anything_is_learned(hours: int) -> None:
    share = still_out(OutingState(), hours * HOUR)
    assert share == pytest.approx({1: 0.756, 4: 0.244, 12: 0.037}[hours], abs=0.001)


def test_short_silences_teach_nothing() -> None:
    outings = OutingState()
    learn_silence(outings, 600, ended_at_door=True)
    assert outings == OutingState()
