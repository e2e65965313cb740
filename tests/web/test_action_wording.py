"""Each action has words of its own."""

from __future__ import annotations

from sensor_hub.access.action import Action
from sensor_hub.web.action_wording import ACTION_WORDS


def test_each_action_has_words_of_its_own() -> None:
    assert set(ACTION_WORDS) == set(Action)
    assert len(set(ACTION_WORDS.values())) == len(Action)
