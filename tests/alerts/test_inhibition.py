from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor_hub.alerts.inhibition import EARLIER, WIDTH, Cause, Causes, Width, covering
from sensor_hub.model.alert import HUB, AlertChange
from sensor_hub.model.kind import ALARMS, KINDS, Audience, Kind
from tests.alerts.changes import SINCE, change

GATEWAY = Cause("gateway", SINCE)
STORM = Cause("storm", SINCE)
BOTH = Causes((STORM,), {"flat-12": GATEWAY})
CARE = [kind for kind, info in KINDS.items() if info.audience is Audience.CARE]


@pytest.mark.parametrize("kind", [Kind.DEVICE_SILENT, Kind.SENSOR_FAULT, Kind.BATTERY_LOW])
def test_a_silent_gateway_covers_what_is_wrong_with_the_devices_of_its_home_and_of_no_other(kind: Kind) -> None:
    assert covering(change(kind), BOTH) == "gateway"
    assert covering(change(kind, home="flat-13"), BOTH) is None


def test_a_storm_covers_the_gateways_that_fell_silent_in_it_and_none_that_did_before() -> None:
    gateway = change(Kind.GATEWAY_SILENT)
    assert covering(gateway, BOTH) == "storm"
    assert covering(replace(gateway, since=SINCE - EARLIER), BOTH) == "storm"
    assert covering(replace(gateway, since=SINCE - EARLIER - 1), BOTH) is None


@pytest.mark.parametrize("kind", CARE)
def test_what_concerns_the_resident_is_covered_by_nothing(kind: Kind) -> None:
    assert covering(change(kind), BOTH) is None


changes = st.builds(
    lambda kind, home, since: replace(change(kind, home=home), id=f"{kind}{home}{since}", since=since),
    st.sampled_from(list(Kind)),
    st.sampled_from(["a", "b", HUB]),
    st.floats(0, 3600),
)


@given(st.lists(changes, max_size=12))
def test_whatever_is_covered_in_the_end_something_is_told(lasting: list[AlertChange]) -> None:
    """No circle: from what is covered one comes, from cause to cause, to an alert that nothing covers."""
    by_id = {each.id: each for each in lasting}
    hub = tuple(Cause(each.id, each.since) for each in lasting if WIDTH.get(each.kind) is Width.HUB)
    homes = {each.home: Cause(each.id, each.since) for each in lasting if WIDTH.get(each.kind) is Width.HOME}
    for each in lasting:
        steps, cause = 0, covering(each, Causes(hub, homes))
        while cause is not None:
            assert each.kind not in ALARMS
            assert KINDS[each.kind].audience is Audience.TECHNICAL
            steps, cause = steps + 1, covering(by_id[cause], Causes(hub, homes))
        assert steps < len(Width)
