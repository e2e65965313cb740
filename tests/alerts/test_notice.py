"""What notices say. Their texts in every form are in `tests/golden/notices`: see `tests/dispatch/notices.py`."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.notice import Notice, write
from sensor_hub.model.kind import KINDS, Kind, Urgency
from tests.alerts.changes import change
from tests.dispatch.notices import FIRST, LETTERHEAD, LONDON, TURNS, check_golden, contact

FULL = contact(Detail.FULL)
HEALTH = re.compile(
    r"toilet|bathroom|sleep|night|rising|movement|routine|drink|intake|smoke|fall|\bill|pain|medic|resident|up ",
    re.IGNORECASE,
)


def as_read(notice: Notice) -> str:
    return f"Subject: {notice.title}\n\n{notice.body}"


def test_the_texts() -> None:
    check_golden("email", as_read)


@pytest.mark.parametrize("kind", KINDS)
def test_a_minimal_one_names_neither_the_home_nor_what_happened(kind: Kind) -> None:
    told = change(kind, home="mrs-smiths-flat")
    to = Contact("mary", "mailto://x", Detail.MINIMAL, name="Mary Jones")
    for urgency in Urgency:
        for turn in (FIRST, *TURNS.values()):
            text = as_read(write(change(kind, urgency, home="mrs-smiths-flat"), to, LONDON, LETTERHEAD, turn))
            secrets = ("mrs-smiths-flat", "mary", told.summary, KINDS[kind].title, KINDS[kind].check, "05:12", "09:40")
            assert not [each for each in secrets if each.lower() in text.lower()]
            assert not HEALTH.search(text)


def test_times_are_those_of_the_home() -> None:
    tokyo = write(change(Kind.COLD), FULL, ZoneInfo("Asia/Tokyo"), LETTERHEAD, FIRST)
    assert "Since: 14:12 on Monday 5 January 2026" in tokyo.body


def test_the_same_change_for_the_same_contact_has_the_same_reference() -> None:
    first, again = (write(change(Kind.COLD), FULL, LONDON, LETTERHEAD, FIRST) for _ in range(2))
    other = write(change(Kind.COLD), Contact("other", "console://"), LONDON, LETTERHEAD, FIRST)
    later = write(change(Kind.COLD), FULL, LONDON, LETTERHEAD, TURNS["escalated"])
    assert first == again
    assert len({first.reference, other.reference, later.reference}) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_to_check_in_a_sentence_or_two(kind: Kind) -> None:
    assert re.fullmatch(r"[A-Z][^!]{10,110}[.?]", KINDS[kind].check)
