"""The file that holds the key of personal data. It never lies in the database, nor in a backup of it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sensor_hub.model.problem import InputError

KEY_BYTES = 32
"""AES-256."""
ID_BYTES = 8
OTHERS = 0o077
"""Rights of others than the owner."""
HEADING = """\
# The key of this hub's personal data: names, addresses, telephone numbers, key safes.
# Without it nobody can read them, ever. Keep a copy of it apart from backups of the data: who has both can read all.
# Newest first; `sensor-hub keys rotate` exchanges it.
"""


@dataclass(frozen=True, slots=True)
class Key:
    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Names the key and tells nothing of it."""
        return hashlib.sha256(b"sensor-hub key\0" + self.secret).hexdigest()[: 2 * ID_BYTES]


def new_key() -> Key:
    return Key(secrets.token_bytes(KEY_BYTES))


class KeyFile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[Key, ...]:
        """The keys, newest first, at least one; InputError where there are none to be had."""
        expected = "the file with the key of this hub's personal data: put it back from where its copy is kept"
        try:
            lines = self.path.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({_why(error)})"
            raise InputError(reason, where=str(self.path), expected=expected) from error
        written = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        try:
            keys = tuple(Key(base64.b64decode(line, altchars=b"-_", validate=True)) for line in written)
        except binascii.Error as error:
            raise InputError("is damaged", where=str(self.path), expected=expected) from error
        if not keys or any(len(key.secret) != KEY_BYTES for key in keys):
            raise InputError("is damaged" if keys else "holds no key", where=str(self.path), expected=expected)
        return keys

    def make(self) -> Key:
        """A first key; InputError where a file stands there already, or none can be made."""
        key = new_key()
        if self.path.exists():
            raise InputError("stands there already", where=str(self.path), expected="no file: a key is made once")
        self.write([key])
        return key

    def write(self, keys: Sequence[Key]) -> None:
        """These keys alone, newest first: all of them are on disk, or the file is as it was. For its owner only.

        InputError where the folder takes no file.
        """
        lines = [base64.urlsafe_b64encode(key.secret).decode() for key in keys]
        partial = self.path.with_name(f"{self.path.name}.partial")
        try:
            partial.unlink(missing_ok=True)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as out:
                out.write(HEADING + "\n".join(lines) + "\n")
                out.flush()
                os.fsync(out.fileno())
            self._keep_owner(partial)
            partial.replace(self.path)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            expected = "a folder that can be written, or a key made there by `sensor-hub keys new`"
            raise InputError(f"cannot be made ({_why(error)})", where=str(self.path), expected=expected) from error

    def is_open_to_others(self) -> bool:
        """Whether others than its owner may read or write it."""
        return self.path.exists() and bool(self.path.stat().st_mode & OTHERS)

    def _keep_owner(self, partial: Path) -> None:
        """Exchanged by root, the key still belongs to the hub's own user."""
        if os.geteuid() == 0 and self.path.exists():
            owner = self.path.stat()
            os.chown(partial, owner.st_uid, owner.st_gid)


def _why(error: Exception) -> str:
    return (error.strerror or "no reason given") if isinstance(error, OSError) else "not a text file"
