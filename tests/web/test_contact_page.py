"""The page of contacts, and the one behind the link of a code."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from sensor_hub.web.doors import Doors
from sensor_hub.web.site import build_site
from tests.web.builders import HASH, NOW, make_hub
from tests.web.contacts import Contacts
from tests.web.visitor import Visitor


@pytest.fixture
def contacts() -> Contacts:
    return Contacts()


@pytest.fixture
def site(contacts: Contacts) -> FastAPI:
    hub = make_hub()
    return build_site(
        hub,
        hub,
        password_hash=HASH,
        secret="s",
        url="http://hub.test",
        simulated=False,
        now=lambda: NOW,
        doors=Doors(contacts=contacts),
    )


@pytest.fixture
def jo(site: FastAPI) -> Visitor:
    visitor = Visitor(site)
    visitor.sign_in("Jo")
    return visitor


def test_it_says_of_each_channel_what_is_known(jo: Visitor) -> None:
    page = jo.get("/contacts").text
    assert "Ann Lee" in page
    assert "447700900009</strong> “&lt;hello&gt;”" in page
    assert "Last test: Notice to ann by channel 1 (mailto): taken by the service" in page
    assert "Since Mon 5 Jan 2026, 09:40 UTC: no such number" in page
    assert "Confirmed by Jo, Mon 5 Jan 2026, 09:40 UTC" in page


def test_its_buttons_send_a_test_or_a_code(jo: Visitor, contacts: Contacts) -> None:
    assert jo.send("/contacts/ann/test", channel="2").headers["location"] == "/contacts?told=tested"
    assert "A test is on its way" in jo.get("/contacts?told=tested").text
    assert jo.send("/contacts/ann/code", channel="1").status_code == 303
    assert contacts.asked == [("test", "ann", 2, "Jo"), ("code", "ann", 1)]
    assert jo.send("/contacts/ann/test", channel="7").status_code == 404


def test_a_wrong_code_says_so(jo: Visitor, contacts: Contacts) -> None:
    answer = jo.send("/contacts/ann/confirm", code="111111")
    assert answer.status_code == 422
    assert "This is not the code that was sent last" in answer.text
    assert jo.send("/contacts/ann/confirm", code="123456").headers["location"] == "/contacts?told=confirmed"
    assert contacts.asked[-1] == ("confirm", "ann", "123456", "Jo")


def test_without_the_password_only_the_link_of_a_code_is_of_use(site: FastAPI, contacts: Contacts) -> None:
    visitor = Visitor(site)
    assert visitor.get("/contacts").headers["location"].startswith("/login")
    assert visitor.ask("POST", "/contacts/ann/test", form={"channel": "1"}).status_code == 303
    assert visitor.get("/confirm/bad").status_code == 404
    page = visitor.get("/confirm/good").text
    assert "A notice was sent to ann by channel 1 (mailto)." in page
    assert contacts.asked == [], "a mail scanner that follows the link confirms nothing"
    done = visitor.ask("POST", "/confirm/good", headers={"Origin": "http://hub.test"})
    assert "It is known now that notices reach ann" in done.text
    assert contacts.asked == [("link", "ann")]
