"""The list, outside of the database, of what ended of sessions, tokens and accounts; and what it is for: where an older
copy takes the database's place, what had ended since ends again."""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import delete, select

from sensor_hub.access.account import Account
from sensor_hub.access.actor import HUB
from sensor_hub.access.chronology import Act, Chronicler, ChronologyEntry
from sensor_hub.access.role import Role
from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.storage.accounts import StoredAccounts
from sensor_hub.storage.database import Database
from sensor_hub.storage.ends import NOTHING, Ended
from sensor_hub.storage.erasures import mark_of
from sensor_hub.storage.hub_memory import SqlHubMemory
from sensor_hub.storage.tables.accounts import account_link, session
from sensor_hub.storage.tables.homes import home, join_code

log = logging.getLogger(__name__)

ENDED = "ended.jsonl"
"""In the data folder. It stays in its place where a backup is restored."""
MARK = "ended"
"""In the hub's memory: the id of the last line that the database knows of."""
MOST_BYTES = 256 * 1024
"""Of the list, before lines that say no more than a later one are left out."""
AGAIN = "again: an older copy of the database had brought it back"


class EndedList:
    """See `Ends`. Written by the hub and by commands beside it, each within the one transaction that writes."""

    def __init__(self, file: Path, database: Database) -> None:
        self.file = file
        self.memory = SqlHubMemory(database)

    def note(self, what: Ended, of: str = "", told: Mapping[str, object] = NOTHING) -> None:
        mark = secrets.token_hex(8)
        row = {"id": mark, "what": what.value, "of": of, **told}
        with self.memory.database.transaction():
            _add_line(self.file, json.dumps(row))
            self.memory.keep(MARK, mark)


def end_all_access(database: Database) -> None:
    """Everybody signs in again, and links and codes that wait for somebody are void: what of them was used or taken
    back since the copy was made is not known."""
    with database.transaction() as connection:
        connection.execute(delete(session))
        connection.execute(delete(account_link))
        connection.execute(delete(join_code).where(join_code.c.used_ms.is_(None)))
        # It signs the sessions of the hub's own password.
        SqlHubMemory(database).keep("web_secret", secrets.token_urlsafe(32))


def end_again(stores: AccessStores, chronology: Chronicler, file: Path, now: float) -> int:
    """Called before the hub lets anybody in. How many lines of the list the database did not know of.

    Where there are any it is an older copy: all sessions end, and each token and account stands as its last line says.
    """
    memory = SqlHubMemory(stores.database)
    with stores.database.transaction():
        rows = _listed(file)
        unknown = _behind(rows, memory.get(MARK))
        if not unknown:
            _shorten(file, rows)
            return 0
        end_all_access(stores.database)
        homes = _homes_by_mark(stores.database)
        for row in unknown:
            for done in _end(stores, homes, row, now):
                detail = f"{done.what} {AGAIN}"
                chronology.write(ChronologyEntry(now, done.tenant or "", "", HUB, done.act, "", done.about, detail))
        memory.keep(MARK, unknown[-1]["id"])
    log.warning("the database is an older copy: everybody signs in again, and what had ended since ends again")
    return len(unknown)


class _Done(NamedTuple):
    tenant: str | None
    act: Act
    about: str
    what: str


def _end(stores: AccessStores, homes: Mapping[str, str], row: Mapping[str, Any], now: float) -> Iterator[_Done]:
    accounts, of, what = stores.accounts, row["of"], row["what"]
    if what == Ended.TOKEN:
        token = stores.tokens.by_id(of)
        if token is not None and stores.tokens.revoke(of, now):
            yield _Done(token.tenant, Act.TOKEN_CHANGED, of, "revoked")
        return
    found = accounts.by_id(of)
    if found is None:
        return
    if what == Ended.ACCOUNT:
        yield from _stand(accounts, found, homes, row, now)
    elif what == Ended.PASSWORD and found.has_password:
        accounts.drop_password(of)
        yield _Done(found.tenant, Act.ACCOUNT_CHANGED, found.login, "earlier password taken away")
    elif what == Ended.SECOND_STEP and found.has_second_step:
        accounts.drop_second_step(of)
        yield _Done(found.tenant, Act.ACCOUNT_CHANGED, found.login, "second step taken away")
    elif what == Ended.RECOVERY_CODE:
        accounts.use_recovery_code(of, str(row.get("code", "")))


def _stand(
    accounts: StoredAccounts, found: Account, homes: Mapping[str, str], row: Mapping[str, Any], now: float
) -> Iterator[_Done]:
    marks = row["homes"]
    stands = replace(
        found,
        role=Role(row["role"]),
        tenant=row["tenant"],
        homes=None if marks is None else frozenset(homes[mark] for mark in marks if mark in homes),
        disabled_at=(found.disabled_at or now) if row["disabled"] else None,
    )
    if stands != found:
        accounts.change(stands)
        what = "disabled" if stands.is_disabled else f"enabled, {stands.role.value}"
        yield _Done(found.tenant, Act.ACCOUNT_CHANGED, found.login, what)


def _homes_by_mark(database: Database) -> dict[str, str]:
    return {mark_of(name): name for name in database.connection.execute(select(home.c.name)).scalars()}


def _behind(rows: Sequence[dict[str, Any]], mark: str | None) -> Sequence[dict[str, Any]]:
    """The lines behind the one with this id; all where it is none of them."""
    known = next((number for number, row in enumerate(rows) if row["id"] == mark), -1)
    return rows[known + 1 :]


def _add_line(file: Path, line: str) -> None:
    """On disk when it returns. The file is the hub's own user's, also where root gives a command beside the hub."""
    # A line that a power cut left half written ends here, and is no part of this one.
    begin = "\n" if file.exists() and file.read_bytes()[-1:] not in {b"", b"\n"} else ""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as out:
        if os.geteuid() == 0:
            owner = file.parent.stat()
            os.fchown(out.fileno(), owner.st_uid, owner.st_gid)
        out.write(f"{begin}{line}\n")
        out.flush()
        os.fsync(out.fileno())


def _listed(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    rows = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            # A line that a power cut left half written: nothing had ended by it.
            continue
        if isinstance(row, dict) and {"id", "what", "of"} <= row.keys():
            rows.append(row)
    return rows


def _shorten(file: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Leaves out what a later line says, too: by far most lines are of sessions."""
    if not file.exists() or file.stat().st_size <= MOST_BYTES:
        return
    last = {(row["what"], row["of"], row.get("code")): number for number, row in enumerate(rows)}
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    _add_line(draft, "\n".join(json.dumps(rows[number]) for number in sorted(last.values())))
    draft.replace(file)
