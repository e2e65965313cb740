"""Go-back-N on paper: when a batch may go, and when it is sent again."""

from __future__ import annotations

import math

from gateway.flight import WINDOW, Flight


def test_a_window_of_batches_may_be_on_its_way() -> None:
    flight = Flight()
    for number in range(1, WINDOW + 1):
        assert flight.has_room()
        flight.take_off(number * 10, now=0)
    assert not flight.has_room()
    flight.land(25, now=1)
    assert list(flight.batches)[:2] == [30, 40]
    assert flight.has_room()


def test_patience_counts_from_the_last_progress_and_doubles_to_ten_minutes() -> None:
    flight = Flight()
    assert flight.due == math.inf
    flight.take_off(10, now=0)
    flight.take_off(20, now=5)
    flight.land(10, now=20)
    assert not flight.lose_patience(49.9)
    assert flight.lose_patience(50)
    assert (flight.sent, flight.due, flight.is_unheard) == (0, math.inf, True)
    waits, now = [], 50.0
    for _ in range(6):
        flight.take_off(20, now)
        assert not flight.has_room(), "one batch is enough to find out"
        waits.append(flight.due - now)
        now = flight.due
        assert flight.lose_patience(now)
    assert waits == [60, 120, 240, 480, 600, 600]


def test_an_answer_restores_trust() -> None:
    flight = Flight()
    flight.take_off(10, now=0)
    flight.lose_patience(30)
    flight.take_off(10, now=30)
    flight.land(10, now=31)
    assert (flight.is_unheard, flight.due, flight.sent) == (False, math.inf, 10)
