"""Plays a hub by its own description of its API: schemathesis, all its checks, as anybody."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from sensor_hub.access.role import Role
from tests.api.house import ApiHouse, open_house

CHECKS = {
    # A NUL is refused in any address, with 400, whatever text it is in.
    # A schema cannot say that a moment comes before another, or which version stands: then valid data are refused, too.
    "positive_data_acceptance": {"expected-statuses": ["2xx", 304, 400, 401, 403, 404, 409, 412, 422, 428, 503]},
    "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 409, 411, 412, 413, 422, 428]},
    "missing_required_header": {"expected-statuses": [401, 403, 404, 422, 428]},
}
ERASE = "/api/v1/persons/{home}/erase"


@dataclass
class Played:
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    """What was wrong, by operation and title: how to see it again."""


def play(house: ApiHouse, who: str, *, examples: int, phases: Mapping[str, object] | None = None) -> Played:
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": house.headers(who),
            "base-url": house.url,
            "workers": 1,
            "request-timeout": 10,
            "continue-on-failure": True,
            "phases": phases or {},
            # Its example names the home of all the others: it would be gone for what is asked later.
            "operations": [{"include-path": ERASE, "phases": {"examples": {"enabled": False}}}],
            "generation": {
                "max-examples": examples,
                "database": "none",
                "deterministic": True,
                "no-shrink": True,
                "with-security-parameters": False,
            },
            "checks": CHECKS | {"ignored_auth": {"enabled": who != "nobody"}},
        }
    )
    schema = schemathesis.openapi.from_url(
        f"{house.url}/api/openapi.json", config=config, headers=house.headers("oakshire")
    )
    played = Played()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _count(event, played)
        elif isinstance(event, events.NonFatalError):
            played.failures[f"{event.label}: not played"] = str(event.info)
        elif isinstance(event, events.FatalError):
            raise event.exception
    return played


def _count(event: events.ScenarioFinished, played: Played) -> None:
    for interaction in event.recorder.interactions.values():
        if interaction.response is not None:
            played.statuses[interaction.response.status_code] += 1
    for check in chain.from_iterable(event.recorder.checks.values()):
        if check.failure_info is not None:
            failure = check.failure_info.failure
            told = f"{failure.message}\n{check.failure_info.code_sample}"
            played.failures.setdefault(f"{event.label}: {failure.title}", told)


def main(examples: int, *whos: str) -> None:
    """Says what was asked and what was wrong, for each of these roles or all; each in a house of its own, since some
    may put others out."""
    for who in whos or (*map(str, Role), "nobody"):
        with TemporaryDirectory() as folder, open_house(Path(folder)) as house:
            began = perf_counter()
            played = play(house, who, examples=examples)
            took, wrong = perf_counter() - began, len(played.failures)
        print(f"{who}: {played.statuses.total()} requests in {took:.0f} s, {wrong} wrong, {dict(played.statuses)}")
        for name, text in played.failures.items():
            print(f"-- {name}\n{text[:900]}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
