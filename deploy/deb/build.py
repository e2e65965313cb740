"""Builds the Debian package of the gateway: `make deb`.

All that the gateway needs beside Debian's own Python lies in the package, in a folder of its own: our modules and
paho-mqtt, the version that this environment has and our tests ran with (Debian 12 has 1.6, whose interface is another).
So one file installs anywhere without a network, on every processor, and takes nothing from what others installed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import distribution
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LIBRARY = Path("usr/lib/sensor-gateway")
SCRIPTS = ("postinst", "prerm", "postrm")
UPDATER = LIBRARY / "update"
UNITS = ("sensor-gateway.service", "sensor-gateway-update.path", "sensor-gateway-update.service")
NO_CACHE = shutil.ignore_patterns("__pycache__")


def build(version: str, folder: Path) -> Path:
    """The package, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"sensor-gateway_{version}_all.deb"
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name) / "tree"
        lay_out(tree)
        stamp(tree / LIBRARY / "gateway" / "app.py", version)
        write_control(tree, version)
        set_rights(tree)
        command = ["dpkg-deb", "--root-owner-group", "--build", "-Zxz", str(tree), str(made)]
        try:
            # The same sources give the same file, byte for byte.
            environment = {**os.environ, "SOURCE_DATE_EPOCH": commit_time()}
            subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        except FileNotFoundError:
            raise SystemExit("make deb: dpkg-deb is missing; on Debian: apt-get install dpkg") from None
        except subprocess.CalledProcessError as error:
            raise SystemExit(f"make deb: {error.stderr.strip()}") from None
    return made


def lay_out(tree: Path) -> None:
    """The files as they will lie on the box."""
    library = tree / LIBRARY
    shutil.copytree(ROOT / "gateway", library / "gateway", ignore=NO_CACHE)
    shutil.copytree(ROOT / "sensor_hub" / "model", library / "sensor_hub" / "model", ignore=NO_CACHE)
    shutil.copy(ROOT / "sensor_hub" / "__init__.py", library / "sensor_hub" / "__init__.py")
    copy_paho(library)
    for source, target in (
        (HERE / "sensor-gateway", "usr/bin/sensor-gateway"),
        (HERE / "gateway.toml", "etc/sensor-gateway/gateway.toml"),
        (HERE / "copyright", "usr/share/doc/sensor-gateway/copyright"),
        (HERE / "update", UPDATER),
        *((ROOT / "deploy/systemd" / unit, f"usr/lib/systemd/system/{unit}") for unit in UNITS),
    ):
        (tree / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, tree / target)


def stamp(module: Path, version: str) -> None:
    """The daemon says the version that dpkg knows: by it an update proves itself."""
    text, count = re.subn(r'^VERSION = ".*"$', f'VERSION = "{version}"', module.read_text(), flags=re.MULTILINE)
    if count != 1:
        raise SystemExit(f"make deb: {module.name} does not say its version in one place")
    module.write_text(text)


def copy_paho(library: Path) -> None:
    """paho-mqtt as its wheel has it: pure Python."""
    paho = distribution("paho-mqtt")
    if not paho.version.startswith("2."):
        raise SystemExit(f"make deb: paho-mqtt {paho.version} is installed; the gateway needs 2.x")
    for file in paho.files or ():
        is_ours = file.parts[0] == "paho" or file.name in ("METADATA", "LICENSE.txt") or "licenses" in file.parts
        if is_ours and "__pycache__" not in file.parts:
            (library / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), library / file)


def write_control(tree: Path, version: str) -> None:
    control = tree / "DEBIAN"
    size = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file()) // 1024 + 1
    control.mkdir()
    text = (HERE / "control").read_text().replace("@VERSION@", version).replace("@SIZE@", str(size))
    # By it an update is refused after which there is no way back.
    layout = re.search(r"^LAYOUT = (\d+)$", (ROOT / "gateway/rows.py").read_text(), flags=re.MULTILINE)
    if layout is None:
        raise SystemExit("make deb: rows.py does not say the layout of the outbox")
    text = text.replace("@LAYOUT@", layout[1])
    (control / "control").write_text(text)
    (control / "conffiles").write_text("/etc/sensor-gateway/gateway.toml\n")
    for name in SCRIPTS:
        shutil.copyfile(HERE / name, control / name)


def set_rights(tree: Path) -> None:
    """Whatever the rights in the checkout are."""
    tree.chmod(0o755)
    executable = {tree / "usr/bin/sensor-gateway", tree / UPDATER, *(tree / "DEBIAN" / name for name in SCRIPTS)}
    for path in tree.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path in executable else 0o644)


def commit_time() -> str:
    """The moment of the last commit; 1980 outside a checkout."""
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "315532800"


def main() -> None:
    parser = argparse.ArgumentParser(description="Builds the Debian package of the gateway.")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    parser.add_argument("--version", default=project["version"], help="(default: the project's)")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR", help="(default: dist)")
    given = parser.parse_args()
    print(build(given.version, given.out))


if __name__ == "__main__":
    sys.exit(main())
