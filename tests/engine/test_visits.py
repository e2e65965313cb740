from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sensor_hub.engine.numbers import numbers
from sensor_hub.engine.visits import MERGE, Visits, count_between, forget_before, note_movement


def _visits(times: list[float]) -> Visits:
    visits: Visits = numbers(())
    for at in times:
        note_movement(visits, at)
    return visits


def _pairs(times: list[float]) -> list[tuple[float, float]]:
    visits = _visits(times)
    return list(zip(visits[0::2], visits[1::2], strict=True))


def test_movements_five_minutes_apart_are_one_visit() -> None:
    assert _pairs([0, 300, 600]) == [(0, 600)]
    assert _pairs([0, 301]) == [(0, 0), (301, 301)]


def test_a_late_movement_joins_two_visits() -> None:
    assert _pairs([0, 500, 250]) == [(0, 500)]


@given(st.lists(st.integers(0, 20_000), max_size=40), st.randoms())
def test_order_of_arrival_does_not_matter(times: list[int], chance: object) -> None:
    shuffled = list(times)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    visits = _pairs([float(at) for at in times])
    assert visits == _pairs([float(at) for at in shuffled])
    assert all(later[0] - earlier[1] > MERGE for earlier, later in pairwise(visits))


def test_visits_are_counted_by_their_beginning() -> None:
    visits = _visits([100, 1000, 2000])
    assert count_between(visits, 100, 2000) == 2
    forget_before(visits, 1000)
    assert count_between(visits, 0, 9999) == 2
