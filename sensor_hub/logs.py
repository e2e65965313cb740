"""What the hub says of itself while it runs: one line an event, for people or for programs, without personal data."""

from __future__ import annotations

import logging
import re
import sys
from dataclasses import dataclass
from typing import cast

import structlog
from structlog.stdlib import ProcessorFormatter, add_log_level, add_logger_name
from structlog.typing import EventDict, Processor, WrappedLogger

from sensor_hub.model.table import Table

FORMATS = ("text", "json")
MASKED = "***"
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
NUMBER = re.compile(r"(?<![\w.:+-])\+?\d[\d ()-]{8,}\d(?![\w.:-])")
"""A telephone number: at least ten digits, which no identifier or moment is a part of."""
TRACE = "exception"


@dataclass(frozen=True, slots=True)
class LogSettings:
    form: str = "text"
    """`json`: one object a line."""


def read_log_settings(table: Table) -> LogSettings:
    """InputError where the form is none."""
    form = table.choice("format", FORMATS, "text")
    table.done()
    return LogSettings(form)


def set_up_logs(settings: LogSettings = LogSettings()) -> None:
    """From now on all that is logged goes to standard error in this form."""
    chain: list[Processor] = [add_log_level, add_logger_name, structlog.processors.format_exc_info, mask]
    if settings.form == "json":
        chain.insert(0, structlog.processors.TimeStamper(fmt="iso", key="at"))
    last: Processor = structlog.processors.JSONRenderer(ensure_ascii=False) if settings.form == "json" else _line
    shown = [ProcessorFormatter.remove_processors_meta, last]
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(ProcessorFormatter(processors=shown, foreign_pre_chain=chain))
    logging.basicConfig(level=logging.INFO, handlers=[output], force=True)
    # Each step of a new database is no event for anybody.
    logging.getLogger("alembic").setLevel(logging.WARNING)


def mask(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Blackens addresses and telephone numbers: services put them into what they say of a failure."""
    for key in ("event", TRACE):
        if key in event:
            event[key] = NUMBER.sub(MASKED, ADDRESS.sub(MASKED, cast(str, event[key])))
    return event


def _line(_: WrappedLogger, __: str, event: EventDict) -> str:
    trace = f"\n{event[TRACE]}" if TRACE in event else ""
    return f"{event['level'].upper()} {event['logger']}: {event['event']}{trace}"
