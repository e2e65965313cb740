"""Debian's nginx with a shipped configuration, as its own user, on free loopback ports."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.brokers import Broker

SETTINGS = """\
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
daemon off;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/shipped.conf;
}}
"""


def nginx_with(shipped: Path, here: Mapping[str, str], folder: Path, port: int) -> Broker:
    """Not started yet. `here`: what stands in the place of what is shipped; `port`: that it then listens on."""
    text = shipped.read_text(encoding="utf-8")
    for said, instead in here.items():
        assert said in text
        text = text.replace(said, instead)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shipped.conf").write_text(text, encoding="utf-8")
    # Its workers would be nobody, who may not write here.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(SETTINGS.format(folder=folder, user=user), encoding="utf-8")
    return Broker([installed("nginx"), "-c", str(folder / "nginx.conf")], port, folder)


def installed(name: str) -> str:
    """Where this server is; RuntimeError where it is not."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError(f"{name} is missing: python tests/needs.py says what to install")
    return found
