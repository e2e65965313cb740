from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.link import UNSIGNED
from sensor_hub.alerts.notice import SIMULATED, SIMULATED_LINE, Letterhead, Notice, Turn, write
from sensor_hub.alerts.together import MOST_IN_FULL, together
from sensor_hub.model.kind import Kind, Urgency
from tests.alerts.changes import change

LETTERHEAD = Letterhead("https://hub.example.org")


def notices(count: int, detail: Detail = Detail.FULL, letterhead: Letterhead = LETTERHEAD) -> list[Notice]:
    contact = Contact("team", "console://", detail)
    alerts = [change(Kind.COLD, home=f"flat-{number}") for number in range(count - 1)]
    every = [change(Kind.INACTIVITY, Urgency.URGENT, home="flat-99"), *alerts]
    written = [write(each, contact, ZoneInfo("Europe/London"), letterhead, Turn(1)) for each in every]
    return [replace(each, body=each.body.replace(UNSIGNED, f"link-{each.reference}")) for each in written]


def test_one_alone_stays_as_it_is() -> None:
    (one,) = notices(1)
    assert together([one]) == one


@pytest.mark.parametrize("detail", Detail)
@pytest.mark.parametrize("count", [2, 8, 9, 50])
def test_all_have_their_reference_and_link_under_the_title_of_the_worst(count: int, detail: Detail) -> None:
    parts = notices(count, detail)
    whole = together(parts)
    assert (whole.reference, whole.urgency) == (parts[0].reference, Urgency.URGENT)
    assert whole.title.startswith("URGENT: ")
    assert f" and {count - 1} more (ref {parts[0].reference})" in whole.title
    places = [whole.body.index(f"link-{each.reference}") for each in parts]
    assert places == sorted(places)
    assert all(f"(ref {each.reference})" in whole.body for each in parts)
    if detail is Detail.FULL:
        assert (parts[1].body.strip() in whole.body) is (count <= MOST_IN_FULL)


def test_simulated_ones_say_so_once() -> None:
    whole = together(notices(3, letterhead=Letterhead("http://127.0.0.1", is_simulated=True)))
    assert whole.title.startswith(SIMULATED)
    assert (whole.title + whole.body).count(SIMULATED) == 1
    assert whole.body.count(SIMULATED_LINE) == 1
