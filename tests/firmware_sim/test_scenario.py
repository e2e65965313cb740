"""Scenarios and the clock they are played by."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from firmware_sim.clock import Clock
from firmware_sim.episodes import EpisodeKind
from firmware_sim.scenario import names, read_scenario
from firmware_sim.tempo import Tempo
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.pace import Pace
from sensor_hub.model.problem import InputError
from sensor_hub.model.room import LIVED_IN

MINIMAL = 'title = "t"\nhome = "h"\nseed = 1\nstart = "2026-01-05T00:00:00Z"\ndays = 2\n'


@pytest.mark.parametrize("name", names())
def test_every_scenario_can_be_generated(name: str) -> None:
    scenario = read_scenario(name)
    home, arrivals, truth = scenario.generate()
    assert home.id == scenario.setting.home
    assert arrivals[0].reading.at >= scenario.start
    assert len(truth.injected) == len(scenario.episodes)


def test_the_first_alert_is_due_within_three_hours() -> None:
    home, arrivals, _ = read_scenario("first-alert").generate()
    start = read_scenario("first-alert").start
    rooms = {device.id: device.room for device in home.devices}
    cold = [
        one.reading.value
        for one in arrivals
        if one.reading.metric is Metric.TEMPERATURE and rooms[one.reading.device] in LIVED_IN
        if one.reading.at < start + 3 * HOUR
    ]
    # Below 16 °C in a lived-in room for two hours tells on the first day.
    assert max(float(value) for value in cold) < 16


def test_a_scenario_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL + '[habits]\nwake = 9\n[[episode]]\nkind = "absence"\nday = 0.5\nhours = 6\n')
    scenario = read_scenario(str(path))
    assert scenario.setting.habits is not None
    assert scenario.setting.habits.wake == 9
    (told,) = scenario.episodes
    assert told.kind is EpisodeKind.ABSENCE
    assert (told.start, told.end) == (scenario.start + 12 * HOUR, scenario.start + 18 * HOUR)


@pytest.mark.parametrize(
    "text", ["", MINIMAL + "colour = 1\n", MINIMAL + '[[episode]]\nkind = "flood"\nday = 1\n', "["]
)
def test_a_bad_scenario_is_one_clear_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"mine\.toml"):
        read_scenario(str(path))


def test_an_unknown_scenario_names_those_that_there_are() -> None:
    with pytest.raises(InputError, match="first-alert"):
        read_scenario("nonsense")


def test_a_scenario_moves_by_whole_days_to_where_the_clock_is() -> None:
    scenario = read_scenario("first-alert")
    assert scenario.moved_to(scenario.start + DAY) is scenario
    moved = scenario.moved_to(scenario.start + 200.3 * DAY)
    assert moved.start == scenario.start + 200 * DAY
    assert moved.episodes[0].start - moved.start == scenario.episodes[0].start - scenario.start
    assert scenario.moved_to(scenario.start - HOUR).start == scenario.start - DAY


def test_options_go_over_the_clock_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text('url = "x"\n[clock]\nstart = "2026-01-05T00:00:00Z"\nspeed = 720\nsince = 1767600000\n')
    told = Tempo.resolve(path, speed=None, start=None, since=None)
    assert told == Tempo(720, 1767571200.0, 1767600000.0)
    assert Tempo.resolve(path, speed=5, start="1767571200.5", since=None) == Tempo(5, 1767571200.5, 1767600000.0)


def test_without_a_clock_it_starts_just_before_the_first_reading() -> None:
    tempo = Tempo.resolve(None, speed=100, start=None, since=None)
    pace = tempo.pace(1767571200.0)
    assert pace is not None
    assert 1767571100 < pace.start < 1767571200
    assert Tempo.resolve(None, speed=0, start=None, since=None).pace(1767571200.0) is None


def test_a_start_that_is_no_moment_is_one_clear_line() -> None:
    with pytest.raises(InputError, match="--clock-start"):
        Tempo.resolve(None, speed=None, start="tomorrow", since=None)


def test_the_clock_waits_for_what_is_to_come_and_not_for_what_is_late() -> None:
    clock, stop = Clock(Pace(1000.0, 1_000_000.0, since=0.0), started=0.0), threading.Event()
    assert clock.wait_until(500.0, stop)
    stop.set()
    assert not Clock(Pace(0.0, 1.0, since=None), started=9e9).wait_until(10.0, stop)
