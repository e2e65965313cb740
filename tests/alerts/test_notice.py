"""Notices as their readers get them: `tests/golden/notices` holds the texts. SENSOR_HUB_GOLDEN=write renews them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.link import UNSIGNED, Link, sign
from sensor_hub.alerts.notice import Letterhead, Notice, Turn, write
from sensor_hub.alerts.routing import Reason
from sensor_hub.model.kind import KINDS, Kind, Urgency
from sensor_hub.watch.telling import SAID
from tests.alerts.changes import change
from tests.homes import moment

GOLDEN = Path(__file__).parent.parent / "golden" / "notices"
LONDON = ZoneInfo("Europe/London")
LETTERHEAD = Letterhead("https://hub.example.org")
FULL = Contact("team", "console://", Detail.FULL)
MINIMAL = Contact("team", "console://", Detail.MINIMAL)
FIRST = Turn(1)
ONE_MESSAGE = 160
NOT_IN_GSM_7 = re.compile(r"[^A-Za-z0-9 \n@!\"#%&'()*+,./:;<=>?_-]")
NOW = {Kind.INACTIVITY, Kind.DOOR_AT_NIGHT}
EVERY = [(kind, Urgency.URGENT if kind in NOW else Urgency.SOON) for kind in KINDS]


def as_read(notice: Notice) -> str:
    return f"Subject: {notice.title}\n\n{notice.body}"


def check(name: str, text: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("SENSOR_HUB_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "urgency"), EVERY)
@pytest.mark.parametrize("contact", [FULL, MINIMAL], ids=lambda contact: str(contact.detail))
def test_the_text(kind: Kind, urgency: Urgency, contact: Contact) -> None:
    check(f"{kind}-{contact.detail}", as_read(write(change(kind, urgency), contact, LONDON, LETTERHEAD, FIRST)))


def test_a_simulated_one_says_so_first() -> None:
    letterhead = Letterhead("http://127.0.0.1:8080", is_simulated=True)
    check("simulated", as_read(write(change(Kind.COLD), FULL, LONDON, letterhead, FIRST)))


@pytest.mark.parametrize(("kind", "urgency"), EVERY)
def test_a_minimal_one_names_neither_the_home_nor_what_happened(kind: Kind, urgency: Urgency) -> None:
    told = change(kind, urgency, home="mrs-smiths-flat")
    text = as_read(write(told, MINIMAL, LONDON, LETTERHEAD, FIRST))
    for secret in ("mrs-smiths-flat", told.summary, KINDS[kind].title, "05:12", "09:40"):
        assert secret not in text


def test_times_are_those_of_the_home() -> None:
    tokyo = write(change(Kind.COLD), FULL, ZoneInfo("Asia/Tokyo"), LETTERHEAD, FIRST)
    assert "Since 14:12 on Monday 5 January 2026" in tokyo.body


def test_the_same_change_for_the_same_contact_has_the_same_reference() -> None:
    first, again = (write(change(Kind.COLD), FULL, LONDON, LETTERHEAD, FIRST) for _ in range(2))
    other = write(change(Kind.COLD), Contact("other", "console://"), LONDON, LETTERHEAD, FIRST)
    assert first == again
    assert other.reference != first.reference


@pytest.mark.parametrize("contact", [FULL, MINIMAL], ids=lambda contact: str(contact.detail))
def test_a_later_one_says_why_it_comes_and_has_a_reference_of_its_own(contact: Contact) -> None:
    urgent = change(Kind.INACTIVITY, Urgency.URGENT)
    later = write(urgent, contact, LONDON, LETTERHEAD, Turn(1, 1, SAID[Reason.ESCALATED]))
    check(f"escalated-{contact.detail}", as_read(later))
    assert later.reference != write(urgent, contact, LONDON, LETTERHEAD, FIRST).reference


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("urgency", Urgency)
def test_a_minimal_one_fits_one_text_message(kind: Kind, urgency: Urgency) -> None:
    notice = write(change(kind, urgency), MINIMAL, LONDON, LETTERHEAD, FIRST)
    signature = sign(Link(notice.reference, int(moment("2036-01-05 09:40"))), "a key")
    text = f"{notice.title}\n{notice.body}".replace(UNSIGNED, signature)
    assert len(text) <= ONE_MESSAGE
    assert not NOT_IN_GSM_7.search(text)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_to_check_in_a_sentence_or_two(kind: Kind) -> None:
    assert re.fullmatch(r"[A-Z][^!]{10,110}[.?]", KINDS[kind].check)
