"""Generated homes: the same seed gives the same home, and what is in it is plausible."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import pairwise
from statistics import mean, pvariance
from zoneinfo import ZoneInfo

import pytest

from firmware_sim.episodes import Episode, EpisodeKind, parse_option, truth_table
from firmware_sim.homes import Setting, generate_home
from sensor_hub.model.entry import Arrival
from sensor_hub.model.home import Home, home_table, home_toml, parse_home
from sensor_hub.model.metric import Metric, is_plausible
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.problem import InputError
from sensor_hub.model.room import Room

LONDON = ZoneInfo("Europe/London")
START = datetime(2026, 1, 5, tzinfo=LONDON).timestamp()


def values(home: Home, arrivals: list[Arrival], room: Room, metric: Metric) -> list[tuple[float, float]]:
    devices = {device.id for device in home.devices if device.room is room}
    rows = [one.reading for one in arrivals if one.reading.device in devices and one.reading.metric is metric]
    return sorted((one.at, float(one.value)) for one in rows)


def detections(home: Home, arrivals: list[Arrival], room: Room) -> list[float]:
    return [at for at, value in values(home, arrivals, room, Metric.MOTION) if value == 1]


def signs_of_life(arrivals: list[Arrival]) -> list[float]:
    activity = {Metric.MOTION, Metric.CONTACT}
    return sorted(one.reading.at for one in arrivals if one.reading.metric in activity and one.reading.value == 1)


def bathroom_visits(home: Home, arrivals: list[Arrival], days: int) -> list[int]:
    times = detections(home, arrivals, Room.BATHROOM)
    begins = [at for before, at in zip([0.0, *times], times, strict=False) if at - before > 300]
    count = Counter(int((at - START) // DAY) for at in begins)
    return [count[day] for day in range(days)]


def episode(kind: EpisodeKind, day: float, days: float, room: Room | None = None) -> Episode:
    return Episode(kind, START + day * DAY, START + (day + days) * DAY, room)


def test_the_same_seed_gives_the_same_home() -> None:
    assert generate_home(3, 3, start=START) == generate_home(3, 3, start=START)


def test_another_seed_gives_another_home() -> None:
    (home, arrivals, _), (other, others, _) = generate_home(3, 1, start=START), generate_home(4, 1, start=START)
    assert home.devices != other.devices
    assert [one.reading.at for one in arrivals] != [one.reading.at for one in others]


def test_arrivals_are_in_order_plausible_and_from_the_homes_devices() -> None:
    home, arrivals, _ = generate_home(5, 4, start=START)
    received = [one.received for one in arrivals]
    assert received == sorted(received)
    metrics = {device.id: device.metrics for device in home.devices}
    for one in arrivals:
        assert START <= one.reading.at < START + 4 * DAY
        assert one.received > one.reading.at
        assert one.reading.metric in metrics[one.reading.device]
        assert is_plausible(one.reading.metric, float(one.reading.value))
    assert len({(one.reading.device, one.reading.metric, one.reading.at) for one in arrivals}) == len(arrivals)


def test_the_home_file_reads_back() -> None:
    home, _, _ = generate_home(5, 1, start=START)
    assert parse_home(home_table(home), where="home") == home
    assert home_toml(home).count("[[device]]") == len(home.devices)


def test_a_device_never_keeps_silent_for_longer_than_it_promises() -> None:
    home, arrivals, _ = generate_home(6, 5, start=START)
    for device in home.devices:
        times = sorted(one.reading.at for one in arrivals if one.reading.device == device.id)
        gaps = [after - before for before, after in pairwise(times)]
        assert max(gaps) <= device.report_every


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_days_of_a_resident_are_plausible(seed: int) -> None:
    home, arrivals, _ = generate_home(seed, 21, start=START)
    assert 1500 < len(arrivals) / 21 < 4500
    visits = bathroom_visits(home, arrivals, 21)
    assert 7 < mean(visits) < 16
    # Real homes vary less than by chance alone (Poisson: variance equal to the mean).
    assert pvariance(visits) < 0.6 * mean(visits)
    night = [at for at in detections(home, arrivals, Room.LIVING) if 1 <= datetime.fromtimestamp(at, LONDON).hour < 5]
    assert len(night) < 21
    times = signs_of_life(arrivals)
    assert max(after - before for before, after in pairwise(times)) < 11 * HOUR


def test_a_movement_sensor_is_blind_for_a_minute() -> None:
    home, arrivals, _ = generate_home(7, 7, start=START)
    for room in (Room.LIVING, Room.HALL, Room.KITCHEN):
        times = detections(home, arrivals, room)
        assert min(after - before for before, after in pairwise(times)) >= 59.99


def test_a_heated_home_is_warm_in_winter_and_not_too_wet() -> None:
    home, arrivals, _ = generate_home(8, 21, start=START)
    for room in (Room.LIVING, Room.BEDROOM):
        warmth = [value for _, value in values(home, arrivals, room, Metric.TEMPERATURE)]
        assert min(warmth) > 16.5
        assert 18 < mean(warmth) < 23
        assert 25 < mean(value for _, value in values(home, arrivals, room, Metric.HUMIDITY)) < 65


def test_people_follow_the_clock_on_the_wall_when_it_changes() -> None:
    start = datetime(2026, 3, 20, tzinfo=LONDON).timestamp()
    home, arrivals, _ = generate_home(9, 20, start=start)

    def first_meal(day: int) -> float:
        midnight = datetime(2026, 3, day, tzinfo=LONDON)
        times = [datetime.fromtimestamp(at, LONDON) for at in detections(home, arrivals, Room.KITCHEN)]
        meal = next(one for one in times if one.date() == midnight.date() and one.hour >= 5)
        return meal.hour + meal.minute / 60

    before, after = mean(first_meal(day) for day in range(22, 29)), mean(first_meal(day) for day in (29, 30, 31))
    assert abs(before - after) < 0.7


def test_a_long_lie_is_stillness_from_the_last_movement() -> None:
    _, arrivals, truth = generate_home(1, 6, start=START, episodes=[episode(EpisodeKind.LONG_LIE, 4.45, 0.45)])
    (lie,) = truth.injected
    assert lie.kind == "inactivity"
    assert not [at for at in signs_of_life(arrivals) if lie.start <= at < lie.end - 15]
    assert [at for at in signs_of_life(arrivals) if lie.end - 15 <= at < lie.end + HOUR]


def test_more_and_fewer_toilet_visits_stand_out() -> None:
    told = [episode(EpisodeKind.TOILETING_INCREASE, 10, 4), episode(EpisodeKind.TOILETING_DECREASE, 18, 4)]
    home, arrivals, _ = generate_home(2, 24, start=START, episodes=told)
    visits = bathroom_visits(home, arrivals, 24)
    usual = mean(visits[:10])
    assert min(visits[10:14]) > max(visits[:10])
    assert mean(visits[18:22]) < 0.6 * usual


def test_a_failed_boiler_makes_the_home_cold_and_is_mended() -> None:
    told = [episode(EpisodeKind.BOILER_FAILURE, 2, 2)]
    home, arrivals, truth = generate_home(2, 6, start=START, episodes=told)
    warmth = values(home, arrivals, Room.LIVING, Metric.TEMPERATURE)
    assert min(value for _, value in warmth) < 16
    assert warmth[-1][1] > 18
    assert truth.injected[0].kind == "cold"


def test_a_boiler_that_nobody_misses_is_an_error() -> None:
    with pytest.raises(InputError, match="no room gets below"):
        generate_home(
            2,
            6,
            start=START,
            episodes=[episode(EpisodeKind.BOILER_FAILURE, 2, 1)],
            setting=Setting(outdoor=18.0),
        )


def test_a_dead_battery_silences_one_device_only() -> None:
    told = episode(EpisodeKind.DEAD_BATTERY, 2, 2, Room.KITCHEN)
    home, arrivals, _ = generate_home(2, 5, start=START, episodes=[told])
    assert not [at for at in detections(home, arrivals, Room.KITCHEN) if told.start <= at < told.end]
    assert [at for at in detections(home, arrivals, Room.LIVING) if told.start <= at < told.end]


def test_an_uplink_outage_delivers_everything_late() -> None:
    told = episode(EpisodeKind.UPLINK_OUTAGE, 1.5, 0.5)
    _, usual, _ = generate_home(2, 3, start=START)
    _, arrivals, _ = generate_home(2, 3, start=START, episodes=[told])
    assert sorted((one.reading for one in usual), key=repr) == sorted((one.reading for one in arrivals), key=repr)
    assert not [one for one in arrivals if told.start + 5 < one.received < told.end]


def test_a_stuck_thermometer_repeats_itself() -> None:
    told = episode(EpisodeKind.STUCK_THERMOMETER, 1, 1, Room.BEDROOM)
    home, arrivals, _ = generate_home(2, 3, start=START, episodes=[told])
    rows = values(home, arrivals, Room.BEDROOM, Metric.TEMPERATURE)
    assert len({value for at, value in rows if told.start <= at < told.end}) == 1
    assert len({value for at, value in rows if at >= told.end}) > 10


def test_an_absence_is_planned_and_still() -> None:
    told = episode(EpisodeKind.ABSENCE, 2.5, 3)
    home, arrivals, _ = generate_home(2, 7, start=START, episodes=[told])
    assert [(one.start, one.end) for one in home.absences] == [(told.start, told.end)]
    assert not [at for at in signs_of_life(arrivals) if told.start + 15 <= at < told.end - 15]


def test_noise_loses_repeats_and_delays_but_never_the_gateway() -> None:
    home, arrivals, _ = generate_home(2, 3, start=START, setting=Setting(noise=0.05))
    _, usual, _ = generate_home(2, 3, start=START)
    seen = {(one.reading.device, one.reading.metric, one.reading.at) for one in arrivals}
    assert 0.93 < len(seen) / len(usual) < 0.97
    assert len(arrivals) > len(seen)
    assert len(values(home, arrivals, Room.HALL, Metric.ONLINE)) == 3 * 288


def test_the_truth_is_what_the_score_reads() -> None:
    _, _, truth = generate_home(2, 5, start=START, episodes=[episode(EpisodeKind.LONG_LIE, 3.5, 0.4)])
    table = truth_table(truth)
    assert set(table) == {"scored_from", "scored_to", "injected", "unscored"}
    assert table["injected"] == [{"kind": "inactivity", "start": START + 3.5 * DAY, "end": START + 3.9 * DAY}]


def test_an_episode_option_says_day_hours_and_room() -> None:
    told = parse_option("dead_battery:2.5:6:kitchen", START)
    assert told == Episode(EpisodeKind.DEAD_BATTERY, START + 2.5 * DAY, START + 2.75 * DAY, Room.KITCHEN)


@pytest.mark.parametrize(
    "text", ["", "nonsense:1", "long_lie", "long_lie:soon", "long_lie:1:2:cellar", "long_lie:1:2:hall:3"]
)
def test_a_bad_episode_option_is_one_clear_line(text: str) -> None:
    with pytest.raises(InputError, match="--episode"):
        parse_option(text, START)
