"""How an alert is now is shown while it lasts: no change of it, no notice, and gone when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.model.reading import Reading
from tests.homes import small_home
from tests.watch.test_worker import START, Rig

HOME = small_home().id


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path, [small_home()], START)
    yield rig
    rig.stores.database.close()


def hear(rig: Rig, hours: float, celsius: float) -> None:
    """So many hours with the gateway heard, and this warm in the living room."""
    for _ in range(int(hours * 6)):
        rig.time.at += 10 * MINUTE
        upto = int(rig.time.at - START)
        readings = [
            Reading(rig.time.at - 130, "gateway", Metric.ONLINE, 1.0),
            Reading(rig.time.at - 130, "climate-living", Metric.TEMPERATURE, celsius + upto % 7 / 100),
        ]
        rig.take(rig.batch(readings, after=upto - 600, upto=upto))
        rig.worker.tick()


def told(rig: Rig) -> tuple[str, str | None]:
    """What was told of the cold, and how it is now."""
    (row,) = [row for row in rig.stores.registry.home_alerts(HOME, 0.0) if row.kind == Kind.COLD]
    return row.summary, row.now


def test_a_home_that_grows_colder_says_so_without_another_notice(rig: Rig) -> None:
    hear(rig, 12, 15.2)
    summary, _ = told(rig)
    assert "15.2 °C in the living room" in summary
    changes, notices = len(list(rig.stores.alerts.changes_of_home(HOME))), rig.notices()
    hear(rig, 1, 13.4)
    assert told(rig)[0] == summary
    assert "13.4 °C in the living room, below 16 °C since" in (told(rig)[1] or "")
    assert len(list(rig.stores.alerts.changes_of_home(HOME))) == changes
    assert {notice for notice in rig.notices() if notice not in notices} == set()
    rig.crash(in_order=True)
    rig.worker.open()
    assert "13.4 °C" in (told(rig)[1] or "")
    rig.time.at += 3 * HOUR
    rig.worker.tick()
    assert (told(rig)[1] or "").startswith("It cannot be told how it is: ")
    hear(rig, 3, 20.0)
    assert told(rig) == (summary, None)


def test_what_stands_there_of_homes_that_are_watched_no_longer_goes(rig: Rig) -> None:
    hear(rig, 12, 15.2)
    assert told(rig)[1] is not None
    rig.homes = []
    rig.crash(in_order=True)
    rig.worker.open()
    assert told(rig)[1] is None
