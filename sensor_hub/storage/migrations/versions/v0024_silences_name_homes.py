"""Patterns of silences that stand become the homes that they match now: whose asked for them is not known any more.

Who saw all homes of a hub could be of its only tenant, and their `*` would take homes of a tenant that came later.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from alembic import op
from sqlalchemy import bindparam, column, or_, select, table, update

revision = "0024"
down_revision = "0023"

SILENCE = table("silence", column("id"), column("homes"), column("ended_ms"))
HOMES = (table("tenant_of_home", column("home")), table("coverage", column("home")))
"""Homes that were heard of, and those that are watched."""


def upgrade() -> None:
    connection = op.get_bind()
    known = {home for each in HOMES for home in connection.execute(select(each.c.home)).scalars()}
    wild = or_(SILENCE.c.homes.contains("*"), SILENCE.c.homes.contains("?"))
    standing = select(SILENCE.c.id, SILENCE.c.homes).where(SILENCE.c.ended_ms.is_(None), wild)
    narrow = update(SILENCE).where(SILENCE.c.id == bindparam("its_id")).values(homes=bindparam("theirs"))
    for name, patterns in connection.execute(standing).all():
        theirs = sorted(home for home in known if any(fnmatchcase(home, each) for each in patterns.split()))
        if theirs:
            connection.execute(narrow, {"its_id": name, "theirs": " ".join(theirs)})
