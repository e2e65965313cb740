"""What is known of the homes' gateways, as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sensor_hub.joining.code import JoinCode, Verdict
from sensor_hub.model.moment import iso
from sensor_hub.storage.join_codes import JoinedGateway
from sensor_hub.storage.stores import SqliteStores


def gateway_lines(stores: SqliteStores, homes: Sequence[str], at: float) -> Iterator[str]:
    """A line for each home that is described, has joined or has a code."""
    joined = {each.home: each for each in stores.join_codes.joined()}
    codes = {each.home: each for each in stores.join_codes.all()}
    for home in sorted({*homes, *joined, *codes}):
        told = [_joined(joined.get(home)), _last(stores, home), _told(stores, home), _code(codes.get(home), at)]
        yield f"{home}: {'; '.join(part for part in told if part)}"


def _joined(gateway: JoinedGateway | None) -> str:
    if gateway is None:
        return "has not joined with a code"
    return f"joined {iso(gateway.joined_at)} with version {gateway.version or 'unknown'}"


def _last(stores: SqliteStores, home: str) -> str:
    last = stores.gateways.last(home)
    return "never heard" if last is None else f"{last[1]['state']} since or at {iso(last[0])}"


def _told(stores: SqliteStores, home: str) -> str:
    """How many messages it sent itself, while it could not reach the hub."""
    last = stores.gateways.last(home)
    rows = last[1].get("told_alone") if last is not None else None
    count = len(rows) if isinstance(rows, list) else 0
    return f"told {count} message{'s' if count > 1 else ''} itself while the hub was out of reach" if count else ""


def _code(code: JoinCode | None, at: float) -> str:
    if code is None or code.used_at is not None:
        return ""
    verdict = code.judge(at)
    return f"a code waits until {iso(code.ends_at)}" if verdict is Verdict.GOOD else f"its code {verdict.value}"
