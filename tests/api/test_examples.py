"""The examples of deploy/api.md: each is run with curl, in their order, and answers in the shape that is shown."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from tests.api.house import open_house

PAGE = Path(__file__).parents[2] / "deploy" / "api.md"
BLOCKS = re.findall(r"```sh\n(.*?)```\n```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def alike(one: object, other: object) -> bool:
    """The same names and kinds; null is of any kind, and an empty list like any."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(each, other[name]) for name, each in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return not one or not other or alike(one[0], other[0])
    return one is None or other is None or type(one) is type(other)


def test_each_example_answers_as_is_shown(tmp_path: Path) -> None:
    assert len(BLOCKS) >= 10
    assert PAGE.read_text(encoding="utf-8").count("```sh") == len(BLOCKS)
    with open_house(tmp_path) as house:
        env = {**os.environ, "HUB": house.url, "TOKEN": house.tokens["integration"]}
        for command, shown in BLOCKS:
            asked = subprocess.run(["bash", "-c", command], env=env, capture_output=True, text=True, check=True)
            assert alike(json.loads(asked.stdout), json.loads(shown)), command
