"""A real OpenID provider in a process of its own, and a person's browser on its pages."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.brokers import free_port
from tests.node_packages import install

HERE = Path(__file__).parent
CLIENT, SECRET = "hub", "the secret of the hub, long enough"
BACK = "http://hub.test/login/provider/back"


@contextmanager
def provider_of(people: Mapping[str, Mapping[str, Any]], folder: Path) -> Iterator[str]:
    """Its address. `people`: their claims, by the name that they type there."""
    install(HERE, "oidc-provider")
    (folder / "people.json").write_text(json.dumps(people))
    port = free_port()
    command = ["node", "provider.mjs", str(folder / "people.json"), str(port)]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def sign_in_there(address: str, name: str) -> str:
    """Where the provider sends the browser back to, after `name` signed in and agreed on its pages."""
    with httpx.Client() as browser:
        answer = browser.get(address)
        while not (answer.is_redirect and answer.headers["location"].startswith(BACK)):
            if answer.is_redirect:
                answer = browser.get(answer.url.join(answer.headers["location"]))
                continue
            assert answer.status_code == 200, answer.text
            act = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert act is not None
            assert prompt is not None
            form = {"prompt": prompt.group(1), "login": name, "password": "any"}
            answer = browser.post(answer.url.join(act.group(1)), data=form)
        return str(answer.headers["location"])
