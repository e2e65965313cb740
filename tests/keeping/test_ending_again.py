"""Who was put out since the backup stays out after it is restored, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.access.action import Action
from sensor_hub.access.principal import first_start
from sensor_hub.access.role import Role
from sensor_hub.keeping import ending_again
from sensor_hub.keeping.backup import JOINED, back_up
from sensor_hub.keeping.ending_again import ENDED, EndedList, end_again
from sensor_hub.keeping.restore import restore
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.storage.database import DATABASE, Database
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.stores import SqlStores
from sensor_hub.storage.vault import Vault
from sensor_hub.web.account_paths import PASSWORD_LINK
from sensor_hub.web.account_ports import NewToken, Place
from tests.accounts import AT, HERE, PASSWORD, Front, Memory
from tests.postgres import fresh_database

JO = first_start("Jo")
NEW = "gravel lantern otter"


class Hub:
    """The accounts of a hub whose data are put back to how they were at `back_up`."""

    def __init__(self, folder: Path, servers: list[str], held: ExitStack) -> None:
        self.folder, self.servers, self.held = folder, servers, held
        self.data = folder / "data"
        self.data.mkdir()
        self.vault = Vault(KeyFile(folder / "hub.key"), Memory())
        self.vault.start()
        self.database = self._database()
        self.front = self._open()
        SqlStores(self.database).log.append_readings("elm-14", AT, [Reading(AT, "m", Metric.MOTION, 1.0)])

    def _database(self) -> Database:
        database = Database(self.servers.pop(0) if self.servers else self.data / DATABASE)
        self.held.enter_context(closing(database))
        return database

    def _open(self) -> Front:
        self.database.open()
        return Front(AccessStores(self.database, self.vault, EndedList(self.data / ENDED, self.database)))

    @property
    def server(self) -> Database | None:
        return None if self.database.is_sqlite else self.database

    def back_up(self) -> Path:
        return back_up(self.data, self.folder / "backups", AT, server=self.server)

    def restore(self, made: Path) -> int:
        """And starts again; how much had ended since."""
        self.database.close()
        is_file = self.database.is_sqlite
        if not is_file:
            self.database = self._database()
        restore(made, self.data, AT, replaces=True, server=self.server)
        if is_file:
            self.database = self._database()
        self.front = self._open()
        return self.start()

    def start(self) -> int:
        stores = AccessStores(self.database, self.vault)
        return end_again(stores, self.front.chronology, self.data / ENDED, AT)


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hub]:
    with ExitStack() as held:
        servers = [held.enter_context(fresh_database()) for _ in range(2)] if request.param == "postgresql" else []
        yield Hub(tmp_path, servers, held)


def test_tokens_accounts_and_sessions_that_ended_since_the_backup_do_not_stand_again(hub: Hub) -> None:
    front = hub.front
    front.add("root")
    sam, out = front.add("sam", Role.DUTY_OFFICER), front.add("out", Role.DUTY_OFFICER)
    scopes = frozenset({Action.SEE_HOMES})
    tokens = [front.tokens.add(sam.principal(), NewToken(name, scopes, 30)) for name in ("kept", "revoked")]
    (kept, kept_secret), (revoked, secret) = (each for each in tokens if isinstance(each, tuple))
    cookie = front.sign_in("sam")
    link = front.book.reset(JO, out.id, drops_second_step=False)
    assert link is not None
    key = link.link.partition(PASSWORD_LINK)[2]
    made = hub.back_up()

    front.tokens.revoke(sam.principal(), revoked.id)
    front.book.disable(JO, out.id, is_disabled=True)
    front.sign_ins.sign_out(cookie)
    assert hub.restore(made) == 3

    front = hub.front
    assert front.sign_ins.token(secret) is None
    assert front.sign_ins.token(kept_secret) is not None
    assert front.sign_ins.by_password("out", PASSWORD, HERE) is None
    assert front.sign_ins.seat(cookie) is None
    assert front.links.owner(key) is None
    assert front.sign_in("sam")
    again = [(about, detail) for _, about, detail in front.told() if ending_again.AGAIN in detail]
    assert {about for about, _ in again} == {revoked.id, "out"}
    assert hub.start() == 0
    assert kept.id in {token.id for token in front.stores.tokens.all() if token.revoked_at is None}


def test_a_role_homes_and_a_password_are_those_of_before_the_loss(hub: Hub) -> None:
    front = hub.front
    front.add("root")
    sam = front.add("sam", Role.ADMINISTRATOR)
    front.second_step(sam)
    ann = front.add("ann", Role.DUTY_OFFICER)
    made = hub.back_up()

    assert front.book.change(JO, sam.id, Place(Role.DUTY_OFFICER, None, frozenset({"elm-14"}))) == {}
    assert front.own.change_password(ann.id, PASSWORD, NEW, but="") == {}
    front.own.drop_second_step(sam.id, PASSWORD)
    hub.restore(made)

    stands, changed = hub.front.stores.accounts.by_id(sam.id), hub.front.stores.accounts.by_id(ann.id)
    assert stands is not None
    assert (stands.role, stands.homes, stands.has_second_step) == (Role.DUTY_OFFICER, frozenset({"elm-14"}), False)
    assert changed is not None
    assert not changed.has_password
    assert hub.front.sign_ins.by_password("ann", PASSWORD, HERE) is None
    assert "elm-14" not in (hub.data / ENDED).read_text(), "the list knows homes by their marks alone"


def test_a_recovery_code_stays_used(hub: Hub) -> None:
    sam = hub.front.add("sam")
    hub.front.second_step(sam)
    code = hub.front.codes[0]
    made = hub.back_up()
    cookie = hub.front.sign_in("sam")
    assert hub.front.sign_ins.by_code(cookie, code, HERE) is not None
    hub.restore(made)
    cookie = hub.front.sign_in("sam")
    assert hub.front.sign_ins.by_code(cookie, code, HERE) is None


def test_an_older_copy_that_no_restore_put_there_is_noticed_at_the_start(tmp_path: Path) -> None:
    with ExitStack() as held:
        hub = Hub(tmp_path, [], held)
        hub.front.add("out")
        cookie = hub.front.sign_in("out")
        hub.database.connection.exec_driver_sql(f"VACUUM INTO '{tmp_path / 'copy.db'}'")
        account = hub.front.stores.accounts.by_login("out")
        assert account is not None
        hub.front.stores.accounts.change(replace(account, disabled_at=AT))
        hub.database.close()
        for path in hub.data.glob(f"{DATABASE}*"):
            path.unlink()
        (tmp_path / "copy.db").rename(hub.data / DATABASE)
        hub.database = hub._database()
        hub.front = hub._open()
        assert hub.start() == 1
        account = hub.front.stores.accounts.by_login("out")
        assert account is not None
        assert account.is_disabled
        assert hub.front.sign_ins.seat(cookie) is None


def test_where_nothing_ended_since_a_start_ends_nothing(hub: Hub) -> None:
    hub.front.add("sam")
    hub.front.sign_ins.sign_out(hub.front.sign_in("sam"))
    cookie = hub.front.sign_in("sam")
    assert hub.start() == 0
    assert hub.front.sign_ins.seat(cookie) is not None


def test_what_cannot_be_written_down_does_not_end(hub: Hub) -> None:
    hub.front.add("sam")
    cookie = hub.front.sign_in("sam")
    (hub.data / ENDED).unlink()
    (hub.data / ENDED).mkdir()
    with pytest.raises(OSError, match="directory"):
        hub.front.sign_ins.sign_out(cookie)
    assert hub.front.sign_ins.seat(cookie) is not None


def test_a_line_that_was_half_written_is_no_part_of_the_next_and_a_long_list_is_shortened(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = hub.front.add("sam")
    for _ in range(9):
        hub.front.sign_ins.sign_out(hub.front.sign_in("sam"))
    with (hub.data / ENDED).open("a") as out:
        out.write('{"id": "half')
    hub.front.sign_ins.sign_out(hub.front.sign_in("sam"))
    monkeypatch.setattr(ending_again, "MOST_BYTES", 100)
    assert hub.start() == 0
    lines = [json.loads(line) for line in (hub.data / ENDED).read_text().splitlines()]
    assert [(line["what"], line["of"]) for line in lines] == [("password", sam.id), ("sessions", "")]
    assert hub.start() == 0


def test_gateways_that_joined_get_in_as_they_did_last(tmp_path: Path) -> None:
    with ExitStack() as held:
        hub = Hub(tmp_path, [], held)
        file: Callable[[], Path] = lambda: hub.data / JOINED  # noqa: E731
        file().parent.mkdir()
        file().write_text('{"local/elm-14": "a", "local/oak-2": "b"}')
        made = hub.back_up()
        file().write_text('{"local/elm-14": "a"}')
        hub.restore(made)
        assert file().read_text() == '{"local/elm-14": "a"}'
        file().unlink()
        hub.restore(made)
        assert "oak-2" in file().read_text(), "where the machine is lost the backup has all there is"
