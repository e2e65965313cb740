"""Whether the database can be reached and used: a part of `sensor-hub check`."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.database_door import database_of, has_data, refuse_unusable
from sensor_hub.model.problem import InputError
from sensor_hub.remark import Remark, remark_of
from sensor_hub.settings import Settings
from sensor_hub.storage.migrating import HEAD


def database(settings: Settings) -> Iterator[Remark]:
    """What keeps everything else that is stored from being looked at. It is never brought to another version here:
    an older hub may be running on it."""
    try:
        refuse_unusable(settings)
    except InputError as error:
        yield remark_of(error, "data.unusable")
        return
    try:
        found = database_of(settings).version() if has_data(settings) else HEAD
    except InputError as error:
        hint = "start PostgreSQL, and check url in [database] (deploy/database.md)"
        if settings.database.url is None:
            hint = "give it to the user that runs the hub, or restore a backup"
        yield Remark("database.unreachable", f"{error.where}: {error.what}", hint)
        return
    if found > HEAD:
        what = f"it is of version {found}, and this program knows {HEAD}"
        yield Remark("database.newer", what, "install the newer program, or restore the backup of before")
    elif found < HEAD:
        what = f"it is of version {found}, this program's is {HEAD}"
        yield Remark("database.older", what, "start the hub, which brings it here, then check again")
