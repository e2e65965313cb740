"""Who gets in at the broker: logins in files, as brokers read them."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sensor_hub.model.problem import InputError

SALT_BYTES, ROUNDS = 12, 101
"""Mosquitto's own. Few rounds do: a gateway's password is 192 random bits, and no dictionary holds it."""
READABLE_BY_GROUP = 0o640


@dataclass(frozen=True, slots=True)
class Login:
    user: str
    password: str = field(repr=False)


def make_login(tenant: str, home: str) -> Login:
    """A gateway's, with a fresh password. Its name is its place: the broker's rules hold each to its own topics."""
    return Login(f"{tenant}/{home}", secrets.token_urlsafe(24))


class JoinedLogins:
    """The passwords of gateways that have joined at the embedded broker, as they are: NATS wants to read them."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def passwords(self) -> dict[str, str]:
        """By user."""
        if not self.file.exists():
            return {}
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            return {str(user): str(password) for user, password in kept.items()}
        except (ValueError, AttributeError) as error:
            expected = "what the hub wrote there; without the file every gateway has to join again"
            raise InputError("cannot be read", where=str(self.file), expected=expected) from error

    def change(self, user: str, password: str | None) -> None:
        """None: it has none any more."""
        passwords = self.passwords()
        passwords.pop(user, None)
        if password is not None:
            passwords[user] = password
        write_secret(self.file, json.dumps(passwords, indent=2) + "\n")


class MosquittoPasswords:
    """A mosquitto's password file. Lines of others, such as the hub's own, are left as they are."""

    def __init__(self, file: Path, pid_file: Path | None = None) -> None:
        self.file = file
        self.pid_file = pid_file
        """Of the mosquitto that is to read the file again; None: something else tells it."""

    def admit(self, login: Login) -> None:
        """InputError where the file cannot be written; nothing has changed then."""
        self._rewrite(login.user, [mosquitto_line(login)])

    def dismiss(self, user: str) -> None:
        self._rewrite(user, [])

    def _rewrite(self, user: str, lines: list[str]) -> None:
        try:
            pid = self._mosquitto()
            with locked(self.file.with_suffix(".lock")):
                kept = self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []
                lines = [line for line in kept if not line.startswith(f"{user}:")] + lines
                write_secret(self.file, "".join(f"{line}\n" for line in lines), READABLE_BY_GROUP)
            if pid is not None:
                os.kill(pid, signal.SIGHUP)
        except (OSError, ValueError) as error:
            expected = "a password file and, if one is named, a pid file that the hub may use"
            raise InputError(f"cannot be used ({error})", where=str(self.file), expected=expected) from error

    def _mosquitto(self) -> int | None:
        """Whom to tell, before anything is changed: OSError where it does not run, or we may not."""
        if self.pid_file is None:
            return None
        pid = int(self.pid_file.read_text())
        os.kill(pid, 0)
        return pid


def mosquitto_line(login: Login) -> str:
    """A line of a password file, as `mosquitto_passwd` writes it."""
    salt = secrets.token_bytes(SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", login.password.encode(), salt, ROUNDS)
    return f"{login.user}:$7${ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """The hub and a command beside it do not both rewrite what this file guards."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        _give_to_owner(file.fileno(), path.parent)
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_secret(path: Path, text: str, mode: int = 0o600) -> None:
    """Whole or not at all, on the disk when it returns; for the hub's own user only, unless `mode` says more."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        os.fchmod(out.fileno(), mode)
        _give_to_owner(out.fileno(), path.parent)
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)


def _give_to_owner(file: int, folder: Path) -> None:
    """A command that root runs beside the hub leaves nothing that the hub's user cannot read."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
