"""The API answers as its description says, whoever asks and whatever they send: schemathesis, over real stores."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sensor_hub.access.role import Role
from tests.api.contract import play
from tests.api.house import open_house

FEW = 3
EXAMPLES = int(os.environ.get("API_EXAMPLES", FEW))
"""For each operation; a longer run asks for more: `python -m tests.api.contract 500`."""
QUICK = {"coverage": {"enabled": False}, "stateful": {"enabled": False}}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("who", [*Role, "nobody"])
def test_every_call_answers_as_described(tmp_path: Path, who: str) -> None:
    """In a house of its own: some may put others out, to whom 401 is then the right answer everywhere."""
    with open_house(tmp_path) as house:
        played = play(house, who, examples=EXAMPLES, phases=QUICK if EXAMPLES == FEW else None)
    assert not played.failures
    assert played.statuses.total() > 40
    assert (played.statuses[200] > 5) == (who != "nobody")
