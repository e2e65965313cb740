"""A home's past in other programs' formats: what `sensor-hub export --as` writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sensor_hub.alerts.delivery import NoticeState
from sensor_hub.history.port import History, Of
from sensor_hub.interop import fhir
from sensor_hub.interop.bundle import write_bundle
from sensor_hub.interop.tables import write_csv, write_parquet
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading
from sensor_hub.storage.database import from_ms
from sensor_hub.storage.log_history import LogHistory
from sensor_hub.storage.stores import SqlStores


class Form(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"
    FHIR = "fhir"


NAMES = {Form.CSV: "readings.csv", Form.PARQUET: "readings.parquet", Form.FHIR: "bundle.json"}


@dataclass(frozen=True, slots=True)
class Period:
    """Moments from `start` up to `end`, without it."""

    start: float
    end: float


def hand_out(
    stores: SqlStores,
    home: str,
    period: Period,
    folder: Path,
    form: Form,
    now: float,
    history: History | None = None,
) -> tuple[Path, int]:
    """Writes what was measured and told in the period; the file, and how many rows or resources it has.

    Readings are those of `history`, without one of the log's own table. InputError where the home is not in the log,
    HistoryError where it cannot be told what was measured.
    """
    history = history or LogHistory(stores.database)
    described = stores.log.description(home)
    if described is None:
        raise InputError(f"no home {home!r} in the log", where=stores.database.name, expected="a home's id")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAMES[form]
    with stores.database.view():
        readings = history.readings(Of(home), period.start, period.end)
        match form:
            case Form.CSV:
                return path, write_csv(readings, path)
            case Form.PARQUET:
                return path, write_parquet(readings, path)
            case Form.FHIR:
                return path, write_bundle(_resources(stores, home, period, readings), path, now)


def _resources(stores: SqlStores, home: str, period: Period, readings: Iterator[Reading]) -> Iterator[fhir.Resource]:
    described = stores.log.description(home)
    if described is not None:
        yield from fhir.places(described.home())
    for reading in readings:
        yield fhir.observation(home, reading)
    for row in stores.registry.alerts_between(home, period.start, period.end):
        ended = row.cleared_ms or row.closed_ms
        kind, since = Kind(row.kind), from_ms(row.since_ms)
        end = None if ended is None else from_ms(ended)
        yield fhir.flag(home, fhir.ToldAlert(row.id, kind, row.subject, since, end, row.summary))
        for notice in stores.registry.notice_titles(row.id):
            told = fhir.ToldNotice(
                notice.reference,
                row.id,
                notice.contact,
                Urgency(notice.urgency),
                NoticeState(notice.state),
                from_ms(notice.state_ms),
                notice.title,
            )
            yield fhir.communication(told)
