"""Contacts by the API, as on their page."""

from __future__ import annotations

from tests.web.builders import make_hub
from tests.web.roles import House


def test_contacts_are_listed_tested_and_confirmed() -> None:
    house = House(make_hub())
    items = house.get("duty_officer", "/api/v1/contacts").json()["items"]
    assert [each["id"] for each in items] == ["ann", "bea"]
    assert items[1]["channels"][0]["verified_by"] == "Jo"
    sent = house.post("duty_officer", "/api/v1/contacts/ann/test", {"channel": 1})
    assert (sent.status_code, sent.json()) == (202, {"reference": "r9"})
    assert house.post("duty_officer", "/api/v1/contacts/ann/test", {"channel": 3}).status_code == 404
    assert house.post("duty_officer", "/api/v1/contacts/ann/code", {"channel": 1}).status_code == 202
    assert house.post("duty_officer", "/api/v1/contacts/ann/confirm", {"code": "1"}).status_code == 422
    assert house.post("duty_officer", "/api/v1/contacts/ann/confirm", {"code": "123456"}).json()["id"] == "ann"
    assert house.post("duty_officer", "/api/v1/contacts/zz/confirm", {"code": "123456"}).status_code == 404
