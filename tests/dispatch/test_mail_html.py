"""What a mail looks like, in a real browser: for everybody, in light and dark, on a telephone."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from markupsafe import escape
from playwright.sync_api import Page, sync_playwright

from sensor_hub.alerts.notice import Notice
from sensor_hub.desk.alert_pictures import AlertPictures
from sensor_hub.dispatch.letter import read_letter
from sensor_hub.dispatch.mail_html import html_of
from sensor_hub.model.kind import Urgency
from tests.dispatch.notices import GOLDEN, every_notice
from tests.dispatch.test_letter import SEVERAL, letter_of
from tests.web.builders import NOW, make_hub

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
RULES = {
    "color-contrast-enhanced": {"enabled": True},
    # A mail is shown within the page of a mail program, which has these.
    "landmark-one-main": {"enabled": False},
    "region": {"enabled": False},
}
SHOWN = ("inactivity-full", "turn-escalated-minimal", "simulated-full")


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    flags = ["--no-sandbox", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser.new_page(viewport={"width": 375, "height": 800})
        browser.close()


def with_chart(notice: Notice) -> str:
    """As a mail program shows it: the picture stands in the mail."""
    picture = AlertPictures(make_hub(), lambda: NOW).draw(Notice("r", "a1", "team", Urgency.URGENT, "", ""))
    assert picture is not None
    page = html_of(read_letter(notice), picture="chart", words=picture.words)
    return page.replace("cid:chart", f"data:image/png;base64,{base64.b64encode(picture.png).decode()}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_light_and_dark_and_nothing_is_wider_than_a_telephone(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    notices = {**dict(every_notice()), "several": letter_of(SEVERAL)}
    for name in (*SHOWN, "several"):
        page.set_content(with_chart(notices[name]))
        found = Axe().run(page, options={"rules": RULES})
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert page.get_by_role("heading", level=1).count() == 1
    assert [url for url in fetched if not url.startswith("data:")] == []


@pytest.mark.parametrize("name", ["inactivity-full", "cold-minimal"])
def test_the_page(name: str) -> None:
    text = html_of(read_letter(dict(every_notice())[name]))
    path = GOLDEN / "email" / f"{name}.html"
    if os.environ.get("SENSOR_HUB_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_notice_says_the_same_as_its_text() -> None:
    for name, notice in every_notice():
        letter, page = read_letter(notice), html_of(read_letter(notice))
        assert page.count("<h1>") == 1, name
        assert letter.link is None or f'<a class="button" href="{letter.link}">Take it</a>' in page
        for line in letter.text.splitlines():
            label, _, value = str(escape(line)).partition(": ")
            assert str(escape(line)) in page or f"<strong>{label}:</strong> {value}" in page, name
