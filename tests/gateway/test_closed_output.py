"""Whoever pipes a command into `head` gets no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SETTINGS = 'home = "h1"\n[hub]\nhost = "127.0.0.1"\nport = 1\n'


@pytest.mark.parametrize("command", [["status"], ["status", "--json"], ["--help"], ["decode"]], ids=" ".join)
def test_a_command_ends_quietly_when_nobody_reads_its_output(command: list[str], tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(SETTINGS)
    given = [*command, "--config", str(config)] if command[0] == "status" else command
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *given],
            input=b'{"topic": "a", "payload": {}}\n',
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
            timeout=30,
        )
    finally:
        os.close(writing)
    assert done.stderr == b""
    assert done.returncode in (0, 1)
