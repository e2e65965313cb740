"""Text messages: whatever the homes and the hub are called, one message holds the whole notice."""

from __future__ import annotations

import re
import string
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smpplib import gsm

from sensor_hub.alerts.contact import Detail
from sensor_hub.alerts.delivery import Delivery
from sensor_hub.alerts.notice import Letterhead, Notice, Turn, write
from sensor_hub.dispatch.gsm import BASIC, EXTENDED, ONE_MESSAGE, in_gsm, septets
from sensor_hub.dispatch.text_message import BRIEF, link_overhang, text_of
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.kind import KINDS, Kind, Urgency
from sensor_hub.watch.telling import SAID
from tests.alerts.changes import change
from tests.dispatch.notices import FIRST, LETTERHEAD, LONDON, TURNS, check_golden, contact, signed

FEW = settings(max_examples=40)
SLUG = string.ascii_lowercase + string.digits + "-_"


def length(text: str) -> int:
    counted = septets(text)
    assert counted is not None, text
    return counted


def repeated(notice: Notice) -> Notice:
    return Delivery(notice, 1, is_again=True).marked()


def test_the_texts() -> None:
    check_golden("sms", text_of)


@pytest.mark.parametrize(("detail", "urgency"), [*product(Detail, Urgency)])
def test_every_kind_and_turn_is_one_message_with_its_link(detail: Detail, urgency: Urgency) -> None:
    for kind, turn in product(KINDS, (FIRST, *TURNS.values())):
        notice = signed(write(change(kind, urgency), contact(detail), LONDON, LETTERHEAD, turn))
        for text in (text_of(notice), text_of(repeated(notice))):
            assert length(text) <= ONE_MESSAGE
            assert re.search(r"https://hub\.example\.org/answer/\S{52}$", text)
        assert "again, ref" in text_of(repeated(notice))
        if detail is Detail.MINIMAL and urgency is not Urgency.NOTICE:
            assert BRIEF.get(turn.why, "") in text_of(notice)


@settings(FEW)
@given(
    home=st.text(SLUG, min_size=1, max_size=64),
    host=st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=200),
    turn=st.builds(Turn, st.integers(1, 99), st.integers(0, 99), why=st.sampled_from(["", *SAID.values()])),
    detail=st.sampled_from(Detail),
    kind=st.sampled_from(list(KINDS)),
)
def test_no_name_and_no_address_makes_it_longer(home: str, host: str, turn: Turn, detail: Detail, kind: Kind) -> None:
    letterhead = Letterhead(f"https://{host}", is_simulated=True)
    notice = signed(write(change(kind, Urgency.URGENT, home=home), contact(detail), LONDON, letterhead, turn))
    text = text_of(repeated(notice))
    assert length(text) <= ONE_MESSAGE
    assert f"ref {notice.reference})" in text


@settings(FEW)
@given(title=st.text(), body=st.text(), reference=st.text(min_size=1))
def test_nothing_that_is_sent_at_all_is_longer(title: str, body: str, reference: str) -> None:
    text = text_of(Notice(reference, "", "team", Urgency.SOON, title, body))
    assert length(text) <= ONE_MESSAGE


def test_what_is_short_enough_is_sent_whole_and_the_rest_ends_with_a_sentence() -> None:
    title = "URGENT: the hub stands still"
    short = Notice("watchdog", "", "team", Urgency.URGENT, title, "Last seen at 09:40.\n\nLook.")
    assert text_of(short) == "URGENT: the hub stands still\nLast seen at 09:40.\n\nLook."
    long = Notice("watchdog", "", "team", Urgency.URGENT, title, "Look at it. " * 20)
    assert re.fullmatch(r"URGENT: the hub stands still\n(Look at it\. )+Look at it\.", text_of(long))


@settings(FEW)
@given(st.integers(1, 80))
def test_what_the_hub_says_of_its_address_is_so(letters: int) -> None:
    letterhead = Letterhead(f"https://{'h' * letters}")
    for detail in Detail:
        texts = [
            text_of(repeated(signed(write(urgent(kind), contact(detail), LONDON, letterhead, FIRST)))) for kind in KINDS
        ]
        over = link_overhang(letterhead, detail)
        assert all("https" in text for text in texts) == (over == 0)
        if 0 < over < letters:
            assert link_overhang(Letterhead(f"https://{'h' * (letters - over)}"), detail) == 0


def urgent(kind: Kind) -> AlertChange:
    return change(kind, Urgency.URGENT, home="x" * 12)


def test_an_address_outside_the_alphabet_is_not_sent_and_is_said_to_be_too_long() -> None:
    letterhead = Letterhead("https://hûb.example")
    assert link_overhang(letterhead, Detail.MINIMAL) > 0
    notice = signed(write(change(Kind.COLD), contact(Detail.MINIMAL), LONDON, letterhead, FIRST))
    assert "http" not in text_of(notice)


@settings(FEW)
@given(st.text(max_size=200))
def test_any_text_can_be_written_in_the_alphabet(text: str) -> None:
    assert septets(in_gsm(text)) is not None


def test_signs_and_accents_become_what_is_nearest() -> None:
    assert in_gsm("16.6 °C – 9…10 “très” ê") == '16.6 C - 9...10 "très" e'


def test_the_alphabet_is_that_of_text_messages() -> None:
    assert [letter for letter in sorted(BASIC) if len(gsm.gsm_encode(letter)) != 1] == []
    assert [letter for letter in sorted(EXTENDED) if len(gsm.gsm_encode(letter)) != 2] == []


def test_few_words_stand_only_for_what_is_said() -> None:
    assert set(BRIEF) <= set(SAID.values())
