"""A process that dies by kill -9 at its so many-th statement, for tests of what the next one finds."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import psycopg
from sqlalchemy import Engine, event


def is_killed(act: Callable[[], object], statements: int) -> bool:
    """Does it in a process of its own that is killed instead of the statement, or the copied row, of this number; False
    where it came to its end before. It must open its connections itself."""
    child = os.fork()
    if child == 0:
        _die_at(statements)
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "it failed by itself"
    return False


def _die_at(statements: int) -> None:
    numbers: Iterator[int] = count(1)

    def look(*_: Any) -> None:
        if next(numbers) == statements:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", look)
    write_row = psycopg.Copy.write_row

    def counted(copy: psycopg.Copy[Any], row: Any) -> None:
        look()
        write_row(copy, row)

    psycopg.Copy.write_row = counted  # type: ignore[method-assign]
