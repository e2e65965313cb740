"""Who takes over, and what they are told of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.alerts.contact import Detail
from sensor_hub.alerts.handover import TakeOver, handover_notice, take_overs
from sensor_hub.alerts.notice import Letterhead, Purpose
from sensor_hub.alerts.open_alert import MOST_LISTED, OpenAlert
from sensor_hub.alerts.rota import Rota
from sensor_hub.model.kind import KINDS, Kind, Urgency
from tests.alerts.changes import AT, change
from tests.alerts.plans import PEOPLE, plan, rota
from tests.golden_text import as_read, check_golden
from tests.homes import LONDON, moment

DAYS = rota(("ann", "08:00", "20:00"), ("both", "20:00", "08:00"), name="care")
PLAN = plan(rotas=(DAYS,), both=("ann", "bea"))
STANDINGS = [
    OpenAlert(change(Kind.COLD, home="oak-2"), taken_by="Sam"),
    OpenAlert(change(Kind.GATEWAY_SILENT, home="birch-7")),
    OpenAlert(change(Kind.INACTIVITY, Urgency.URGENT, home="elm-14"), is_exhausted=True),
]
LETTERHEAD = Letterhead("https://hub.example.org")
ZONES = dict.fromkeys(("oak-2", "birch-7", "elm-14"), LONDON)


def names(takers: list[TakeOver]) -> list[tuple[str, list[str]]]:
    return [(taker.contact.id, [rota.id for rota in taker.rotas]) for taker in takers]


def test_only_who_was_not_on_call_before_takes_over() -> None:
    evening, morning = moment("2026-01-05 20:00"), moment("2026-01-06 08:00")
    assert names(take_overs(PLAN, {"care": "ann"}, evening)) == [("bea", ["care"])], "ann goes on in the team"
    assert names(take_overs(PLAN, {"care": "both"}, morning)) == []
    assert names(take_overs(PLAN, {"care": None}, morning)) == [("ann", ["care"])]
    assert names(take_overs(PLAN, {"care": "ann"}, morning)) == []
    assert names(take_overs(PLAN, {}, morning)) == [], "a rota that is new was handed over by nobody"


def test_somebody_who_takes_over_two_rotas_is_told_once() -> None:
    two = plan(rotas=(rota(("cid", "08:00", "20:00"), name="one"), rota(("cid", "08:00", "20:00"), name="two")))
    assert names(take_overs(two, {"one": "ann", "two": None}, moment("2026-01-05 08:00"))) == [("cid", ["one", "two"])]


@pytest.mark.parametrize("detail", list(Detail))
def test_the_text(detail: Detail) -> None:
    taker = TakeOver(replace(PEOPLE[0], detail=detail), (DAYS,))
    notice = handover_notice(taker, STANDINGS, ZONES, LETTERHEAD, AT)
    check_golden(f"rounds/handover-{detail}", as_read(notice))
    assert (notice.alert, notice.urgency, notice.purpose) == ("", Urgency.SOON, Purpose.ROUND)


def test_a_minimal_one_names_neither_homes_nor_what_happened() -> None:
    text = as_read(handover_notice(TakeOver(PEOPLE[0], (DAYS,)), STANDINGS, ZONES, LETTERHEAD, AT))
    for each in STANDINGS:
        for secret in (each.change.home, each.change.summary, KINDS[each.change.kind].title):
            assert secret not in text
    assert len(text.removeprefix("Subject: ")) <= 160


def test_a_long_list_says_how_many_more_there_are() -> None:
    many = [OpenAlert(replace(change(Kind.COLD), id=str(number))) for number in range(MOST_LISTED + 3)]
    always = Rota("care", LONDON, ())
    taker = TakeOver(replace(PEOPLE[0], detail=Detail.FULL), (always,))
    text = handover_notice(taker, many, {}, Letterhead(None), AT).body
    assert text.count(". Today: ") == MOST_LISTED
    assert "And 3 more." in text
    assert "http" not in text
