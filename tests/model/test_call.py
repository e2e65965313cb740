import pytest

from sensor_hub.model.call import as_alarm, is_call
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading


@pytest.mark.parametrize(
    "action", ["emergency", "panic", "sos", "SOS_double", "button_2_sos", "emergency-hold", "help"]
)
def test_actions_that_call_for_help(action: str) -> None:
    assert is_call(action)


@pytest.mark.parametrize(
    "action", ["on", "single", "emergency_cleared", "sos_test", "panic_off", "disarm", "sosumi", ""]
)
def test_actions_that_do_not(action: str) -> None:
    assert not is_call(action)


def test_only_a_button_is_taken_for_what_it_means() -> None:
    assert as_alarm(Reading(1.0, "b", Metric.BUTTON, "panic")) == Reading(1.0, "b", Metric.SOS, 1.0)
    for other in (Reading(1.0, "b", Metric.BUTTON, "on"), Reading(1.0, "b", Metric.MOTION, 1.0)):
        assert as_alarm(other) is other
