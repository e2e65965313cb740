from sensor_hub.engine.civil import BIN
from sensor_hub.engine.timeline import SIZE, Timeline


def test_bins_hold_who_was_heard_and_who_saw_somebody() -> None:
    timeline = Timeline()
    timeline.note(10 * BIN + 5, 1, is_active=False)
    timeline.note(10 * BIN + 9, 2, is_active=True)
    assert (timeline.heard_in(10), timeline.active_in(10)) == (3, 2)
    assert timeline.heard_in(11) == 0


def test_late_readings_fit_in_for_eight_days_and_older_ones_are_not_kept() -> None:
    timeline = Timeline()
    timeline.advance(2000 * BIN)
    timeline.note((2000 - SIZE + 1) * BIN, 1, is_active=True)
    timeline.note((2000 - SIZE) * BIN, 1, is_active=True)
    assert timeline.active_in(2000 - SIZE + 1) == 1
    assert timeline.active_in(2000 - SIZE) == 0


def test_a_stretch_is_its_bins_wherever_it_begins_and_ends() -> None:
    timeline, newest = Timeline(), 5 * SIZE + 40
    for number in range(newest - SIZE + 1, newest + 1):
        timeline.note(number * BIN, 1 + number % 7, is_active=number % 3 == 0)
    oldest = newest - SIZE + 1
    for first, last in (
        (newest - 20, newest),
        (newest - 60, newest - 20),
        (oldest, newest),
        (oldest - 2, oldest + 2),
        (newest - 1, newest + 2),
        (newest, newest - 1),
    ):
        numbers = range(first, last + 1)
        assert timeline.heard_between(first, last) == [timeline.heard_in(number) for number in numbers]
        assert timeline.active_between(first, last) == [timeline.active_in(number) for number in numbers]


def test_what_falls_out_is_forgotten() -> None:
    timeline = Timeline()
    timeline.note(100 * BIN, 1, is_active=True)
    for later in (100 + SIZE, 100 + 3 * SIZE):
        timeline.advance(later * BIN)
        assert timeline.active_in(later) == 0


def test_the_highest_bit_of_64_fits() -> None:
    timeline = Timeline()
    timeline.note(5 * BIN, 1 << 63, is_active=True)
    assert Timeline(timeline.newest, timeline.heard.tobytes(), timeline.active.tobytes()).active_in(5) == 1 << 63


def test_words_are_as_wide_as_the_devices_need_and_keep_what_they_hold() -> None:
    timeline = Timeline()
    timeline.note(5 * BIN, 1 << 3, is_active=True)
    for devices, width in ((4, 1), (9, 2), (17, 4), (33, 8), (4, 1)):
        timeline.fit(devices)
        assert timeline.active.itemsize == width
        kept = Timeline(timeline.newest, timeline.heard.tobytes(), timeline.active.tobytes())
        assert (kept.active.itemsize, kept.active_in(5)) == (width, 1 << 3)
