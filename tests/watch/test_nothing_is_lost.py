"""Whatever is found, ends, is silenced or taken at whatever hour: every alert is told, or its history says why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensor_hub.alerts.escalation import Stage
from sensor_hub.alerts.silence import Silence
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.kind import ALARMS, Kind, Urgency
from sensor_hub.model.moment import HOUR
from sensor_hub.watch.items import Acknowledge, EndSilence, SetSilence
from tests.alerts.storms import Night, cleared, homes, raised
from tests.postgres import fresh_database

KINDS = (Kind.COLD, Kind.INACTIVITY, Kind.SMOKE, Kind.DEVICE_SILENT, Kind.GATEWAY_SILENT, Kind.SENSOR_FAULT)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["find", "find", "clear", "take", "silence", "unsilence", "crash"]),
        st.integers(0, 11),
        st.integers(1, 20),
    ),
    max_size=25,
)


@contextmanager
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize("place", [folder, fresh_database], ids=["sqlite", "postgresql"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EVENTS)
def test_every_alert_is_told_or_was_kept_back_until_it_ended_or_was_taken(
    place: Callable[[], AbstractContextManager[Path | str]], events: list[tuple[str, int, int]]
) -> None:
    with place() as where:
        night = Night(where, homes(2))
        found: dict[int, AlertChange] = {}
        over, taken = set[int](), set[int]()
        for act, number, minutes in events:
            kind, home = KINDS[number % 6], f"flat-{number // 6}"
            if act == "find" and number not in found:
                urgency = Urgency.URGENT if kind in ALARMS else Urgency.SOON
                found[number] = raised(home, kind, at=night.time.at, urgency=urgency, subject=str(number))
                night.find(found[number])
            elif act == "clear" and number in found and number not in over and kind not in ALARMS:
                over.add(number)
                night.find(cleared(found[number], night.time.at))
            elif act == "take" and number in found and number not in over:
                taken.add(number)
                night.take(Acknowledge(found[number].id, "ann"))
            elif act == "silence":
                end = night.time.at + 2 * HOUR
                night.take(SetSilence(Silence(f"s{number}", home, night.time.at, end, "Ann", "so")))
            elif act == "unsilence":
                night.take(EndSilence(f"s{number}", "Ann"))
            elif act == "crash":
                night.crash()
                night.worker.open()
            night.pass_(5 * minutes)
        night.pass_(12 * 60)
        for number, alert in found.items():
            acts = [act for act, who, _ in night.history(alert) if act != "told" or who]
            row = night.stores.registry.alert(alert.id)
            assert row is not None
            notices = list(night.stores.registry.notices(alert.id))
            if alert.kind in ALARMS:
                assert notices
                assert "silenced" not in acts
                assert "covered" not in acts
            escalation = night.stores.escalations.of(alert.id)
            is_put_off = escalation is not None and escalation.stage is Stage.DIGEST
            is_covered = acts[-1:] == ["covered"]
            assert notices or number in over | taken or is_put_off or is_covered, night.history(alert)
            if is_covered and number not in over | taken:
                cause = night.stores.registry.alert(night.history(alert)[-1][1])
                assert cause is not None
                assert (cause.cleared_ms, cause.closed_by) == (None, None)
        references = [notice.reference for notice in night.sent]
        assert len(references) == len(set(references))
        night.stores.database.close()
