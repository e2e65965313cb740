"""Erasure in both databases: of a home as a whole, and of some kinds of data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from sensor_hub.keeping.certificates import certificate_of
from sensor_hub.keeping.person_file import write_person
from sensor_hub.model.consent import EVERYTHING, Basis, Data, Decision
from sensor_hub.model.entry import Arrival, HomeSet, ScopeSet
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.storage.database import Database
from sensor_hub.storage.erasing import Erasing
from sensor_hub.storage.erasures import DONE
from sensor_hub.storage.personal import ERASED, LAST
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.consent_ports import Withdrawal
from sensor_hub.watch.ports import Rejection
from tests.homes import moment, small_home

START = moment("2026-01-05 00:00")
HOME = replace(small_home(), id="flat-7")
DAY = date(2026, 1, 5)


@pytest.fixture
def stores(database: Database) -> SqlStores:
    return fill(SqlStores(database))


def fill(stores: SqlStores) -> SqlStores:
    stores.tenants.give(HOME.id, "elmham")
    stores.log.append(HOME.id, HomeSet(START, HOME))
    for number in range(60):
        at = START + 60 * number
        batch = [Reading(at, "motion-hall", Metric.MOTION, 1.0), Reading(at + 1, "motion-hall", Metric.BATTERY, 90.0)]
        if number % 2:
            batch.append(Reading(at + 2, "climate-living", Metric.TEMPERATURE, 20.0))
        stores.log.append_readings(HOME.id, at + 5, batch)
    stores.rejections.add(START, {HOME.id: [Rejection("reading", "odd", b"motion 7")]})
    stores.consents.add(HOME.id, START, Decision(Basis.CONSENT, EVERYTHING, "", DAY, DAY), "Jo")
    return stores


def erase(stores: SqlStores) -> dict[str, object]:
    erasing, job = Erasing(stores.database, stores.erasures), stores.erasures.due(START)
    assert job is not None
    while erasing.advance(job, START):
        job = stores.erasures.job(job.id)
        assert job is not None
    job = stores.erasures.job(job.id)
    assert job is not None
    stores.erasures.finish(job, certificate_of(job, at=START, backups_days=35), START)
    found = stores.erasures.certificate(job.id, "elmham")
    assert found is not None
    return found


def test_a_home_as_a_whole(stores: SqlStores, tmp_path: Path) -> None:
    write_person(stores, HOME.id, tmp_path / "person.zip", at=START, by="Jo")
    stores.erasures.ask_whole(Withdrawal(HOME.id, EVERYTHING, 10**6, START, "Jo"), "she moved away")
    assert stores.erasures.is_erased(HOME.id)
    rows = erase(stores)["rows_erased"]
    assert isinstance(rows, dict)
    assert (rows["reading"], rows["entry"], rows["home"]) == (150, 61, 1)
    for held in (*ERASED, *LAST):
        assert stores.database.connection.execute(select(held.table).where(held.which(HOME.id))).all() == []


def test_some_kinds_of_data(stores: SqlStores) -> None:
    scope = EVERYTHING - {Data.MOVEMENT}
    position = stores.log.append(HOME.id, ScopeSet(START + 7200, scope))
    stores.log.append_readings(HOME.id, START + 7300, [Reading(START + 7300, "motion-hall", Metric.MOTION, 1.0)])
    stores.erasures.ask(Withdrawal(HOME.id, frozenset({Data.MOVEMENT}), position, START, "Jo"))
    rows = erase(stores)["rows_erased"]
    assert isinstance(rows, dict)
    assert (rows["reading"], rows["entry"]) == (120, 30)
    entries = [entry for _, entry in stores.log.read(HOME.id)]
    assert entries[0] == HomeSet(START, HOME, scope)
    left = [entry.reading for entry in entries if isinstance(entry, Arrival)]
    assert {reading.device for reading in left[:-1]} == {"climate-living"}
    assert left[-1].device == "motion-hall", "it came after, when it was agreed again"
    assert [job.state for job in stores.erasures.of(HOME.id)] == [DONE]
