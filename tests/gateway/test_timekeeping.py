"""Trust in the time: what the clocks of a small box say after a power cut, a jump, a drift, a leap second."""

from __future__ import annotations

from gateway.clock import Clock
from gateway.timekeeping import Anchor, ClockState
from tests.gateway.builders import MONDAY, FakeMachine


def look(clock: Clock, machine: FakeMachine) -> None:
    machine.run(11)
    clock.look()


def test_a_synchronised_clock_is_trusted_at_once() -> None:
    clock = Clock(machine=FakeMachine(MONDAY))
    assert (clock.now(), clock.state, clock.must_hold) == (MONDAY, ClockState.TRUSTED, False)


def test_after_a_power_cut_readings_wait_for_the_hubs_clock() -> None:
    machine = FakeMachine(MONDAY - 7200, is_synchronised=False)
    clock = Clock(machine=machine)
    assert (clock.must_hold, clock.state) == (True, ClockState.WAITING)
    machine.run(30)
    clock.hear(MONDAY + 30)
    assert (clock.must_hold, clock.state, clock.now()) == (False, ClockState.TRUSTED, MONDAY + 30)
    machine.run(30)
    assert clock.now() == MONDAY + 60


def test_they_do_not_wait_longer_than_ten_minutes() -> None:
    machine = FakeMachine(MONDAY, is_synchronised=False)
    clock = Clock(machine=machine)
    machine.run(599)
    assert clock.must_hold
    machine.run(1)
    assert (clock.must_hold, clock.is_trusted, clock.state) == (False, False, ClockState.WAITING)


def test_a_time_server_that_answers_later_ends_the_waiting() -> None:
    machine = FakeMachine(MONDAY - 7200, is_synchronised=False)
    clock = Clock(machine=machine)
    machine.at, machine.synchronised = MONDAY, True
    look(clock, machine)
    assert (clock.now(), clock.state, clock.jumps) == (MONDAY + 11, ClockState.TRUSTED, 0)


def test_a_trusted_time_outlives_a_restart_of_the_program_but_not_of_the_machine() -> None:
    machine = FakeMachine(MONDAY - 7200, since_boot=100, is_synchronised=False)
    assert Clock(machine=machine, anchor=Anchor("boot-1", MONDAY - 100)).now() == MONDAY
    again = Clock(machine=machine, anchor=Anchor("boot-0", MONDAY - 100))
    assert (again.now(), again.must_hold) == (MONDAY - 7200, True)


def test_a_wall_clock_that_is_set_is_told_and_not_followed() -> None:
    machine = FakeMachine(MONDAY)
    clock = Clock(machine=machine)
    machine.synchronised = False
    machine.at = MONDAY + 86400
    look(clock, machine)
    assert (clock.now(), clock.state, clock.jumps) == (MONDAY + 11, ClockState.JUMPED, 1)
    assert clock.drift == 86400
    machine.run(3600)
    assert clock.state is ClockState.TRUSTED, "an hour later it is no news"


def test_a_time_server_that_sets_it_is_followed_and_told() -> None:
    machine = FakeMachine(MONDAY)
    clock = Clock(machine=machine)
    machine.at = MONDAY - 40
    look(clock, machine)
    assert (clock.now(), clock.state) == (MONDAY - 29, ClockState.JUMPED)


def test_a_leap_second_does_nothing() -> None:
    machine = FakeMachine(MONDAY)
    clock = Clock(machine=machine)
    machine.at = MONDAY - 1
    look(clock, machine)
    assert (clock.state, clock.jumps) == (ClockState.TRUSTED, 0)


def test_an_answer_that_was_long_on_its_way_does_not_set_the_clock_back() -> None:
    machine = FakeMachine(MONDAY, is_synchronised=False)
    clock = Clock(machine=machine)
    clock.hear(MONDAY)
    clock.hear(MONDAY - 300)
    assert clock.now() == MONDAY
    clock.hear(MONDAY)
    clock.hear(MONDAY - 300)
    assert clock.now() == MONDAY
    clock.hear(MONDAY - 300)
    assert (clock.now(), clock.state) == (MONDAY - 300, ClockState.JUMPED)


def test_the_hub_does_not_overrule_a_time_server() -> None:
    clock = Clock(machine=FakeMachine(MONDAY))
    clock.hear(MONDAY + 900)
    assert clock.now() == MONDAY
