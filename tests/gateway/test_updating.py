"""An update proves itself or the last version that worked comes back, wherever it is cut short."""

from __future__ import annotations

import errno
import json
import random
import shutil
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from gateway.updates import PROVED_AFTER, Updates
from gateway.updating.debian import Debian
from gateway.updating.instruction import Instruction, parse_instruction
from gateway.updating.update import MOST_STARTS, Installed, NotNow, State, Step, Unfit, Update, parse_state

WORKS, NEXT = "0.1.0", "0.2.0"
WANTED = Instruction(NEXT)


class Cut(BaseException):
    """The power fails."""


@dataclass
class FakeBox:
    """A machine in memory, whose power fails at the operation number `cut`, before or after its effect."""

    wants: Instruction | None = WANTED
    works: set[str] = field(default_factory=lambda: {WORKS, NEXT})
    """Versions that the hub answers."""
    breaks: set[str] = field(default_factory=set)
    """Versions whose installation fails half-way."""
    crashes: set[str] = field(default_factory=set)
    """Versions with which the machine does not stay up."""
    faults: dict[str, Exception] = field(default_factory=dict)
    """What the operation of a name raises."""
    state: State | None = None
    now: Installed = field(default_factory=lambda: Installed(WORKS))
    packages: set[str] = field(default_factory=set)
    installs: list[str] = field(default_factory=list)
    is_finished: bool = True
    waited: float = 0.0
    count: int = 0
    cut: int | None = None

    def _do(self, name: str = "") -> None:
        """The power may fail before it."""
        self.count += 1
        if self.count == self.cut:
            raise Cut
        if name in self.faults:
            raise self.faults[name]

    def wanted(self) -> Instruction | None:
        return self.wants

    def recall(self) -> State | None:
        return None if self.state is None else parse_state(json.loads(json.dumps(self.state.document())))

    def keep(self, state: State) -> None:
        self._do()
        self.state = state
        self._do()

    def installed(self) -> Installed:
        return self.now

    def proved(self) -> str:
        return self.now.version if self.now.is_whole and self.now.version in self.works else ""

    def fetch(self, version: str, sha256: str) -> None:
        self._do(f"fetch {version}")
        self.packages.add(version)

    def prepare(self, before: str, wanted: str) -> None:
        self._do("prepare")
        assert {before, wanted} <= self.packages
        self.is_finished = False

    def mend(self) -> None:
        self._do()
        if self.now.version not in self.breaks:
            self.now = replace(self.now, is_whole=True)

    def install(self, version: str) -> None:
        assert self.state is not None
        assert self.state.step is Step.INSTALL, "what is on the disk says so before it is done"
        self.installs.append(version)
        self.now = Installed(version, is_whole=False)
        self._do()
        if version in self.breaks:
            raise Unfit("its script failed")
        self.now = Installed(version)
        self._do()

    def put_back(self, version: str) -> None:
        self._do("put back")
        self.now = Installed(version, is_whole=False)
        self._do()
        self.now = Installed(version)

    def finish(self) -> None:
        self._do()
        self.is_finished = True

    def wait(self, seconds: float) -> None:
        if self.now.version in self.crashes:
            raise Cut
        self.waited += seconds
        if self.waited in (5.0, 500.0):
            self._do()

    def power_up(self) -> str:
        self.cut = None
        return Update(self).run()


def test_a_version_that_the_hub_answers_is_applied() -> None:
    box = FakeBox()
    assert Update(box).run() == ""
    assert (box.now, box.state) == (Installed(NEXT), State(WANTED, Step.APPLIED, WORKS))
    assert box.is_finished


@pytest.mark.parametrize(("works", "breaks"), [({WORKS}, set()), ({WORKS, NEXT}, {NEXT})])
def test_one_that_does_not_work_is_taken_back_and_not_tried_again(works: set[str], breaks: set[str]) -> None:
    box = FakeBox(works=works, breaks=breaks)
    assert Update(box).run() == ""
    assert box.now == Installed(WORKS)
    assert box.state is not None
    assert box.state.step is Step.REFUSED
    assert box.state.why in ("the hub did not answer it within 15 minutes", "its script failed")
    assert (Update(box).run(), box.installs) == ("", [NEXT])
    box.wants = Instruction(NEXT, prove_minutes=16)
    Update(box).run()
    assert box.installs == [NEXT, NEXT], "another instruction"


@pytest.mark.parametrize(("works", "breaks"), [({WORKS, NEXT}, set()), ({WORKS}, set()), ({WORKS, NEXT}, {NEXT})])
def test_the_power_may_fail_anywhere(works: set[str], breaks: set[str]) -> None:
    whole = FakeBox(works=works, breaks=breaks)
    Update(whole).run()
    assert whole.count > 10
    for cut in range(1, whole.count + 1):
        box = FakeBox(works=works, breaks=breaks, cut=cut)
        with pytest.raises(Cut):
            Update(box).run()
        assert box.power_up() == ""
        assert (box.now, box.is_finished) == (whole.now, True), cut
        assert box.state is not None
        assert whole.state is not None
        assert (box.state.step, box.state.before) == (whole.state.step, WORKS), cut
        tried = len(box.installs)
        assert (box.power_up(), len(box.installs)) == ("", tried)


def test_one_that_takes_the_machine_down_comes_to_an_end() -> None:
    box = FakeBox(works={WORKS}, crashes={NEXT})
    for _ in range(MOST_STARTS + 1):
        with pytest.raises(Cut):
            Update(box).run()
        assert box.now == Installed(NEXT)
    assert box.power_up() == ""
    assert box.now == Installed(WORKS)
    assert box.state is not None
    assert box.state.why == f"it was cut short {MOST_STARTS + 1} times"


def test_what_is_not_the_versions_fault_waits() -> None:
    for fault in (f"fetch {WORKS}", f"fetch {NEXT}", "prepare"):
        box = FakeBox(faults={fault: NotNow("no network")})
        assert Update(box).run() == "no network"
        assert (box.now, box.installs) == (Installed(WORKS), [])
        box.faults.clear()
        assert (Update(box).run(), box.now) == ("", Installed(NEXT))


def test_a_full_disk_is_told_and_waited_for() -> None:
    box = FakeBox(faults={f"fetch {NEXT}": OSError(errno.ENOSPC, "No space left on device")})
    assert Update(box).run() == "No space left on device"
    assert box.state == State(WANTED, Step.FETCH, WORKS, why="No space left on device")
    box.faults.clear()
    assert (Update(box).run(), box.now) == ("", Installed(NEXT))


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not installed")
def test_half_a_package_is_thrown_away_and_fetched_again(tmp_path: Path) -> None:
    """It was cut short by the power: kept, it would be refused for ever, or be no way back."""
    tree, packages = tmp_path / "tree", tmp_path / "own" / "packages"
    (tree / "DEBIAN").mkdir(parents=True)
    control = f"Package: sensor-gateway\nVersion: {NEXT}\nArchitecture: all\nMaintainer: a\nDescription: b\n"
    (tree / "DEBIAN" / "control").write_text(control)
    (tree / "data").write_bytes(random.Random(1).randbytes(100_000))
    packages.mkdir(parents=True)
    package = packages / f"sensor-gateway_{NEXT}_all.deb"
    subprocess.run(["dpkg-deb", "--build", tree, package], check=True, capture_output=True)
    machine, whole = Debian(tmp_path, tmp_path / "own"), package.read_bytes()
    machine.fetch(NEXT, "")
    for size in (0, 40, len(whole) // 2, len(whole) - 1):
        package.write_bytes(whole[:size])
        with pytest.raises(NotNow, match="was not whole"):
            machine.fetch(NEXT, "")
        assert not package.exists()
    package.write_bytes(whole)
    with pytest.raises(Unfit, match="another sha256"):
        machine.fetch(NEXT, "0" * 64)


def test_without_a_version_that_works_nothing_is_begun() -> None:
    box = FakeBox(works={NEXT})
    assert Update(box).run() == f"the hub has not answered {WORKS} since its start"
    assert box.packages == set()
    box.wants = None
    assert (box.power_up(), box.installs) == ("", []), "the hub has taken the instruction back"


def test_a_package_that_cannot_be_used_is_refused_before_anything_changes() -> None:
    box = FakeBox(faults={"prepare": Unfit("it does not read the outbox")})
    assert Update(box).run() == ""
    assert box.installs == []
    assert box.state == State(WANTED, Step.REFUSED, WORKS, why="it does not read the outbox")


def test_the_way_back_is_tried_until_it_succeeds() -> None:
    box = FakeBox(works={WORKS}, faults={"put back": NotNow("the disk is full")})
    assert Update(box).run() == "the disk is full"
    box.faults.clear()
    assert (box.power_up(), box.now) == ("", Installed(WORKS))
    assert box.state is not None
    assert box.state.why == "the hub did not answer it within 15 minutes"


@pytest.mark.parametrize(
    "value",
    [
        "0.2.0",
        {"version": "--force-yes"},
        {"version": "../../etc/x"},
        {"version": "1:0.2.0"},
        {"version": "0.2.0", "sha256": "abc"},
        {"version": "0.2.0", "prove_minutes": 0},
        {"version": "0.2.0", "prove_minutes": True},
        {"version": "0.2.0", "url": "http://example.org/x.deb"},
        {},
    ],
)
def test_an_instruction_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"is not|not an object"):
        parse_instruction(value)


def test_the_daemon_asks_proves_itself_and_says_what_became_of_it(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    updates = Updates(tmp_path, NEXT, updater=own)
    (tmp_path / "proved.json").write_text(json.dumps({"version": NEXT}))
    updates.start(1000.0)
    updates.look(1000.0 + PROVED_AFTER, 999.0)
    assert not (tmp_path / "proved.json").exists(), "the hub has answered the version before"
    updates.look(1000.0 + PROVED_AFTER - 1, 1001.0)
    assert not (tmp_path / "proved.json").exists(), "it may still end"
    updates.look(1000.0 + PROVED_AFTER, 1001.0)
    assert json.loads((tmp_path / "proved.json").read_text()) == {"version": NEXT}
    settings = {"version": 4, "refused": {"colour": "unknown"}}
    assert updates.told(settings) == settings
    updates.want(WANTED)
    assert parse_instruction(json.loads((tmp_path / "update-wanted.json").read_text())) == WANTED
    assert updates.told(settings) == {**settings, "update": "0.2.0 asked for"}
    told = {
        State(WANTED, Step.FETCH, WORKS, why="no network"): {"update": "0.2.0 fetching: no network"},
        State(WANTED, Step.APPLIED, WORKS): {"update": "0.2.0 applied"},
        State(Instruction("0.3.0"), Step.APPLIED, WORKS): {"update": "0.2.0 asked for"},
        State(WANTED, Step.REFUSED, WORKS, why="it fell over"): {
            "refused": {"colour": "unknown", "update": "0.2.0: it fell over; 0.1.0 is in use"}
        },
    }
    for state, answer in told.items():
        (own / "state.json").write_text(json.dumps(state.document()))
        assert updates.told(settings) == {**settings, **answer}
    updates.want(None)
    assert not (tmp_path / "update-wanted.json").exists()
