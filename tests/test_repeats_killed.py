"""A hub that is killed between what it does and its answer: nothing is done a second time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.hub_program import HubProgram
from tests.web.builders import make_home

KILLED_BEFORE_IT_IS_KEPT = """
import os, signal, sys
from sensor_hub.__main__ import main
from sensor_hub.storage.kept_answers import SqlKeptAnswers
SqlKeptAnswers.keep = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
sys.exit(main())
"""
PATH = "/api/v1/homes/elm-14/absences"


def post(hub: HubProgram) -> httpx.Response:
    password = (hub.folder / "hub-data" / "web.password").read_text().strip()
    return httpx.post(
        f"http://127.0.0.1:{hub.web_port}{PATH}",
        json={"start": "now", "end": None},
        auth=("Jo", password),
        headers={"Idempotency-Key": "k1"},
        timeout=60,
    )


def test_killed_between_act_and_answer_it_does_it_once_and_says_that_it_does_not_know(tmp_path: Path) -> None:
    hub = HubProgram(tmp_path, [make_home("elm-14")], settings='homes = "homes/*.toml"\n')
    hub.write()
    try:
        with (tmp_path / "hub.out").open("ab") as out:
            program = [sys.executable, "-c", KILLED_BEFORE_IT_IS_KEPT, "run", "--config", str(hub.config)]
            hub.process = subprocess.Popen(program, stdout=out, stderr=out)
        hub.wait_ready()
        with pytest.raises(httpx.RemoteProtocolError):
            post(hub)
        hub.process.wait(60)
        hub.start()
        hub.wait_ready()
        again = post(hub)
        assert (again.status_code, "not known" in again.json()["detail"]) == (409, True)
        absences = httpx.get(again.request.url, headers={"Authorization": again.request.headers["Authorization"]})
        assert len(absences.json()["items"]) == 1
    finally:
        hub.clear()
