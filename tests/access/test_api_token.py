"""A token is known by its look; an invented one is told without a look into the database."""

from __future__ import annotations

import pytest

from sensor_hub.access.api_token import LASTS_AT_MOST_DAYS, PREFIX, ends_at, is_token, make_token, secret_hash
from sensor_hub.model.moment import DAY


def test_a_token_that_was_made_is_one() -> None:
    tokens = [make_token() for _ in range(50)]
    assert len(set(tokens)) == 50
    assert all(is_token(token) and token.startswith(PREFIX) and len(token) == 43 for token in tokens)


def test_one_letter_changed_makes_it_none() -> None:
    token = make_token()
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        assert not is_token(token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize("text", ["", PREFIX, "shub_" + "ä" * 38, "x" * 43, PREFIX + "0" * 38])
def test_what_is_no_token(text: str) -> None:
    assert not is_token(text)


def test_what_is_kept_of_it_does_not_give_it_away() -> None:
    token = make_token()
    assert token[5:] not in secret_hash(token)
    assert secret_hash(token) != secret_hash(make_token())


def test_every_token_ends() -> None:
    assert ends_at(1000.0, 90) == 1000.0 + 90 * DAY
    for days in (0.0, -1.0, LASTS_AT_MOST_DAYS + 1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="at most"):
            ends_at(1000.0, days)
