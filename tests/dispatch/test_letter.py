from __future__ import annotations

from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.letter import Answer, Facts, Heading, Items, Paragraph, read_letter
from sensor_hub.dispatch.spoken import speech_of
from sensor_hub.model.kind import Urgency
from tests.dispatch.notices import check_golden, every_notice

SEVERAL = """\
2 alerts, the worst first. Each is taken by its own link.

1. URGENT: No movement, flat-12 (ref 0123456789)
Home bramley: no movement. Somebody must act now.

Walls in the bedroom: 100 % humidity.

Since: 05:12 on Monday 5 January 2026
What to do: Phone the resident: is it warm?

To take it:
https://hub.example.org/answer/a

2. Today: Cold home, flat-12 (ref 1123456789)
https://hub.example.org/answer/b

This week
---------
- one
- two
"""


def letter_of(body: str) -> Notice:
    return Notice("0123456789", "a1", "team", Urgency.URGENT, "URGENT: No movement (again, ref 0123456789)", body)


def test_the_parts_of_a_text() -> None:
    letter = read_letter(letter_of(SEVERAL))
    assert letter.what == "URGENT: No movement"
    assert letter.blocks == (
        Paragraph("2 alerts, the worst first. Each is taken by its own link."),
        Heading("1. URGENT: No movement, flat-12 (ref 0123456789)"),
        Paragraph("Home bramley: no movement. Somebody must act now."),
        Paragraph("Walls in the bedroom: 100 % humidity."),
        Facts((("Since", "05:12 on Monday 5 January 2026"), ("What to do", "Phone the resident: is it warm?"))),
        Answer("To take it", "https://hub.example.org/answer/a"),
        Heading("2. Today: Cold home, flat-12 (ref 1123456789)"),
        Answer("https://hub.example.org/answer/b", "https://hub.example.org/answer/b"),
        Heading("This week"),
        Items(("one", "two")),
    )
    assert letter.link == "https://hub.example.org/answer/a"


def test_every_notice_has_its_parts() -> None:
    for name, notice in every_notice():
        letter = read_letter(notice)
        assert letter.fact("Reference") == notice.reference
        assert (letter.link is None) == name.startswith("no-link")
        assert letter.is_simulated == name.startswith("simulated")
        assert (letter.fact("Since") is None) == name.endswith("minimal")


def test_what_is_read_out() -> None:
    check_golden("voice", speech_of)
    for _, notice in every_notice():
        first, _, second = speech_of(notice).partition(" I say it again. ")
        assert first == second
        assert "http" not in first
