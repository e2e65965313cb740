"""What is known of the homes' gateways, as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sensor_hub.joining.code import JoinCode, Verdict
from sensor_hub.model.moment import DAY, iso
from sensor_hub.storage.join_codes import JoinedGateway
from sensor_hub.storage.stores import SqlStores


def gateway_lines(stores: SqlStores, homes: Sequence[str], at: float) -> Iterator[str]:
    """A line for each home that is described, has joined or has a code."""
    joined = {each.home: each for each in stores.join_codes.joined()}
    codes = {each.home: each for each in stores.join_codes.all()}
    for home in sorted({*homes, *joined, *codes}):
        told = [_joined(joined.get(home)), _last(stores, home), _told(stores, home), _update(stores, home)]
        told += [_refused(stores, home), _cloned(stores, home, at), _code(codes.get(home), at)]
        yield f"{home}: {'; '.join(part for part in told if part)}"


def _joined(gateway: JoinedGateway | None) -> str:
    if gateway is None:
        return "has not joined with a code"
    return f"joined {iso(gateway.joined_at)} with version {gateway.version or 'unknown'}"


def _last(stores: SqlStores, home: str) -> str:
    last = stores.gateways.last(home)
    if last is None:
        return "never heard"
    return f"{last[1].state} with version {last[1].version or 'unknown'} since or at {iso(last[0])}"


def _update(stores: SqlStores, home: str) -> str:
    """What became of the instruction to update, where it is followed."""
    last = stores.gateways.last(home)
    told = last[1].settings.get("update") if last is not None else None
    return f"update {told}" if told else ""


def _told(stores: SqlStores, home: str) -> str:
    """How many messages it sent itself, while it could not reach the hub."""
    last = stores.gateways.last(home)
    count = 0 if last is None else len(last[1].told_alone)
    return f"told {count} message{'s' if count > 1 else ''} itself while the hub was out of reach" if count else ""


def _refused(stores: SqlStores, home: str) -> str:
    last = stores.gateways.last(home)
    refused = last[1].settings.get("refused") if last is not None else None
    reasons = [f"{key} ({why})" for key, why in refused.items()] if isinstance(refused, dict) else []
    return f"does not follow the settings {', '.join(reasons)}" if reasons else ""


def _cloned(stores: SqlStores, home: str, at: float) -> str:
    seen = stores.gateways.cloned_at(home)
    if seen is None or at - seen > DAY:
        return ""
    return f"two gateways speak for it in turn, last at {iso(seen)}: one is a copy of the other"


def _code(code: JoinCode | None, at: float) -> str:
    if code is None or code.used_at is not None:
        return ""
    verdict = code.judge(at)
    return f"a code waits until {iso(code.ends_at)}" if verdict is Verdict.GOOD else f"its code {verdict.value}"
