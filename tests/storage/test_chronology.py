from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import SQLAlchemyError

from sensor_hub.access.chain import Anchor, Fault, Finding, examine
from sensor_hub.access.chronology import Act, entry_of
from sensor_hub.model.moment import DAY
from sensor_hub.storage.chronology import ChronologyBook, Mark, Wanted
from sensor_hub.storage.database import Database
from tests.access.entries import T, entry
from tests.postgres import fresh_database

COLUMNS = ("tenant", "number", "at_ms", "who", "role", "act", "home", "about", "detail", "salt", "hash")
TRIGGERS = ("chronology_is_appended", "chronology_is_not_changed", "chronology_is_kept")


@pytest.fixture(params=["sqlite", "postgresql"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChronologyBook]:
    if request.param == "sqlite":
        with closing(opened(tmp_path / "hub.db")) as database:
            yield ChronologyBook(database)
        return
    with fresh_database() as address, closing(opened(address)) as database:
        yield ChronologyBook(database)


def opened(where: Path | str) -> Database:
    database = Database(where)
    database.open()
    return database


def fill(book: ChronologyBook, count: int, tenant: str = "ours", since: int = 1) -> None:
    for number in range(since, since + count):
        book.write(replace(entry(number), tenant=tenant))


def anchors(book: ChronologyBook) -> list[Anchor]:
    return [Anchor(T, tenant, number, hash_) for tenant, (number, hash_) in book.heads().items()]


def findings(book: ChronologyBook, known: list[Anchor]) -> dict[str, Finding]:
    return {name: each.finding for name, each in book.examine(known).items() if each.finding is not None}


def test_entries_are_kept_in_one_chain_a_tenant(book: ChronologyBook) -> None:
    fill(book, 3)
    fill(book, 2, tenant="")
    assert book.tenants() == ["", "ours"]
    assert [row.number for row in book.rows("ours")] == [1, 2, 3]
    assert [entry_of(row) for row in book.rows("ours", after=1)] == [entry(2), entry(3)]
    assert book.head("nobody") == (0, bytes(32))
    seen = book.examine(anchors(book))
    assert {name: (each.last, each.finding, each.anchors_met) for name, each in seen.items()} == {
        "": (2, None, 1),
        "ours": (3, None, 1),
    }


def test_nobody_changes_what_is_there(book: ChronologyBook) -> None:
    fill(book, 3)
    statements = [
        "UPDATE chronology SET who = 'another' WHERE number = 2",
        "DELETE FROM chronology WHERE number = 3",
        "DELETE FROM chronology",
        "INSERT INTO chronology SELECT tenant, 2, at_ms, who, role, act, home, about, detail, salt, hash"
        " FROM chronology WHERE number = 3",
    ]
    if book.database.is_sqlite:
        statements.append(statements[-1].replace("INSERT", "INSERT OR REPLACE"))
    else:
        statements.append("TRUNCATE chronology")
    for statement in statements:
        with pytest.raises(SQLAlchemyError), book.database.transaction() as connection:
            connection.exec_driver_sql(statement)
    assert [entry_of(row) for row in book.rows("ours")] == [entry(1), entry(2), entry(3)]


def test_an_entry_is_part_of_what_it_tells_of(book: ChronologyBook) -> None:
    def fail() -> None:
        with book.database.transaction():
            book.write(entry(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert book.tenants() == []


def test_those_who_write_at_once_make_one_chain(book: ChronologyBook) -> None:
    threads = [threading.Thread(target=fill, args=(book, 10, "ours", 10 * number)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdict = book.examine()["ours"]
    assert (verdict.first, verdict.last, verdict.finding) == (1, 50, None)


def test_what_is_old_is_cut_and_the_rest_can_be_checked(book: ChronologyBook) -> None:
    for number in range(10):
        book.write(replace(entry(number), at=T + number * DAY))
    before = anchors(book)
    assert book.cut("ours", T + 1, T + 9 * DAY, 100) == 0
    assert book.cut("ours", T + 4 * DAY, T + 9 * DAY, 100) == 4
    verdict = book.examine(before)["ours"]
    assert (verdict.first, verdict.last, verdict.finding) == (5, 11, None)
    assert verdict.lost == ["entries up to 4 were cut by retention"]
    # A few at a time, and all: what says so stays.
    assert book.cut("ours", T + 99 * DAY, T + 10 * DAY, 2) == 2
    assert book.cut("ours", T + 99 * DAY, T + 10 * DAY, 100) == 6
    assert [(row.number, row.act) for row in book.rows("ours")] == [(13, Act.CUT)]
    assert findings(book, []) == {}
    fill(book, 1)
    assert book.examine(anchors(book))["ours"].finding is None


def test_pages_of_entries_newest_first(book: ChronologyBook) -> None:
    fill(book, 5)
    fill(book, 5, tenant="theirs")
    got: list[tuple[str, int]] = []
    mark: Mark | None = None
    while rows := book.newest(Wanted(), limit=3, before=mark):
        got += [(str(row.fields[1]), row.number) for row in rows]
        mark = Mark(int(str(rows[-1].fields[0])), str(rows[-1].fields[1]), rows[-1].number)
    assert got == [(tenant, number) for number in range(5, 0, -1) for tenant in ("theirs", "ours")]
    book.write(replace(entry(6, home="flat-2"), who="Bo", act=Act.CLOSED))
    for wanted in (Wanted(homes=["flat-2"]), Wanted(who="Bo"), Wanted(act=Act.CLOSED), Wanted(start=T + 6)):
        assert [row.number for row in book.newest(wanted, limit=9)] == [6]
    assert len(book.newest(Wanted(tenant="theirs", end=T + 3), limit=9)) == 2
    assert book.newest(Wanted(homes=[]), limit=9) == []


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[ChronologyBook, list[Anchor]]:
    """A chronology whose triggers somebody has taken away."""
    database = opened(tmp_path_factory.mktemp("written") / "hub.db")
    book = ChronologyBook(database)
    fill(book, 7)
    fill(book, 2, tenant="theirs")
    for trigger in TRIGGERS:
        database.raw.execute(f"DROP TRIGGER {trigger}")
    return book, anchors(book)


Tamper = Callable[[sqlite3.Connection], object]


def tampered(written: tuple[ChronologyBook, list[Anchor]], tamper: Tamper, *, anchored: bool = True) -> Finding | None:
    """What is found once somebody has done this to the table, which is undone then."""
    book, known = written
    connection = book.database.raw
    connection.execute("BEGIN")
    try:
        tamper(connection)
        found = {name: each for name, each in _examined(book, known if anchored else []).items() if each is not None}
        return found.get("ours") or next(iter(found.values()), None)
    finally:
        connection.execute("ROLLBACK")


def _examined(book: ChronologyBook, known: list[Anchor]) -> dict[str, Finding | None]:
    tenants = {*book.tenants(), *(anchor.tenant for anchor in known)}
    return {
        each: examine(lambda each=each: book.rows(each), [one for one in known if one.tenant == each]).finding  # type: ignore[misc]
        for each in tenants
    }


VALUES = st.one_of(
    st.text(st.characters(codec="utf-8")),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False),
    st.binary(max_size=40),
)


@settings(max_examples=300)
@given(st.integers(1, 7), st.sampled_from(COLUMNS), VALUES)
def test_any_one_change_is_found(
    written: tuple[ChronologyBook, list[Anchor]], number: int, column: str, value: object
) -> None:
    connection = written[0].database.raw
    old = connection.execute(f"SELECT {column} FROM chronology WHERE tenant = 'ours' AND number = ?", (number,))
    before = old.fetchone()[0]

    def change(connection: sqlite3.Connection) -> None:
        update = f"UPDATE OR IGNORE chronology SET {column} = ? WHERE tenant = 'ours' AND number = ?"
        connection.execute(update, (value, number))

    def is_same(connection: sqlite3.Connection) -> None:
        change(connection)
        query = f"SELECT {column} FROM chronology WHERE tenant = 'ours' ORDER BY number"
        now = [row[0] for row in connection.execute(query)]
        same.append(len(now) == 7 and type(now[number - 1]) is type(before) and now[number - 1] == before)

    same: list[bool] = []
    found = tampered(written, is_same)
    assert (found is None) == same[0]


@given(st.integers(1, 7))
def test_any_row_taken_out_is_found(written: tuple[ChronologyBook, list[Anchor]], number: int) -> None:
    found = tampered(written, lambda c: c.execute("DELETE FROM chronology WHERE tenant='ours' AND number=?", (number,)))
    assert found is not None
    fault = {1: Fault.BEGINNING_REMOVED, 7: Fault.END_REMOVED}.get(number, Fault.REMOVED)
    assert (found.number, found.fault) == (number, fault)


@given(st.integers(1, 7), st.integers(1, 7))
def test_any_two_rows_that_changed_places_are_found(
    written: tuple[ChronologyBook, list[Anchor]], one: int, other: int
) -> None:
    def swap(connection: sqlite3.Connection) -> None:
        for old, new in ((one, -1), (other, one), (-1, other)):
            update = "UPDATE chronology SET number = ? WHERE tenant = 'ours' AND number = ?"
            connection.execute(update, (new, old))

    found = tampered(written, swap, anchored=False)
    if one == other:
        assert found is None
    else:
        assert found is not None
        assert (found.number, found.fault) == (min(one, other), Fault.MOVED)


@given(st.integers(1, 8))
def test_any_row_put_in_is_found(written: tuple[ChronologyBook, list[Anchor]], number: int) -> None:
    def put_in(connection: sqlite3.Connection) -> None:
        for old in range(7, number - 1, -1):
            update = "UPDATE chronology SET number = ? WHERE tenant = 'ours' AND number = ?"
            connection.execute(update, (old + 1, old))
        row = ("ours", number, 1, "Eve", "r", "saw", "flat-1", "", "", bytes(16), bytes(32))
        connection.execute(f"INSERT INTO chronology VALUES ({', '.join('?' * len(row))})", row)

    found = tampered(written, put_in, anchored=False)
    assert found is not None
    assert found.number == number
    # The last one has none behind it that does not know it.
    assert found.fault is (Fault.INSERTED if number < 8 else Fault.CHANGED)


def test_a_row_given_to_another_tenant_is_found(written: tuple[ChronologyBook, list[Anchor]]) -> None:
    update = "UPDATE chronology SET tenant = 'theirs', number = 3 WHERE tenant = 'ours' AND number = 7"
    found = tampered(written, lambda connection: connection.execute(update), anchored=False)
    assert found is not None
    assert (found.number, found.fault) == (3, Fault.CHANGED)


def test_a_text_that_is_none_is_found(written: tuple[ChronologyBook, list[Anchor]]) -> None:
    update = "UPDATE chronology SET who = CAST(x'ff41' AS TEXT) WHERE tenant = 'ours' AND number = 4"
    found = tampered(written, lambda connection: connection.execute(update))
    assert found is not None
    assert (found.number, found.fault) == (4, Fault.CHANGED)
