"""What lets people in before there is an account, and commands beside the hub: in files that its own user may read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

PASSWORD_FILE = "web.password"
COMMAND_KEY_FILE = "command.key"


def made_password(folder: Path) -> tuple[str, bool]:
    """The password in the data folder, made once, for the hub's own user to read; and whether that was now."""
    path = folder / PASSWORD_FILE
    is_new = not path.exists()
    if is_new:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as out:
            out.write(secrets.token_urlsafe(12) + "\n")
    return path.read_text(encoding="utf-8").strip(), is_new


def made_command_key(folder: Path) -> str:
    """A new key at each start, in the data folder: whoever may read that may give the running hub any command."""
    key, path = secrets.token_urlsafe(32), folder / COMMAND_KEY_FILE
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(key + "\n")
    return key
