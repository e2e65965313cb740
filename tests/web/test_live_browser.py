"""Pages that hear what changes, in a real browser: they say so, and say loudly when they hear nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from sensor_hub.model.change import What
from sensor_hub.web.bounds import OneTenant
from sensor_hub.web.ports import Handled
from tests.web.builders import make_hub
from tests.web.memory_changes import MemoryChanges
from tests.web.memory_people import MemoryPeople
from tests.web.test_browser import SIZES, Seat, browser, served

__all__ = ["browser"]
QUIET = 30_000


@pytest.fixture
def changes() -> MemoryChanges:
    return MemoryChanges(OneTenant(lambda: ["elm-14"]), stops=False)


@pytest.fixture
def seat(browser: Browser, changes: MemoryChanges) -> Iterator[Seat]:
    hub, people, (width, height) = make_hub(), MemoryPeople(), SIZES["desktop"]
    changes.add(What.HUB_STARTED)
    with served(hub, people, changes) as url:
        context = browser.new_context(viewport={"width": width, "height": height})
        seat = Seat(hub, url, context.new_page(), people)
        seat.page.on("pageerror", lambda error: seat.troubles.append(str(error)))
        try:
            seat.sign_in()
            yield seat
        finally:
            context.close()
            changes.stops = True
    assert seat.troubles == []


def test_the_first_page_is_renewed_when_something_changes(seat: Seat, changes: MemoryChanges) -> None:
    found = seat.hub.histories["a1"]
    seat.hub.histories["a1"] = replace(
        found, alert=replace(found.alert, handled=Handled.ACKNOWLEDGED, acknowledged_by="Sam Reed", acknowledged_at=0.0)
    )
    changes.add(What.ALERT_ACKNOWLEDGED, found.alert.home, "a1", found.alert.kind.value, "urgent")
    expect(seat.page.get_by_text("Acknowledged by Sam Reed")).to_be_visible(timeout=15_000)


def test_an_alerts_page_says_that_it_changed_and_keeps_what_was_typed(seat: Seat, changes: MemoryChanges) -> None:
    page, alert = seat.page, seat.hub.histories["a1"].alert
    page.goto(f"{seat.url}/alerts/a1")
    page.get_by_label("Note (optional)").fill("I have rung her daughter")
    changes.add(What.ALERT_TOLD, alert.home, "a1-of-another", alert.kind.value, "urgent")
    changes.add(What.ALERT_ACKNOWLEDGED, alert.home, "a1", alert.kind.value, "urgent")
    expect(page.locator("#changed")).to_have_text("Something changed here since this page was shown. Show it")
    expect(page.get_by_label("Note (optional)")).to_have_value("I have rung her daughter")
    assert Axe().run(page).response["violations"] == []
    page.locator("#changed").get_by_role("link").click()
    expect(page.locator("#changed")).to_be_hidden()


@pytest.mark.parametrize("of", ["alerts/a1", "homes/elm-14"])
def test_silence_does_not_look_like_calm(seat: Seat, changes: MemoryChanges, of: str) -> None:
    page = seat.page
    page.clock.install()
    page.goto(f"{seat.url}/{of}")
    expect(page.locator("#unheard")).to_be_hidden()
    page.context.set_offline(True)
    # What is open already is not cut by that: the hub ends it.
    changes.stops = True
    page.clock.run_for(QUIET)
    expect(page.locator("#unheard")).to_contain_text("This page cannot reach the hub since")
    assert Axe().run(page).response["violations"] == []
    changes.stops = False
    page.context.set_offline(False)
    page.clock.run_for(QUIET)
    expect(page.locator("#unheard")).to_be_hidden()


def test_a_hub_that_does_not_watch_is_no_calm_either(seat: Seat, changes: MemoryChanges) -> None:
    page = seat.page
    changes.is_well = False
    page.goto(f"{seat.url}/alerts/a1")
    expect(page.locator("#unheard")).to_contain_text("The hub has not watched since")
