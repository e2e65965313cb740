"""The pages in a real browser: signing in, acting, drawings, and nothing that goes wrong unseen.

Needs Debian's `chromium` (or the one that CHROMIUM names).
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sensor_hub.model.card import Relative, ResponseCard, Risk
from sensor_hub.model.moment import HOUR
from sensor_hub.web.event_ports import HubChanges
from sensor_hub.web.gateway_ports import SettingsRow
from sensor_hub.web.gateway_said import ToldAlone
from sensor_hub.web.people_ports import CardRow
from sensor_hub.web.ports import DecisionRow, Handled
from tests.web.builders import NOW, PASSWORD, MemoryHub, make_hub, make_site
from tests.web.contacts import Contacts
from tests.web.memory_gateways import MemoryGateways
from tests.web.memory_people import MemoryPeople

expect.set_options(timeout=30_000)
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SIZES = {"phone": (375, 800), "desktop": (1280, 900)}


@dataclass
class Seat:
    """A hub that is served, and a page of a browser that looks at it."""

    hub: MemoryHub
    url: str
    page: Page
    people: MemoryPeople
    troubles: list[str] = field(default_factory=list)

    def sign_in(self, name: str = "Jo Carter") -> None:
        self.page.goto(self.url)
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_label("Password of the duty team").fill(PASSWORD)
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", name="Alerts now")).to_be_visible()


ROOMS = {"rooms": {"0x00158d0001a20001": {"room": "living", "at": "2026-01-05T09:40:00Z"}}, "scope": ["motion"] * 9}


@contextmanager
def served(hub: MemoryHub, people: MemoryPeople, changes: HubChanges | None = None) -> Iterator[str]:
    """The site on a free port of the loopback."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        # Else a browser that is faster than the server's thread is refused.
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        sent = SettingsRow(4, {"commit_every": 5}, ROOMS, 3, {"alone": "no way out"})
        gateways = MemoryGateways(sent={"elm-14": sent})
        gateways.make_code("elm-14")
        site = make_site(hub, url=url, contacts=Contacts(), people=people, changes=changes, gateways=gateways)
        server = uvicorn.Server(uvicorn.Config(site, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if shutil.which(CHROMIUM) is None:
        pytest.fail(f"no browser at {CHROMIUM}: install Debian's chromium, or name one in CHROMIUM", pytrace=False)
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@contextmanager
def seated(browser: Browser, size: str) -> Iterator[Seat]:
    hub, (width, height) = make_hub(), SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    people = MemoryPeople()
    with served(hub, people) as url:
        seat = Seat(hub, url, context.new_page(), people)
        seat.page.on("console", lambda said: seat.troubles.append(said.text) if said.type == "error" else None)
        seat.page.on("pageerror", lambda error: seat.troubles.append(str(error)))
        seat.page.on("response", lambda got: seat.troubles.append(got.url) if got.status >= 400 else None)
        try:
            yield seat
        finally:
            context.close()


@pytest.fixture(params=list(SIZES))
def seat(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Seat]:
    with seated(browser, request.param) as seat:
        yield seat


@pytest.fixture
def desk(browser: Browser) -> Iterator[Seat]:
    with seated(browser, "desktop") as seat:
        yield seat


def test_an_officer_takes_an_alert_and_closes_it(seat: Seat) -> None:
    page = seat.page
    seat.sign_in()
    page.locator("#alert-a1").get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("You have taken this alert.")).to_be_visible()
    expect(page.get_by_text("Acknowledged by Jo Carter")).to_be_visible()
    assert seat.hub.histories["a1"].alert.handled is Handled.ACKNOWLEDGED

    page.locator("#alert-a1").get_by_role("link", name="say what it was").click()
    page.get_by_role("button", name="Close the alert").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_label("False alarm").check()
    page.get_by_label("Note (optional)").fill("Asleep in the chair")
    page.get_by_role("button", name="Close the alert").click()
    expect(page.get_by_text("The alert is closed.")).to_be_visible()
    assert seat.hub.histories["a1"].alert.closed_by == "Jo Carter"
    assert [trouble for trouble in seat.troubles if "422" not in trouble and "/close" not in trouble] == []


FULL_CARD = ResponseCard(
    telephone="01632 960001",
    key_safe_code="4711#",
    key_safe_place="left of the back door, behind the drain pipe, under the second brick from the corner",
    relatives=tuple(
        Relative(f"Ruth Okafor {row}", "01632 960002", "daughter", "has a key, not at night") for row in range(6)
    ),
    risks=frozenset(Risk),
    risk_words="The terrier bites. " * 8 + "Truly.",
    gp_name="Dr Quillfeather, Elm Row Surgery",
    language="Polish; her daughter interprets",
    hearing="Deaf in the left ear: ring twice",
    notes="She may not answer at once. " * 24 + "Wait.",
)


def test_the_card_is_read_on_a_telephone_printed_on_a_page_and_changed(seat: Seat) -> None:
    page = seat.page
    seat.people.cards["elm-14"] = CardRow(FULL_CARD, 1)
    seat.sign_in()
    page.goto(f"{seat.url}/alerts/a1")
    page.get_by_role("button", name="Show response card").click()
    expect(page.get_by_role("heading", name="Whom to call, in this order")).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4", prefer_css_page_size=True))) == 1
    for button in ("Change it", "Save the card"):
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.get_by_role("button", name=button).click()
    expect(page.get_by_text("The response card is kept as you wrote it.")).to_be_visible()
    assert seat.people.cards["elm-14"] == CardRow(FULL_CARD, 2)
    assert seat.troubles == []


def test_an_officer_places_a_device_and_is_told_what_is_missing(seat: Seat) -> None:
    page, row = seat.page, seat.hub.rows["elm-14"]
    assert row.gateway is not None
    told = ToldAlone("Smoke in the kitchen", NOW - HOUR)
    gateway = replace(row.gateway, cloned_at=NOW - HOUR, refused={"scope": "no list"}, told_alone=[told])
    seat.hub.rows["elm-14"] = replace(row, gateway=gateway)
    seat.sign_in()
    page.goto(seat.url + "/homes/elm-14")
    page.get_by_role("button", name="Place 0x00158d0001ff0009").click()
    page.get_by_role("link", name="Choose a room for 0x00158d0001ff0009").click()
    room = page.get_by_label("Room of 0x00158d0001ff0009")
    expect(room).to_be_focused()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    room.select_option("Study")
    page.get_by_role("button", name="Place 0x00158d0001ff0009").click()
    expect(page.get_by_text("The device is placed, and watched there from now on.")).to_be_visible()
    expect(page.locator(".device__name", has_text="Study movement")).to_be_visible()
    assert [trouble for trouble in seat.troubles if "422" not in trouble and "/place" not in trouble] == []


def test_a_contact_sees_who_is_on_call_and_makes_an_address_of_their_calendar(seat: Seat) -> None:
    page = seat.page
    seat.sign_in()
    expect(page.locator("#on-call")).to_have_text("On call now: care jo until 20:00 today, then nights.")
    page.locator("#on-call").get_by_role("link", name="care").click()
    expect(page.get_by_role("heading", name="Your shifts in the next four weeks")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="Make a new address").click()
    expect(page.locator("#address")).to_contain_text(".ics")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seat.troubles == []


def test_an_officer_tells_of_an_absence_and_that_it_is_over(seat: Seat) -> None:
    page, stays = seat.page, seat.hub.rows["elm-14"].stays
    seat.sign_in()
    page.goto(seat.url + "/homes/elm-14")
    page.get_by_text("Tell of an absence").first.click()
    page.get_by_label("From").first.fill("2026-01-04T18:00")
    page.get_by_label("Until").first.fill("2026-01-03T18:00")
    page.get_by_role("button", name="Tell of an absence").click()
    page.get_by_role("link", name="The end must be after the beginning").click()
    expect(page.locator("#absence-end")).to_be_focused()
    expect(page.locator("#absence-start")).to_have_value("2026-01-04T18:00")
    assert Axe().run(page).violations_count == 0
    page.locator("#absence-end").fill("")
    page.get_by_role("button", name="Tell of an absence").click()
    expect(page.get_by_text("Away since 18:00 yesterday until somebody says otherwise").first).to_be_visible()
    expect(page.get_by_text("told by Jo Carter, 09:40 today")).to_be_visible()

    page.get_by_text("It holds on, or ends otherwise").click()
    page.locator(".stay").get_by_label("Until").fill("2026-01-09T11:00")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    page.get_by_role("button", name="Say so").click()
    expect(page.locator(".stay__what")).to_have_text("Away since 18:00 yesterday until 11:00 on Fri 9 Jan")
    page.get_by_role("button", name="Back home now").click()
    expect(page.get_by_text("It is over, or withdrawn: the home is watched as usual.")).to_be_visible()
    assert [told.end for told in stays.absences.values()] == [NOW]
    assert [trouble for trouble in seat.troubles if "422" not in trouble and "/stays" not in trouble] == []


def test_the_last_seven_days_are_told(seat: Seat) -> None:
    page = seat.page
    seat.sign_in()
    page.get_by_role("link", name="The last seven days").click()
    expect(page.get_by_role("heading", name="What waited for the review")).to_be_visible()
    expect(page.get_by_text("nothing for 6 h")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seat.troubles == []


def test_the_charts_are_drawn(seat: Seat) -> None:
    seat.sign_in()
    for path in ("/homes/elm-14", "/homes/elm-14?days=7", "/alerts/a1"):
        seat.page.goto(seat.url + path)
        drawings = seat.page.locator(".chart canvas")
        expect(drawings).to_have_count(3)
        for number in range(3):
            box = drawings.nth(number).bounding_box()
            assert box is not None
            assert box["width"] > 250
            assert box["height"] > 100
        colours = seat.page.evaluate(COUNT_COLOURS)
        assert min(colours) > 3, f"{path} has an empty drawing"
    assert seat.troubles == []


COUNT_COLOURS = """[...document.querySelectorAll(".chart canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
})"""


def test_nothing_is_wider_than_the_screen_and_axe_finds_nothing(seat: Seat) -> None:
    seat.page.goto(seat.url)
    assert not Axe().run(seat.page).violations_count
    seat.sign_in()
    seat.hub.take_away("elm-14", "0x00158d0001a20005", by="Jo")
    gateways = ("/gateways", "/gateways/elm-14")
    homes = ("/homes", "/homes/elm-14", "/homes/birch-7?days=3", "/homes/elm-14/consent")
    for path in ("/", "/alerts/a1", "/alerts/e5", *homes, "/contacts", "/erasures", "/erasures/c1", *gateways):
        seat.page.goto(seat.url + path, wait_until="networkidle")
        seat.page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        wide = seat.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
        found = Axe().run(seat.page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    assert seat.troubles == []


def test_the_first_page_renews_itself_and_keeps_the_place(desk: Seat) -> None:
    desk.page.clock.install()
    desk.sign_in()
    desk.page.locator("#take-c3").focus()
    desk.hub.acknowledge("a1", by="Sam")
    desk.page.clock.fast_forward(31_000)
    expect(desk.page.get_by_text("Acknowledged by Sam, 09:40 today")).to_be_visible()
    expect(desk.page.locator("#take-c3")).to_be_focused()
    assert desk.troubles == []


def test_every_link_of_the_head_stands_in_one_line(desk: Seat) -> None:
    desk.sign_in("A name of the longest")
    tops = desk.page.locator(".hub-header__row a").evaluate_all(
        "all => all.map((one) => Math.round(one.getBoundingClientRect().top))"
    )
    assert len(tops) >= 10
    assert max(tops) - min(tops) < 10


def test_a_page_that_cannot_be_renewed_says_so_and_recovers(desk: Seat) -> None:
    desk.page.clock.install()
    desk.sign_in()
    desk.page.route("**/", lambda route: route.abort())
    desk.page.clock.fast_forward(31_000)
    expect(desk.page.locator("#stale")).to_contain_text("could not be renewed since")
    expect(desk.page).to_have_title(re.compile("Not renewed"))
    desk.page.unroute("**/")
    desk.page.clock.fast_forward(31_000)
    expect(desk.page.locator("#stale")).to_be_hidden()


def test_it_can_be_worked_with_the_keyboard_alone(desk: Seat) -> None:
    desk.sign_in()
    desk.page.keyboard.press("Tab")
    expect(desk.page.get_by_role("link", name="Skip to main content")).to_be_focused()
    desk.page.keyboard.press("Enter")
    for _ in range(20):
        desk.page.keyboard.press("Tab")
        if desk.page.evaluate("document.activeElement.id") == "take-a1":
            break
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_text("You have taken this alert.")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_alerts_are_silenced_and_the_history_says_what_kept_one_back(browser: Browser, size: str) -> None:
    with seated(browser, size) as seat:
        seat.sign_in()
        told = seat.hub.histories["a1"]
        kept = (
            DecisionRow(NOW - 1200, "s1", "somebody asked for silence (Ann: the boiler is being renewed)", "silenced"),
            DecisionRow(NOW - 600, "office", "not urgent, and all who would be told have quiet hours (office)", "held"),
            DecisionRow(NOW - 300, "a2", "a wider alert covers it (a2)", "covered"),
        )
        seat.hub.histories["a1"] = replace(told, decisions=[*told.decisions, *kept])
        seat.page.goto(f"{seat.url}/alerts/a1")
        expect(seat.page.get_by_role("link", name="Covered by a wider alert")).to_be_visible()
        assert Axe().run(seat.page).violations_count == 0
        seat.page.get_by_role("link", name="Silence such alerts of this home for a time").click()
        expect(seat.page.get_by_label("No movement")).to_be_checked()
        assert Axe().run(seat.page).violations_count == 0
        seat.page.get_by_role("button", name="Silence, as Jo Carter").click()
        expect(seat.page.get_by_role("alert").get_by_text("Say why")).to_be_visible()
        seat.page.get_by_label("Why").fill("the boiler is being renewed")
        seat.page.get_by_role("button", name="Silence, as Jo Carter").click()
        expect(seat.page.get_by_text("Nobody is told of these alerts from now on")).to_be_visible()
        assert Axe().run(seat.page).violations_count == 0
        width = seat.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width == 0
        seat.page.get_by_role("button", name="End now").click()
        expect(seat.page.get_by_text("The silence is over")).to_be_visible()
