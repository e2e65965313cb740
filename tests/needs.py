"""Says in one line which programs the tests need and do not find. The tests use real servers and a real browser."""

from __future__ import annotations

import shutil
import sys

NEEDED = {"mosquitto": "mosquitto", "chromium": "chromium", "systemd-analyze": "systemd", "bearerbox": "kannel"}
NEEDED["/usr/lib/kannel/test/fakesmsc"] = "kannel-extras"

NEEDED["npm"] = "npm"
NEEDED["influxd"], NEEDED["/usr/sbin/nginx"] = "influxdb", "nginx-light"
NEEDED["dpkg-deb"] = "dpkg"

missing = [package for program, package in NEEDED.items() if shutil.which(program) is None]
if missing:
    sys.exit(f"missing: {', '.join(missing)}; on Debian: apt-get install {' '.join(missing)}")
