"""The pages about accounts in a real browser: each reads well for everybody, and nothing goes wrong unseen."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from sensor_hub.access.role import Role
from sensor_hub.desk.signing_in import SignInRules
from sensor_hub.web.provider import Provider
from tests.accounts import PASSWORD, Front, open_front
from tests.web.builders import make_hub, make_site
from tests.web.test_browser import SIZES, browser  # noqa: F401 - a fixture

WRONG = "There is a problem"
NEW = "cardigan pony radish"
RULES = SignInRules(second_step=frozenset({Role.CARE_MANAGER}))


@contextmanager
def served(front: Front) -> Iterator[str]:
    """The site on a free port of the loopback."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        front.links.url = url
        provider = Provider("http://127.0.0.1:9", "hub", label="your council account")
        site = make_site(make_hub(), url=url, accounts=front.doors(provider))
        server = uvicorn.Server(uvicorn.Config(site, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join(10)


def sign_in(page: Page, login: str, password: str) -> None:
    page.get_by_label("Name you sign in with").fill(login)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def invite(page: Page, url: str) -> Iterator[str]:
    """An administrator makes an account for Sam, who sets a password and the second step that the role needs."""
    page.goto(url)
    yield "Sign in"
    sign_in(page, "jo", "a wrong password")
    yield WRONG
    sign_in(page, "jo", PASSWORD)
    yield "Accounts"
    page.get_by_label("Name", exact=True).fill("Sam Reed")
    page.get_by_label("Name to sign in with").fill("sam")
    page.get_by_label("Role").select_option("family")
    page.get_by_role("button", name="Make it").click()
    yield WRONG
    page.get_by_label("Role").select_option("care_manager")
    page.get_by_label("Tenant").fill("local")
    page.get_by_role("button", name="Make it").click()
    yield "A link for Sam Reed"
    link = page.locator("code.key").inner_text()
    page.get_by_role("link", name="All accounts").click()
    page.get_by_role("link", name="Sam Reed").click()
    yield "Sam Reed"
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(link)
    page.get_by_label("New password").fill("short")
    page.get_by_label("The same again").fill("short")
    page.get_by_role("button", name="Set this password").click()
    yield WRONG
    page.get_by_label("New password").fill(NEW)
    page.get_by_label("The same again").fill(NEW)
    page.get_by_role("button", name="Set this password").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def set_up(page: Page, front: Front) -> Iterator[str]:
    """Sam comes in for the first time, and then with a code."""
    sign_in(page, "sam", NEW)
    yield "Set up a second step"
    totp = pyotp.TOTP(page.locator("input[name=secret]").input_value())
    page.get_by_label("Code", exact=True).fill(totp.at(int(front.at)))
    page.get_by_role("button", name="Set it up").click()
    yield "Keep these recovery codes"
    page.get_by_role("button", name="I have kept them").click()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "sam", NEW)
    yield "Enter your code"
    front.at += 30
    page.get_by_label("Code", exact=True).fill(totp.at(int(front.at)))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Alerts now")).to_be_visible()


def own(page: Page, url: str, front: Front) -> Iterator[str]:
    """Sam's own account, and a token."""
    page.goto(f"{url}/account")
    page.get_by_text("Take it away, as for").click()
    yield "Sam Reed"
    page.get_by_role("link", name="Tokens for programs").click()
    page.get_by_role("button", name="Make it").click()
    yield WRONG
    page.get_by_label("What it is for").fill("Rota import")
    page.get_by_label("rotas:see").check()
    page.get_by_label("See alerts about equipment").check()
    page.get_by_role("button", name="Make it").click()
    yield "A token for Rota import"
    page.get_by_role("link", name="All tokens").click()
    yield "Tokens for programs"
    page.get_by_role("button", name="Revoke Rota import").click()
    expect(page.get_by_text("The token lets nobody in any more.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="I do not know my password").click()
    yield "A new password"
    page.get_by_label("Name you sign in with").fill("jo")
    page.get_by_role("button", name="Send a link").click()
    yield "Look into your letter box"
    page.goto(f"{url}/login/provider")
    yield "You are not let in"


def walk(page: Page, url: str, front: Front) -> Iterator[str]:
    """Through all pages; a heading of each that comes."""
    yield from invite(page, url)
    yield from set_up(page, front)
    yield from own(page, url, front)


@pytest.mark.parametrize("size", list(SIZES))
def test_accounts_from_the_invitation_to_the_token(browser: Browser, tmp_path: Path, size: str) -> None:  # noqa: F811
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    troubles: list[str] = []
    with open_front(tmp_path, RULES) as front, served(front) as url:
        front.add("jo")
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if "Content Security" in said.text else None)
        for name in walk(page, url, front):
            expect(page.get_by_role("heading", name=name)).to_be_visible()
            if size == "desktop":
                found = Axe().run(page)
                assert found.violations_count == 0, f"{name}: {found.generate_report()}"
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{name} is {wide} pixels too wide"
        context.close()
    assert troubles == []
