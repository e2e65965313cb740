"""Two passwords at once: the newer is tried first, the old one stays until the newer has let us in."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from gateway.agreed import InForce
from gateway.daemon import _cannot
from gateway.passwords import Passwords
from gateway.settings import Server, Settings
from sensor_hub.model.moment import DAY, HOUR
from tests.gateway.builders import MONDAY

OLD, NEW, NEWEST = "old-password", "new-password", "newest-password"


class Box:
    """The files of a gateway; `start` is after a stop or a kill alike."""

    def __init__(self, folder: Path, *, has_file: bool = True) -> None:
        self.at = MONDAY
        self.file = folder / "hub.password"
        self.file.write_text(OLD + "\n")
        self.next = folder / "hub.password.next"
        self.has_file = has_file

    def start(self) -> Passwords:
        password = self.file.read_text().strip() if self.has_file else OLD
        server = Server("h", 1, "local/h1", password, password_file=self.file if self.has_file else None)
        return Passwords(self.next, server, lambda: self.at)


def tried(passwords: Passwords, times: int = 4) -> list[str | None]:
    return [passwords.next()[1] for _ in range(times)]


def test_without_a_newer_one_there_is_one(tmp_path: Path) -> None:
    passwords = Box(tmp_path).start()
    assert tried(passwords) == [OLD] * 4
    passwords.opened()
    assert (passwords.answer(), passwords.is_waiting) == ({}, False)


def test_both_are_tried_in_turn_over_a_restart_and_the_newer_takes_the_old_ones_place(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.start().offer(NEW, 4)
    assert stat.S_IMODE(box.next.stat().st_mode) == 0o600
    passwords = box.start()
    assert passwords.answer() == {"password": "kept 4"}
    assert tried(passwords) == [NEW, OLD, NEW, OLD]
    passwords.opened()
    assert passwords.is_waiting, "it was the old one that let us in"
    assert passwords.next() == ("local/h1", NEW)
    passwords.opened()
    assert (passwords.answer(), box.file.read_text()) == ({"password": "in use 4"}, NEW + "\n")
    assert NEW not in box.next.read_text()
    assert stat.S_IMODE(box.file.stat().st_mode) == 0o600
    after = box.start()
    assert (tried(after), after.answer()) == ([NEW] * 4, {"password": "in use 4"})
    after.offer(NEW, 4)
    assert not after.is_waiting, "the same, heard again"
    after.offer(NEWEST, 6)
    assert (tried(after, 2), after.answer()) == ([NEWEST, NEW], {"password": "kept 6"})


def test_where_the_old_one_stands_in_the_settings_both_stay_and_the_newer_is_first(tmp_path: Path) -> None:
    box = Box(tmp_path, has_file=False)
    passwords = box.start()
    passwords.offer(NEW, 4)
    passwords.next()
    passwords.opened()
    after = box.start()
    assert (tried(after, 2), after.answer()) == ([NEW, OLD], {"password": "in use 4"})


def test_one_that_is_refused_for_a_day_is_given_up(tmp_path: Path) -> None:
    box = Box(tmp_path)
    passwords = box.start()
    passwords.offer(NEW, 4)
    box.at += 23 * HOUR
    tried(passwords, 2)
    passwords.opened()
    assert passwords.is_waiting
    box.at = MONDAY + DAY
    tried(passwords, 2)
    passwords.opened()
    assert (passwords.answer(), box.next.exists(), tried(passwords)) == ({}, False, [OLD] * 4)


def test_time_in_which_nothing_was_tried_gives_up_nothing(tmp_path: Path) -> None:
    """The box was off, or its clock was set after it had heard of the new one."""
    box = Box(tmp_path)
    box.start().offer(NEW, 4)
    box.at += 30 * DAY
    passwords = box.start()
    assert tried(passwords, 2) == [NEW, OLD]
    passwords.opened()
    assert (passwords.is_waiting, passwords.next()[1]) == (True, NEW)


def test_what_the_disk_does_not_take_is_not_said_to_be_kept(tmp_path: Path) -> None:
    box = Box(tmp_path)
    passwords = box.start()
    passwords.offer(NEW, 4)
    (tmp_path / ".hub.password.next.new").mkdir()
    passwords.offer(NEWEST, 6)
    assert passwords.answer() == {"password": "kept 4"}
    assert tried(passwords, 2) == [NEW, OLD]


def test_a_newer_one_that_the_broker_may_take_is_not_lost_to_the_newest(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.start().offer(NEW, 4)
    box.start().offer(NEWEST, 6)
    passwords = box.start()
    assert tried(passwords, 2) == [NEWEST, NEW]
    passwords.opened()
    assert (box.file.read_text(), passwords.answer()) == (NEW + "\n", {"password": "kept 6"})
    assert tried(box.start()) == [NEWEST, NEW, NEWEST, NEW]


def test_without_a_file_the_one_in_use_is_not_lost_to_a_newer(tmp_path: Path) -> None:
    box = Box(tmp_path, has_file=False)
    passwords = box.start()
    passwords.offer(NEW, 4)
    passwords.next()
    passwords.opened()
    passwords.offer(NEWEST, 6)
    assert tried(box.start(), 3) == [NEWEST, NEW, OLD]


@pytest.mark.parametrize("text", ["", "[]", '{"passwords": 1}', '{"passwords": ["x"], "offered_at": "y"}', "{"])
def test_damage_costs_at_most_the_newer(tmp_path: Path, text: str) -> None:
    box = Box(tmp_path)
    box.next.write_text(text)
    assert (tried(box.start()), box.start().answer()) == ([OLD] * 4, {})


@pytest.mark.parametrize("value", ["short", 12345678, "x" * 201, "with\nline", "pässword"])
def test_what_is_no_password_is_refused(tmp_path: Path, value: object) -> None:
    applied = []
    InForce(tmp_path / "s.json", applied.append).take(json.dumps({"version": 1, "password": value}).encode())
    assert (applied[0].password, list(applied[0].refused)) == (None, ["password"])


def test_the_settings_are_kept_without_it_and_heard_again_after_a_kill(tmp_path: Path) -> None:
    said = json.dumps({"version": 2, "password": NEW}).encode()
    for _ in range(2):
        applied = []
        settings = InForce(tmp_path / "s.json", applied.append)
        settings.start()
        assert settings.take(said)
        assert applied[-1].password == NEW
        assert NEW not in repr(applied[-1])
        assert NEW not in (tmp_path / "s.json").read_text()


def test_a_password_in_plain_text_is_refused() -> None:
    def refused(server: Server) -> bool:
        return "password" in _cannot(Settings("local", "h1", "gateway", Path(), 1.0, server, ()))

    assert refused(Server("hub.example.org", 1883))
    assert not refused(Server("hub.example.org", 8883, tls=True))
    assert not refused(Server("127.0.0.1", 1883))
