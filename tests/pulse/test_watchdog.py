from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sensor_hub.pulse.heart import HEARTBEAT
from sensor_hub.pulse.watchdog import NEVER, TellError, Watchdog


@dataclass
class Operator:
    heard: list[str] = field(default_factory=list)
    is_away: bool = False

    def tell(self, last_beat: str) -> None:
        if self.is_away:
            raise TellError("no answer")
        self.heard.append(last_beat)


@dataclass
class Scene:
    folder: Path
    operator: Operator = field(default_factory=Operator)
    at: float = 1000.0

    def watchdog(self) -> Watchdog:
        return Watchdog(self.folder, self.operator, after=40, monotonic=lambda: self.at)

    def beat(self, text: str) -> None:
        (self.folder / HEARTBEAT).write_text(text + "\n")

    def pass_time(self, watchdog: Watchdog, seconds: int) -> None:
        for _ in range(seconds // 10):
            self.at += 10
            watchdog.look()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_each_standstill_is_told_once(scene: Scene) -> None:
    scene.beat("t0")
    watchdog = scene.watchdog()
    scene.pass_time(watchdog, 30)
    assert scene.operator.heard == []
    scene.pass_time(watchdog, 500)
    assert scene.operator.heard == ["t0"]
    scene.beat("t1")
    scene.pass_time(watchdog, 30)
    scene.beat("t2")
    scene.pass_time(watchdog, 100)
    assert scene.operator.heard == ["t0", "t2"]


def test_a_hub_that_never_ran_stands_still(scene: Scene) -> None:
    scene.pass_time(scene.watchdog(), 50)
    assert scene.operator.heard == [NEVER]


def test_a_watchdog_that_starts_again_does_not_tell_it_again(scene: Scene) -> None:
    scene.beat("t0")
    scene.pass_time(scene.watchdog(), 50)
    scene.pass_time(scene.watchdog(), 500)
    assert scene.operator.heard == ["t0"]


def test_an_operator_who_cannot_be_told_is_told_later_and_logged_once(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.beat("t0")
    watchdog = scene.watchdog()
    scene.operator.is_away = True
    scene.pass_time(watchdog, 100)
    assert len(caplog.records) == 1
    scene.operator.is_away = False
    scene.pass_time(watchdog, 100)
    assert scene.operator.heard == ["t0"]
