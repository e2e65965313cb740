"""A Debian machine, for an update: apt fetches and installs, dpkg puts back. Run as root by its own unit.

/var/lib/sensor-gateway/update-wanted.json     what the daemon asks for, proved.json what it has proved
/var/lib/sensor-gateway-update/state.json      how far it has come; the daemon reads it
/var/lib/sensor-gateway-update/packages        packages: what apt fetched, and what somebody has put there
/var/lib/sensor-gateway-update/engine          this program as it was before the update, while there is one
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from gateway.documents import read_document, write_document
from gateway.updating.instruction import DAEMON, OWN, PROVED, STATE, WANTED, Instruction, parse_instruction
from gateway.updating.update import Installed, NotNow, State, Unfit, parse_state

log = logging.getLogger(__name__)

NAME = "sensor-gateway"
LIBRARY = Path("/usr/lib/sensor-gateway/gateway")
ARCHIVES = Path("/var/cache/apt/archives")
MOST_BYTES = 4096
MOST_PACKAGES = 4
PATIENCE = 15 * 60
"""Seconds for one command: a script of a package that hangs must not hold the way back."""
KEEP_SETTINGS = "Dpkg::Options::=--force-confold"
APT = ("apt-get", "--quiet", "--yes", "--option", "DPkg::Lock::Timeout=120", "--option", KEEP_SETTINGS)
INSTALL = (*APT, "install", "--no-remove", "--allow-downgrades")


class Debian:
    """The machine that this program runs on."""

    def __init__(self, daemon: Path = DAEMON, own: Path = OWN) -> None:
        self._daemon = daemon
        self._own = own
        self._packages = own / "packages"

    def wanted(self) -> Instruction | None:
        try:
            return parse_instruction(self._told(WANTED))
        except ValueError:
            return None

    def proved(self) -> str:
        return str(self._told(PROVED).get("version", ""))

    def _told(self, name: str) -> Mapping[str, object]:
        """A file that the daemon wrote. It has no rights, so it could have put anything there."""
        try:
            handle = os.open(self._daemon / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                found = json.loads(file.read(MOST_BYTES))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def recall(self) -> State | None:
        return parse_state(read_document(self._own / STATE))

    def keep(self, state: State) -> None:
        before = self.recall()
        if state == before:
            return
        self._own.mkdir(mode=0o755, exist_ok=True)
        if not write_document(self._own / STATE, state.document()):
            raise OSError("the state of the update cannot be written")
        log.info("%s: %s%s", state.wanted.version, state.step, f" ({state.why})" if state.why else "")

    def installed(self) -> Installed:
        told = _output("dpkg-query", "--show", "--showformat=${db:Status-Abbrev}|${Version}", NAME)
        status, _, version = told.partition("|")
        return Installed(version, status.strip() == "ii")

    def fetch(self, version: str, sha256: str) -> None:
        package = self._package(version)
        if not package.exists():
            self._packages.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._packages) as name:
                found = self._download(version, Path(name))
                with found.open("rb") as file:
                    os.fsync(file.fileno())
                found.rename(package)
        if not _is_whole(package):
            # That says nothing of the version; and half a package is no way back.
            package.unlink()
            raise NotNow(f"{package.name} was not whole")
        if _fields(package, "Package", "Version") != [NAME, version]:
            raise Unfit(f"{package.name} is not the package of {version}")
        if sha256 and hashlib.sha256(package.read_bytes()).hexdigest() != sha256:
            raise Unfit("its package has another sha256")

    def _download(self, version: str, folder: Path) -> Path:
        cached = ARCHIVES / self._package(version).name
        if cached.exists() and _is_whole(cached):
            return Path(shutil.copy(cached, folder))
        with contextlib.suppress(NotNow):
            _run(*APT, "update")
        # As root, into a folder of root's; what it fetches is held against the repository's signature.
        as_root = ("--option", "APT::Sandbox::User=root")
        _run(*APT, *as_root, "download", f"{NAME}={version}", folder=folder)
        found = list(folder.glob("*.deb"))
        if not found:
            raise NotNow(f"apt has not fetched {version}")
        return found[0]

    def prepare(self, before: str, wanted: str) -> None:
        old, new = self._package(before), self._package(wanted)
        (old_writes, old_reads), (new_writes, new_reads) = (
            _fields(package, "Outbox-Writes", "Outbox-Reads") for package in (old, new)
        )
        if not old_writes or old_writes not in new_reads.split() or new_writes not in old_reads.split():
            forms = f"{old_writes or 'unknown'} and {new_writes or 'unknown'}"
            raise Unfit(f"{before} and it do not read each other's outbox ({forms}): update by hand")
        _run(*INSTALL, "--download-only", str(new))
        self._keep_engine()
        os.sync()

    def _keep_engine(self) -> None:
        """So that the way back does not go through what the new version brings."""
        draft, engine = self._own / "engine.new", self._own / "engine"
        if engine.exists():
            return
        shutil.rmtree(draft, ignore_errors=True)
        (draft / "gateway").mkdir(parents=True)
        for name in ("__init__.py", "documents.py"):
            shutil.copy(LIBRARY / name, draft / "gateway")
        shutil.copytree(LIBRARY / "updating", draft / "gateway" / "updating")
        draft.rename(engine)

    def mend(self) -> None:
        with contextlib.suppress(NotNow):
            _run("dpkg", "--force-confold", "--configure", "--pending")

    def install(self, version: str) -> None:
        try:
            _run(*INSTALL, str(self._package(version)))
        except NotNow as error:
            raise Unfit(f"it cannot be installed: {error}") from error

    def put_back(self, version: str) -> None:
        _run("dpkg", "--force-confold", "--install", str(self._package(version)))

    def finish(self) -> None:
        engine, old = self._own / "engine", self._own / "engine.old"
        shutil.rmtree(old, ignore_errors=True)
        if engine.exists():
            # Gone at once: half a program would be worse than none.
            engine.rename(old)
            shutil.rmtree(old, ignore_errors=True)
        self._forget_packages()

    def _forget_packages(self) -> None:
        """The oldest, but for those of the two versions of the last update."""
        state = self.recall()
        needed = set() if state is None else {self._package(each) for each in (state.before, state.wanted.version)}
        packages = sorted(self._packages.glob("*.deb"), key=lambda each: each.stat().st_ctime, reverse=True)
        for package in packages[MOST_PACKAGES:]:
            if package not in needed:
                package.unlink(missing_ok=True)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def _package(self, version: str) -> Path:
        return self._packages / f"{NAME}_{version}_all.deb"


def _is_whole(package: Path) -> bool:
    """Whether all of it can be unpacked: each part of it has a checksum."""
    return bool(_output("dpkg-deb", "--contents", str(package)))


def _fields(package: Path, *names: str) -> list[str]:
    """What the package says of itself; empty where it does not say it, or is none."""
    return [_output("dpkg-deb", "--field", str(package), name) for name in names]


def _output(*words: str) -> str:
    try:
        done = subprocess.run(words, capture_output=True, errors="replace", timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise NotNow(f"{words[0]} did not end") from error
    return done.stdout.strip() if done.returncode == 0 else ""


def _run(*words: str, folder: Path | None = None) -> None:
    """NotNow where it fails, with its last line, or takes too long: then it is ended with all that it started."""
    log.info("%s", " ".join(words))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        words,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise NotNow(f"{words[0]} did not end") from None
    if process.returncode != 0:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        log.warning("%s", said.strip())
        raise NotNow(f"{words[0]}: {lines[-1][:200] if lines else process.returncode}")
