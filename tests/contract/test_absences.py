"""People come and go in a planned absence: whatever is asked when, and after a restart, the same is said."""

import random
from collections.abc import Iterator

import pytest

from sensor_hub.engine.view import EVERYONE
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.entry import Arrival
from sensor_hub.model.home import Absence
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.watch.home_watch import GRID, HomeWatch
from tests.homes import arrival, by_arrival, heartbeats, moment, small_home

START = moment("2026-01-05 00:00")
AWAY = Absence(START + 6 * HOUR, START + 4 * DAY)
HOME = small_home(absences=(AWAY,))


def _comings_and_goings(chance: random.Random) -> Iterator[Arrival]:
    """Stays of minutes to hours, most of them ended by a door; one reading in fifty comes late."""
    at = AWAY.start
    while at < AWAY.end:
        left = at + chance.uniform(0.2, 5) * HOUR
        yield arrival(at, "front-door", Metric.CONTACT)
        while at < left:
            at += chance.uniform(1, 15) * MINUTE
            late = chance.uniform(0, 2 * HOUR) if chance.random() < 0.02 else 1.0
            room = chance.choice(("kitchen", "living", "bathroom"))
            yield arrival(at, f"motion-{room}", Metric.MOTION, received=at + late)
        if chance.random() < 0.7:
            yield arrival(at + chance.uniform(-100, 100), "front-door", Metric.CONTACT)
        at += chance.uniform(0.3, 10) * HOUR


def _asked_at_every_tick(watch: HomeWatch, entry: Arrival) -> list[AlertChange]:
    told: list[AlertChange] = []
    while watch.state.ticked is not None and watch.state.ticked + GRID <= entry.received:
        watch.engine.view.wake(EVERYONE)
        told += watch.tick_past(watch.state.ticked + GRID)
    return told + watch.feed(entry)


@pytest.mark.parametrize("seed", [1, 2])
def test_comings_and_goings_in_an_absence_say_the_same_however_they_are_asked(seed: int) -> None:
    chance = random.Random(seed)
    log = by_arrival([*heartbeats(HOME, START, AWAY.end + DAY), *_comings_and_goings(chance)])
    watch, eager, restored = (HomeWatch.begin(HOME) for _ in range(3))
    held = set[bool]()
    for entry in log:
        told = watch.feed(entry)
        assert told == _asked_at_every_tick(eager, entry)
        if chance.random() < 0.02:
            restored = HomeWatch.restore(restored.snapshot())
        assert told == restored.feed(entry)
        assert watch.findings == eager.findings
        absence = watch.engine.state.absences[0]
        assert absence == restored.engine.state.absences[0]
        held.add(absence.moving_since is None)
    assert held == {True, False}
