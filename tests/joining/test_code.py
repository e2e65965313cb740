from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.joining.code import ALPHABET, MOST_TRIES, VALID_FOR, JoinCode, Spelling, Verdict, make_code, read_code

T = 1_767_605_000.0
CODE = JoinCode("h1", "ACD", "hash", T)


def test_a_code_is_eight_letters_that_nobody_mistakes() -> None:
    codes = {make_code().text for _ in range(200)}
    assert len(codes) == 200
    letters = set("".join(codes)) - {"-"}
    assert letters <= set(ALPHABET)
    assert not letters & set("0O1IL2Z5S8BUV")
    assert {len(code) for code in codes} == {9}


def test_a_code_is_recognised_however_it_is_typed() -> None:
    for text in ("ACDE-FGHJ", "acdefghj", " acde fghj\n", "AC-DE-FG-HJ"):
        assert read_code(text) == Spelling("ACD", "EFGHJ")
    assert Spelling("ACD", "EFGHJ").text == "ACDE-FGHJ"


@pytest.mark.parametrize("text", ["", "ACDEFGH", "ACDEFGHJK", "ACDE-FGH0", "ACDE.FGHJ", "éCDEFGHJ", "ACDEFGH\0"])
def test_what_cannot_be_a_code(text: str) -> None:
    assert read_code(text) is None


@pytest.mark.parametrize(
    ("code", "after", "verdict"),
    [
        (CODE, 0.0, Verdict.GOOD),
        (CODE, VALID_FOR - 1, Verdict.GOOD),
        (CODE, VALID_FOR, Verdict.EXPIRED),
        (CODE, -1.0, Verdict.EXPIRED),
        (replace(CODE, tries=MOST_TRIES - 1), 0.0, Verdict.GOOD),
        (replace(CODE, tries=MOST_TRIES), 0.0, Verdict.LOCKED),
        (replace(CODE, used_at=T), 1.0, Verdict.USED),
        (replace(CODE, used_at=T, tries=MOST_TRIES), VALID_FOR, Verdict.USED),
    ],
)
def test_whether_it_may_still_be_used(code: JoinCode, after: float, verdict: Verdict) -> None:
    assert code.judge(T + after) is verdict
