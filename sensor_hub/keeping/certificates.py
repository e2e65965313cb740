"""Certificates of erasures: what was erased, when, by whom, and until when backups hold it; without personal data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from sensor_hub.model.consent import DATA_WORDS, Data
from sensor_hub.model.moment import DAY, iso
from sensor_hub.storage.erasing import BLANKED
from sensor_hub.storage.erasures import Job, mark_of
from sensor_hub.storage.personal import ERASED, KEPT, LAST, PSEUDONYMISED

WHOLE = "all that this hub kept of a home and of who lives there"

BACKUPS = (
    "Backups made before hold it until then. What a restored backup brings back is erased again at the hub's start."
)


def certificate_of(job: Job, *, at: float, backups_days: float) -> dict[str, object]:
    """What is kept, and handed out, of an erasure that was done at `at`."""
    removed = {name: rows for name, rows in job.counts.items() if not name.startswith(BLANKED)}
    blanked = {name.removeprefix(BLANKED): rows for name, rows in job.counts.items() if name.startswith(BLANKED)}
    told: dict[str, object] = {
        "certificate": job.id,
        "what": WHOLE if job.is_whole else [DATA_WORDS[data] for data in Data if data in job.data],
        "home_hash": mark_of(job.home),
        "why": job.reason,
        "asked_at": iso(job.asked_at),
        "asked_by": job.by,
        "begun_at": iso(at if job.began_at is None else job.began_at),
        "done_at": iso(at),
        "rows_erased": removed,
        "rows_pseudonymised": blanked,
        "erased": _erased_words(job),
        "stays": _stays_words(job),
        "backups_until": iso(at + backups_days * DAY),
        "backups": BACKUPS,
    }
    return {**told, "sha256": digest_of(told)}


def digest_of(certificate: Mapping[str, object]) -> str:
    """SHA-256 of the certificate as JSON, its keys in order, without spaces and without this value itself."""
    told = {key: value for key, value in certificate.items() if key != "sha256"}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _erased_words(job: Job) -> dict[str, str]:
    if job.is_whole:
        return {held.table.name: held.what for held in (*ERASED, *LAST)}
    return {
        "reading": "readings of these kinds, and the battery and radio readings of devices that measure nothing else",
        "hour": "what older ones of them were in each hour",
        "entry": "when messages with nothing but these came",
        "series": "which device measured them",
        "rejected": "messages of the home that could not be used, of all kinds",
        "snapshot": "what these taught of the routine: taken anew without it before anything else",
    }


def _stays_words(job: Job) -> dict[str, str]:
    if not job.is_whole:
        return {
            "alert": "alerts, their history and their notices: the record of care, by its own retention",
            "chronology": KEPT["chronology"],
        }
    return {blanked.table.name: f"{blanked.what}; no home, no text" for blanked in PSEUDONYMISED} | dict(KEPT)
