"""Writes resources as one FHIR bundle, however many there are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from sensor_hub.interop.fhir import Resource, entry
from sensor_hub.model.moment import iso


def write_bundle(resources: Iterable[Resource], path: Path, at: float) -> int:
    """A bundle of the type `collection`, one entry a line, made at `at`. How many resources."""
    head = {"resourceType": "Bundle", "type": "collection", "timestamp": iso(at)}
    count = 0
    with path.open("w", encoding="utf-8") as out:
        out.write(json.dumps(head)[:-1] + ', "entry": [')
        for resource in resources:
            out.write((",\n" if count else "\n") + json.dumps(entry(resource), ensure_ascii=False))
            count += 1
        out.write("\n]}\n" if count else "]}\n")
    return count
