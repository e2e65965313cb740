"""What people do where no worker stores it is in the chronology, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sensor_hub.__main__ import app
from sensor_hub.access.actor import OPERATOR, Actor, asked_by
from sensor_hub.access.chronology import Act, entry_of
from sensor_hub.desk.calendars import StoredCalendars
from sensor_hub.web.contact_page import Confirming
from tests.desk.test_contact_book import Office, office  # noqa: F401 - the fixture
from tests.storage.stores import open_fresh

ANNA = Actor("anna@ours", "care_manager", "ours")


def said(office: Office, tenant: str = "ours") -> list[tuple[str, str, str, str, str]]:  # noqa: F811
    rows = map(entry_of, office.stores.chronology.rows(tenant))
    return [(each.who, each.role, each.act, each.about, each.detail) for each in rows]


def test_tests_and_codes_of_contacts(office: Office) -> None:  # noqa: F811
    with asked_by(ANNA):
        office.book.test("ann", 1, by="Anna")
        office.deliver()
        code = office.code()
        assert office.book.confirm("ann", "000000" if code != "000000" else "111111", by="Anna") is None
        label = office.book.confirm("ann", code, by="Anna")
    who = ("anna@ours", "care_manager")
    assert said(office) == [
        (*who, Act.CONTACT_TESTED, "ann", f"a test by channel {label}"),
        (*who, Act.CONTACT_TESTED, "ann", f"a code by channel {label}"),
        (*who, Act.CONTACT_CONFIRMED, "ann", f"channel {label}"),
    ]
    office.code()
    link = office.book.find_link(office.link())
    assert isinstance(link, Confirming)
    office.book.confirm_link(link)
    assert said(office, "")[-1] == ("ann (by link)", "contact", Act.CONTACT_CONFIRMED, "ann", f"channel {label}")


def test_a_calendars_new_address(office: Office) -> None:  # noqa: F811
    keys = office.stores.calendar_keys
    with asked_by(ANNA):
        calendars = StoredCalendars(keys, ["ann"], url="http://hub", wall=lambda: 1.0)
        address = calendars.renew("ann")
        assert [calendars.revoke("ann"), calendars.revoke("ann")] == [True, False]
    assert said(office) == [
        ("anna@ours", "care_manager", Act.CALENDAR_RENEWED, "ann", ""),
        ("anna@ours", "care_manager", Act.CALENDAR_REVOKED, "ann", ""),
    ]
    assert address.split("/")[-1].removesuffix(".ics") not in str(said(office))


def test_commands_beside_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "kim")
    (tmp_path / "hub.toml").write_text('data = "data"\n')
    (tmp_path / "homes").mkdir()
    (tmp_path / "homes" / "h1.toml").write_text('id = "h1"\ntimezone = "Europe/London"\nresidents = 1\n')
    open_fresh(tmp_path / "data").database.close()
    config = ("--config", str(tmp_path / "hub.toml"))
    commands = (
        ("void-links",),
        ("ledger", "export", "--from", "2026-01-05T00:00:00Z"),
        ("gateway", "add", "h1"),
        ("gateway", "remove", "h1"),
        ("backup", str(tmp_path / "backups")),
    )
    for command in commands:
        done = CliRunner().invoke(app, [*command, *config])
        assert done.exit_code == 0, (command, done.output, done.exception)
    stores = open_fresh(tmp_path / "data")
    entries = [entry_of(row) for row in stores.chronology.rows("")]
    stores.database.close()
    assert {(each.who, each.role) for each in entries} == {("kim", OPERATOR)}
    assert [(each.act, each.home, each.about, each.detail) for each in entries] == [
        (Act.LINKS_VOIDED, "", "", ""),
        (Act.EXPORTED, "", "ledger", "from 2026-01-05T00:00:00Z until now"),
        (Act.GATEWAY_CODE_MADE, "h1", "", ""),
        (Act.GATEWAY_REMOVED, "h1", "", ""),
        (Act.BACKED_UP, "", "backups", ""),
    ]
