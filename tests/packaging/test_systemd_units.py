"""The services in deploy/systemd are ones that systemd takes, and closed to what they do not need."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
MOST_EXPOSED = 25
"""Of `systemd-analyze security`, in tenths."""


@pytest.mark.parametrize("unit", sorted(path.name for path in UNITS.iterdir()))
def test_systemd_takes_it_without_a_word(tmp_path: Path, unit: str) -> None:
    # The programs and users are not on this machine.
    text = (UNITS / unit).read_text(encoding="utf-8")
    text = re.sub(r"^(ExecStart|ExecCondition)=\S+", r"\1=/bin/true", text, flags=re.MULTILINE)
    text = re.sub(r"^(User|Group)=.*\n", "", text, flags=re.MULTILINE)
    (tmp_path / unit).write_text(text, encoding="utf-8")
    for companion in UNITS.glob(f"{Path(unit).stem}.*"):
        if companion.name != unit:
            (tmp_path / companion.name).write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", tmp_path / unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "unit",
    ["sensor-gateway.service", "sensor-hub.service", "sensor-hub-watchdog.service", "sensor-hub-litestream.service"],
)
def test_it_is_closed_to_what_it_does_not_need(unit: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(UNITS / unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout.splitlines()[-1]
