from zoneinfo import ZoneInfo

from sensor_hub.engine.civil import BIN, bin_of, clock_changed, next_hour, slot_of
from sensor_hub.model.moment import DAY, HOUR
from tests.homes import moment

LONDON = ZoneInfo("Europe/London")
KATHMANDU = ZoneInfo("Asia/Kathmandu")


def test_slots_follow_the_clock_on_the_wall() -> None:
    assert slot_of(LONDON, bin_of(moment("2026-01-05 07:15"))) == 29
    assert slot_of(LONDON, bin_of(moment("2026-07-05 07:15"))) == 29
    assert slot_of(KATHMANDU, 0) == 22


def test_the_day_of_23_hours_misses_four_slots_and_the_day_of_25_has_four_twice() -> None:
    for day, missing, twice in (("2026-03-29", 4, 0), ("2025-10-26", 0, 4)):
        start = moment(f"{day} 00:00")
        end = next_hour(LONDON, start, (0,))
        slots = [slot_of(LONDON, number) for number in range(bin_of(start), bin_of(end - 1) + 1)]
        assert 96 - len(set(slots)) == missing
        assert len(slots) - len(set(slots)) == twice


def test_the_next_hour_is_on_the_wall() -> None:
    assert next_hour(LONDON, moment("2026-03-28 23:00"), (6, 22)) == moment("2026-03-29 06:00")
    assert next_hour(LONDON, moment("2026-03-29 06:00"), (6, 22)) == moment("2026-03-29 22:00")
    assert moment("2026-03-29 06:00") - moment("2026-03-28 22:00") == 7 * HOUR


def test_a_clock_change_is_noticed_for_as_long_as_asked() -> None:
    assert clock_changed(LONDON, moment("2026-03-30 12:00"), 3 * DAY)
    assert not clock_changed(LONDON, moment("2026-04-05 12:00"), 3 * DAY)
    assert BIN == 900
