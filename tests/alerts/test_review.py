"""The figures of a week and how they are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.notice import Letterhead
from sensor_hub.alerts.review import (
    Answering,
    CardReminder,
    ConsentReminder,
    Review,
    Reviewed,
    Unseen,
    answering,
    by_home,
    by_kind,
    tally,
)
from sensor_hub.alerts.review_text import MOST_LINES, card_words, consent_words, review_notice
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from tests.golden_text import as_read, check_golden
from tests.homes import LONDON, moment

END = moment("2026-01-12 08:00")
START = END - 7 * DAY
LETTERHEAD = Letterhead("https://hub.example.org")


def alert(home: str, kind: Kind, urgency: Urgency = Urgency.SOON, *, day: float = 1, answered: float = 0) -> Reviewed:
    """`answered`: after so many minutes; 0: not at all."""
    at = START + day * DAY
    said = {Kind.COLD: "The bedroom is at 15.4 °C.", Kind.INACTIVITY: "No movement since 05:12."}.get(
        kind, "Look at it."
    )
    answered_at = at + answered * MINUTE if answered else None
    return Reviewed(f"{home}{kind}", home, kind, urgency, said, at - HOUR, at, answered_at=answered_at)


WEEK = Review(
    START,
    END,
    40,
    alerts=[
        replace(alert("elm-14", Kind.INACTIVITY, Urgency.URGENT, answered=4), outcome=Outcome.TRUE),
        replace(alert("elm-14", Kind.INACTIVITY, Urgency.URGENT, day=2, answered=32), outcome=Outcome.FALSE),
        alert("oak-2", Kind.INACTIVITY, Urgency.URGENT, day=3),
        replace(alert("oak-2", Kind.COLD, answered=200), outcome=Outcome.TRUE),
        replace(alert("elm-14", Kind.COLD, day=5), is_open=True),
        replace(alert("fir-3", Kind.GATEWAY_SILENT, answered=1500), outcome=Outcome.UNKNOWN),
        alert("elm-14", Kind.SLEEP_DISTURBANCE, Urgency.NOTICE, day=4),
    ],
    pages=12,
    exhausted=["oak-2: No movement"],
    unseen=[
        Unseen("birch-7", 2 * DAY + 3 * HOUR, 0),
        Unseen("elm-14", 0, 5 * HOUR),
        Unseen("fir-3", 40 * MINUTE, 90.0),
    ],
    away=12 * MINUTE,
    silences=["oak-2, until 10:00 on Mon 12 Jan, by Jo: the boiler is being mended"],
    cards=[
        CardReminder("birch-7", False),
        CardReminder("fir-3", True),
        CardReminder("oak-2", True, START - 200 * DAY),
    ],
    consents=[ConsentReminder("birch-7"), ConsentReminder("oak-2", date(2026, 1, 5))],
)
QUIET = Review(START, END, 1)


def test_precision_is_of_those_of_which_somebody_said_whether_they_were_true() -> None:
    assert tally(WEEK.alerts).precision == pytest.approx(2 / 3)
    assert tally(QUIET.alerts).precision is None


def test_answers_are_told_by_their_middle_and_their_longest() -> None:
    assert answering(WEEK.alerts, Urgency.URGENT) == Answering(2, 1, 18 * MINUTE, 32 * MINUTE)
    assert answering(QUIET.alerts, Urgency.URGENT) == Answering(0, 0, None, None)


def test_what_is_most_frequent_comes_first() -> None:
    assert [(kind, those.count) for kind, those in by_kind(WEEK.alerts)][:2] == [(Kind.INACTIVITY, 3), (Kind.COLD, 2)]
    assert by_home(WEEK.alerts) == [("elm-14", 4), ("oak-2", 2), ("fir-3", 1)]


@pytest.mark.parametrize("detail", list(Detail))
@pytest.mark.parametrize(("name", "review"), [("review", WEEK), ("review-quiet", QUIET)])
def test_the_text(name: str, review: Review, detail: Detail) -> None:
    contact = Contact("team", "console://", detail)
    zones = dict.fromkeys(("elm-14", "oak-2", "fir-3"), LONDON)
    check_golden(f"rounds/{name}-{detail}", as_read(review_notice(review, contact, LONDON, zones, LETTERHEAD)))


def test_a_minimal_one_has_figures_alone() -> None:
    text = as_read(review_notice(WEEK, Contact("team", "console://"), LONDON, {}, LETTERHEAD))
    for secret in ("elm-14", "oak-2", "birch-7", "No movement", "°C", "boiler"):
        assert secret not in text


def test_long_lists_say_how_many_more_there_are() -> None:
    many = replace(WEEK, alerts=[alert(f"home-{number}", Kind.COLD) for number in range(MOST_LINES + 4)])
    text = review_notice(many, Contact("team", "console://", Detail.FULL), LONDON, {}, LETTERHEAD).body
    assert "- and 4 more" in text


def test_a_hub_without_any_response_card_is_told_so_in_one_line() -> None:
    none = [CardReminder(home, False) for home in ("elm-14", "oak-2")]
    assert card_words(replace(QUIET, homes=2, cards=none)) == ["none is kept for any home"]
    assert card_words(replace(QUIET, homes=3, cards=none)) == ["elm-14: none is kept", "oak-2: none is kept"]


def test_a_hub_without_any_record_of_consent_is_told_so_in_one_line() -> None:
    none = [ConsentReminder(home) for home in ("elm-14", "oak-2")]
    assert consent_words(replace(QUIET, homes=2, consents=none)) == [
        "there is no record of what is agreed for any home"
    ]
    assert len(consent_words(replace(QUIET, homes=3, consents=none))) == 2
    assert consent_words(replace(QUIET, homes=0)) == []
