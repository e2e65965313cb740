import pytest

from sensor_hub.engine.channels import accept, silence_limit
from sensor_hub.engine.device_state import ChannelState
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import HOUR, MINUTE


def _fed(values: list[float], *, every: float = 10 * MINUTE) -> tuple[ChannelState, list[bool]]:
    channel = ChannelState()
    return channel, [accept(channel, Metric.TEMPERATURE, n * every, value) for n, value in enumerate(values)]


@pytest.mark.parametrize("wrong", [85.0, -127.0, 327.67])
def test_impossible_values_are_doubted_and_the_next_good_one_believed(wrong: float) -> None:
    channel, believed = _fed([20.0, wrong, wrong, 20.1])
    assert believed == [True, False, False, True]
    assert channel.doubt == ""


def test_a_jump_to_a_level_that_stays_exactly_there_is_never_believed() -> None:
    channel, believed = _fed([20.0, *[0.0] * 100])
    assert not any(believed[1:])
    assert channel.doubt == "jumped"
    assert channel.good_value == 20.0


def test_a_jump_to_a_level_that_lives_is_believed_after_six_hours() -> None:
    _, believed = _fed([20.0, *[5.0 + 0.1 * (n % 5) for n in range(60)]])
    assert not any(believed[1:36])
    assert all(believed[38:])


def test_a_window_opened_in_winter_is_believed() -> None:
    _, believed = _fed([20.0, 17.0, 14.0, 12.0])
    assert all(believed)


def test_the_limit_of_silence_follows_what_is_usual() -> None:
    often, _ = _fed([20.0] * 20)
    seldom, _ = _fed([20.0] * 20, every=2 * HOUR)
    assert silence_limit(often) == 2 * HOUR
    assert silence_limit(seldom) == 6 * HOUR
