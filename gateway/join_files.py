"""The files that joining a hub writes: the settings, the password and, if need be, the authority's certificate."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.settings import read_settings
from sensor_hub.model.problem import InputError

PASSWORD, CA = "hub.password", "hub-ca.pem"
DATA = "gateway-data"
BEFORE = "other-home-"
"""How the folders are called in which a moved box keeps what it has of the homes before."""
HEADER = re.compile(r"^\s*\[")
HUB_HEADER = re.compile(r"^\s*\[\s*hub\s*[\].]")
PLACE_KEY = re.compile(r"^\s*(home|tenant|data)\s*=")
OURS = ("home", "tenant", "data", "hub")
NEW = """\
# Settings of sensor-gateway, written when it joined.
home = "home"

# Where the home's sensors are heard: zigbee2mqtt, chirpstack, tts, …, each at its MQTT broker.
[[source]]
kind = "zigbee2mqtt"
host = "127.0.0.1"
port = 1883
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Who the gateway is, and where the hub's broker is."""

    tenant: str
    home: str
    host: str
    port: int
    has_tls: bool
    username: str
    password: str = field(repr=False)
    ca: str | None = None
    """A certificate; None: the system's authorities."""


PROBE = Place("local", "home", "localhost", 1883, False, "local/home", "")


class JoinFiles:
    """`config` may exist or not. `data` None: the folder that it names."""

    def __init__(self, config: Path, data: Path | None) -> None:
        self.config = config
        self.given_data = data

    def check(self) -> None:
        """InputError where `write` would not go well."""
        data = self._data()
        self._rewritten(PROBE, data)
        # As `write` does: what is asked for is a place for a new file, also where the old one is read-only.
        for folder in (data, self.config.parent):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                probe = folder / f".join-{os.getpid()}"
                probe.unlink(missing_ok=True)
                # Root's, in the daemon's folder: what lies there under this name is not followed.
                os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
                probe.unlink()
            except OSError as error:
                expected = "a folder that can be written; is it root's? then join with sudo"
                raise InputError(
                    f"cannot be written ({error.strerror})", where=str(folder), expected=expected
                ) from error

    def write(self, place: Place) -> Path | None:
        """The settings last: until they stand, nothing of the old ones is lost.

        The folder into which another home's readings were set aside, for a box that was moved; else None.
        """
        data = self._data()
        text = self._rewritten(place, data)
        aside: Path | None = None
        try:
            if self._was_elsewhere(place):
                aside = set_aside(data)
            if place.ca is not None:
                replace_whole(data / CA, place.ca, mode=0o644)
            replace_whole(data / PASSWORD, place.password + "\n")
            replace_whole(self.config, text)
        except OSError as error:
            expected = "a disk with room; the code is used up: ask for a new one"
            raise InputError(
                f"cannot be written ({error.strerror})", where=str(self.config), expected=expected
            ) from error
        # What the daemon would say of it is said now.
        read_settings(self.config)
        return aside

    def _was_elsewhere(self, place: Place) -> bool:
        """Whether the box was another home's. Its readings, devices and rooms must not become this one's."""
        old = _parsed(self._old(), self.config) if self.config.exists() else {}
        return "home" in old and (old.get("tenant", "local"), old["home"]) != (place.tenant, place.home)

    def _data(self) -> Path:
        """The folder of the outbox and the password."""
        if self.given_data is not None:
            return self.given_data.absolute()
        named = _parsed(self._old(), self.config).get("data", DATA)
        return self.config.parent.absolute() / str(named)

    def _old(self) -> str:
        try:
            return self.config.read_text(encoding="utf-8") if self.config.exists() else NEW
        except (OSError, UnicodeDecodeError) as error:
            expected = "settings that can be read; are they root's? then join with sudo"
            raise InputError(f"cannot be read ({error})", where=str(self.config), expected=expected) from error

    def _rewritten(self, place: Place, data: Path) -> str:
        """The settings with the new place; all else as it was."""
        old = self._old()
        text = _with_place(old, _top(place, self._name(data))) + _hub_table(place, self._name(data))
        before, after = _parsed(old, self.config), _parsed(text, self.config)
        if {key: before[key] for key in before if key not in OURS} != {
            key: after[key] for key in after if key not in OURS
        }:
            expected = "[hub] and home, tenant, data each on a line of their own"
            raise InputError("cannot be rewritten without loss", where=str(self.config), expected=expected)
        return text

    def _name(self, data: Path) -> str:
        """The data folder as the settings name it: beside them where it is."""
        folder = self.config.parent.absolute()
        return str(data.relative_to(folder)) if data.is_relative_to(folder) else str(data)


def set_aside(data: Path) -> Path | None:
    """Moves what a daemon has kept in `data` into a folder in it; None where there was nothing."""
    kept = [path for path in data.iterdir() if path.name not in (PASSWORD, CA) and not path.name.startswith(BEFORE)]
    if not kept:
        return None
    number = 1 + sum(path.name.startswith(BEFORE) for path in data.iterdir())
    aside = data / f"{BEFORE}{number}"
    # By what is open and not by names: whose folder it is could put a link in the place of the new one.
    with _opened(data) as source:
        os.mkdir(aside.name, 0o700, dir_fd=source)
        with _opened(Path(aside.name), source) as target:
            if os.geteuid() == 0:
                os.fchown(target, os.fstat(source).st_uid, os.fstat(source).st_gid)
            for path in kept:
                os.rename(path.name, path.name, src_dir_fd=source, dst_dir_fd=target)
    return aside


@contextmanager
def _opened(folder: Path, inside: int | None = None) -> Iterator[int]:
    """The folder itself, not one that a link leads to; `inside` another that is open."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | (0 if inside is None else os.O_NOFOLLOW), dir_fd=inside)
    try:
        yield handle
    finally:
        os.close(handle)


def _with_place(old: str, top: str) -> str:
    """The lines of `old` without its [hub], and with `top` in place of its home, tenant and data."""
    lines = old.splitlines()
    end = next((number for number, line in enumerate(lines) if HEADER.match(line)), len(lines))
    places = [number for number, line in enumerate(lines[:end]) if PLACE_KEY.match(line)]
    first = places[0] if places else 0
    before = lines[:first]
    after = [line for line in lines[first:end] if not PLACE_KEY.match(line)]
    return "\n".join([*before, *top.splitlines(), *after, *_without_hub(lines[end:])]).strip("\n") + "\n"


def _without_hub(lines: list[str]) -> list[str]:
    """Tables but for [hub]. Comments right before the next table are that one's and stay."""
    kept: list[str] = []
    is_hub, comments = False, list[str]()
    for line in lines:
        if HEADER.match(line):
            is_hub = HUB_HEADER.match(line) is not None
            kept += comments
            comments = []
        if not is_hub:
            kept.append(line)
        elif not line.strip() or line.lstrip().startswith("#"):
            comments.append(line)
        else:
            comments = []
    return kept


def _top(place: Place, data: str) -> str:
    return f"home = {_quoted(place.home)}\ntenant = {_quoted(place.tenant)}\ndata = {_quoted(data)}\n"


def _hub_table(place: Place, data: str) -> str:
    lines = ["", "[hub]", f"host = {_quoted(place.host)}", f"port = {place.port}"]
    lines += [f"tls = {str(place.has_tls).lower()}", f"username = {_quoted(place.username)}"]
    lines.append(f"password_file = {_quoted(f'{data}/{PASSWORD}')}")
    if place.ca is not None:
        lines.append(f"ca = {_quoted(f'{data}/{CA}')}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML string: JSON's are, but for a letter that TOML wants escaped too."""
    return json.dumps(text).replace("\x7f", "\\u007f")


def _parsed(text: str, where: Path) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not TOML ({error})", where=str(where), expected="settings of a gateway") from error


def replace_whole(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Whole or not at all, and on the disk when it returns. A file that was there keeps its owner and its rights.

    A new one that root writes belongs to whom its folder belongs: the daemon reads it.
    """
    is_new = not path.exists()
    like = (path.parent if is_new else path).stat()
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        if os.geteuid() == 0:
            os.fchown(out.fileno(), like.st_uid, like.st_gid)
        os.fchmod(out.fileno(), mode if is_new or path.name == PASSWORD else like.st_mode & 0o777)
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
