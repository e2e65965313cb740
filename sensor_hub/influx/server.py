"""InfluxDB as a server that takes lines and answers InfluxQL. 1.8, 2 and 3 have both `/api/v2/write` and `/query`."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from sensor_hub.history.port import HistoryError
from sensor_hub.influx.address import InfluxAddress

log = logging.getLogger(__name__)

WRITES_WITHIN, ANSWERS_WITHIN, CONNECTS_WITHIN = 30.0, 10.0, 3.0
ROWS_AT_ONCE = 10_000
MILLISECONDS: Any = WritePrecision.MS
DROPPED = re.compile(r"partial write:.*dropped=(\d+)", re.DOTALL)
BEYOND = "beyond retention policy"
SPLIT = frozenset({400, 413, 422})
"""Answers that are about the lines: which of them is found by halves."""


class Trouble(Enum):
    UNREACHABLE = "it cannot be reached"
    SHUT = "it does not let the hub in"
    LOST = "it has no such database"
    WRONG = "it does not understand the hub"
    CLOCK = "its clock is not the hub's"


class InfluxError(HistoryError):
    """Nothing is known to have been taken, or answered."""

    def __init__(self, trouble: Trouble, told: str) -> None:
        super().__init__(f"{trouble.value} ({told})" if told else trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Refused:
    """Of lines that were written: those that were not taken, for good."""

    beyond: int = 0
    """Older than the bucket keeps."""
    others: int = 0
    why: str = ""
    """Of one of the others."""

    def __add__(self, other: Refused) -> Refused:
        return Refused(self.beyond + other.beyond, self.others + other.others, self.why or other.why)


class Rows(NamedTuple):
    """A part of the rows of one series of an answer."""

    tags: dict[str, str]
    values: list[list[Any]]


class InfluxServer:
    """One connection pool for all threads. Nothing is asked before the first call."""

    def __init__(self, address: InfluxAddress) -> None:
        self.address = address
        self._client = InfluxDBClient(
            address.url,
            token=address.token,
            org=address.org,
            enable_gzip=True,
            timeout=(CONNECTS_WITHIN * 1000, WRITES_WITHIN * 1000),
            ssl_ca_cert=address.ca,
            retries=False,
        )
        # Who feeds keeps the place and tries again: a batch that waits in memory would be lost with the hub.
        self._writer = self._client.write_api(write_options=SYNCHRONOUS)

    def close(self) -> None:
        self._writer.close()
        self._client.close()

    def write(self, bucket: str, lines: Sequence[str]) -> Refused:
        """Returns when the server took them, but those that it refuses. A repeat is harmless."""
        try:
            self._writer.write(bucket, record="\n".join(lines), write_precision=MILLISECONDS)
        except ApiException as error:
            if error.status not in SPLIT:
                raise _error(error) from error
            return self._refused(bucket, lines, error)
        except (HTTPError, OSError) as error:
            raise InfluxError(Trouble.UNREACHABLE, _cause(error)) from error
        return Refused()

    def _refused(self, bucket: str, lines: Sequence[str], error: ApiException) -> Refused:
        told = _told(error)
        dropped = DROPPED.search(told)
        count = int(dropped[1]) if dropped else 0
        if count and BEYOND in told:
            return Refused(beyond=count)
        if count or len(lines) == 1:
            return Refused(others=max(1, count), why=told)
        middle = len(lines) // 2
        return self.write(bucket, lines[:middle]) + self.write(bucket, lines[middle:])

    def ask(self, bucket: str, query: str) -> Iterator[Rows]:
        """The answer to a SELECT or SHOW, a part at a time; moments are milliseconds."""
        yield from self._answer("GET", bucket, query)

    def order(self, query: str, bucket: str = "") -> None:
        """CREATE, ALTER, DELETE."""
        for _ in self._answer("POST", bucket, query):
            pass

    def _answer(self, method: str, bucket: str, query: str) -> Iterator[Rows]:
        asked = {"db": bucket, "q": query, "epoch": "ms", "chunked": "true", "chunk_size": str(ROWS_AT_ONCE)}
        try:
            response = self._client.api_client.call_api(
                "/query",
                method,
                query_params=asked,
                header_params={"Accept": "application/json", "Accept-Encoding": "gzip"},
                _preload_content=False,
                _return_http_data_only=True,
                _request_timeout=(CONNECTS_WITHIN * 1000, ANSWERS_WITHIN * 1000),
            )
        except ApiException as error:
            raise _error(error) from error
        except (HTTPError, OSError) as error:
            raise InfluxError(Trouble.UNREACHABLE, _cause(error)) from error
        try:
            for line in _lines(response):
                yield from _rows(line)
        finally:
            response.close()

    def version(self) -> str:
        """Such as `1.8.10` or `v2.7.11`; empty where it does not say."""
        try:
            return str(self._client.version() or "")
        except (ApiException, HTTPError, OSError) as error:
            raise InfluxError(Trouble.UNREACHABLE, _cause(error)) from error

    def databases(self) -> set[str]:
        return {str(name) for rows in self.ask("", "SHOW DATABASES") for (name,) in rows.values}

    def prepare(self) -> None:
        """Makes the databases that are missing, and has them keep what the address says.

        InfluxDB 2 makes none by InfluxQL: there it is an InfluxError, and somebody has to make the buckets.
        """
        there = self.databases()
        for bucket, days in self.address.buckets.items():
            name = _name(bucket)
            if bucket not in there:
                keeps = f" WITH DURATION {_duration(days)} REPLICATION 1" if days else ""
                self.order(f"CREATE DATABASE {name}{keeps}")
            elif days:
                self._keep(bucket, days)

    def _keep(self, bucket: str, days: float) -> None:
        name, wanted = _name(bucket), _seconds(_duration(days))
        for rows in self.ask("", f"SHOW RETENTION POLICIES ON {name}"):
            for policy, duration, *_, is_default in rows.values:
                if is_default and _seconds(str(duration)) != wanted:
                    self._alter(f"ALTER RETENTION POLICY {_name(str(policy))} ON {name} DURATION {_duration(days)}")

    def _alter(self, order: str) -> None:
        try:
            self.order(order)
        except InfluxError as error:
            # Not known to InfluxDB 2, whose buckets are changed by its own program; it takes readings all the same.
            log.warning("how long the history keeps readings could not be changed: %s", error)


def quoted(text: str) -> str:
    """A string in InfluxQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _name(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _duration(days: float) -> str:
    return f"{max(1, round(days * 24))}h"


def _seconds(duration: str) -> int:
    """Of `9600h0m0s`."""
    units = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
    return sum(int(count) * units[unit] for count, unit in re.findall(r"(\d+)([wdhms])", duration))


def _lines(response: Any) -> Iterator[bytes]:
    """Each part of an answer is a line of its own; a line may be megabytes."""
    rest = b""
    try:
        for some in response.stream(65536, decode_content=True):
            *whole, rest = (rest + some).split(b"\n")
            yield from whole
    except (HTTPError, OSError) as error:
        raise InfluxError(Trouble.UNREACHABLE, _cause(error)) from error
    yield rest


def _rows(line: bytes) -> Iterator[Rows]:
    if not line.strip():
        return
    try:
        answer = json.loads(line)
    except ValueError as error:
        raise InfluxError(Trouble.WRONG, "its answer is no JSON") from error
    for result in [answer, *answer.get("results", ())]:
        if "error" in result:
            told = str(result["error"])
            raise InfluxError(Trouble.LOST if "database not found" in told else Trouble.WRONG, told)
        for series in result.get("series", ()):
            yield Rows(series.get("tags") or {}, series.get("values") or [])


def _error(error: ApiException) -> InfluxError:
    told = _told(error)
    if error.status in (401, 403):
        return InfluxError(Trouble.SHUT, told)
    if error.status == 404 and ("not found" in told.lower()):
        return InfluxError(Trouble.LOST, told)
    is_busy = error.status is None or error.status in (0, 429) or error.status >= 500
    return InfluxError(Trouble.UNREACHABLE if is_busy else Trouble.WRONG, told)


def _told(error: ApiException) -> str:
    """What the server said, in a line."""
    body = error.body.decode(errors="replace") if isinstance(error.body, bytes) else str(error.body or "")
    try:
        answer = json.loads(body)
        body = str(answer.get("error") or answer.get("message") or body)
    except (ValueError, AttributeError):
        body = "" if "<html" in body else body
    return " ".join(f"{error.status} {body or error.reason}".split())[:300]


def _cause(error: BaseException) -> str:
    """In a line, without the address, which may be a secret."""
    reason = getattr(error, "reason", None)
    cause = reason if isinstance(reason, BaseException) else error
    return re.sub(r"^.*?: ", "", str(cause))[:200] or type(cause).__name__
