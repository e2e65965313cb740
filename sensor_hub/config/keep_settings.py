"""The part of `hub.toml` that says for how many days what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sensor_hub.model.reading import is_slug
from sensor_hub.model.table import Table

LEDGER_DAYS = 1096.0
"""Three years."""
FEWEST, MOST = 30.0, 36500.0
"""A month: a home of which the log has to be read anew learns from what is there."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Days for which it is kept; None: for ever."""

    readings: float | None = None
    """Single readings, from when they were measured."""
    hours: float | None = None
    """What they were in each hour."""
    alerts: float | None = None
    """From when they were closed, with what was decided about them."""


@dataclass(frozen=True, slots=True)
class KeepSettings:
    ledger_days: float = LEDGER_DAYS
    """What became of notices, from when their alerts were closed."""
    terms: Terms = Terms()
    of_tenant: Mapping[str, Terms] = field(default_factory=dict)
    """Of those whose terms are others."""
    ledger_of: Mapping[str, float] = field(default_factory=dict)
    """`ledger_days` of tenants for whose homes' alerts it is another."""

    def terms_of(self, tenant: str | None) -> Terms:
        return self.terms if tenant is None else self.of_tenant.get(tenant, self.terms)

    @property
    def forgets(self) -> bool:
        """Whether anything but notices is ever forgotten."""
        return any(terms != Terms() for terms in (self.terms, *self.of_tenant.values()))


def read_keep(table: Table) -> KeepSettings:
    """InputError where a term is too short, or shorter than that of what it rests on."""
    ledger = table.number("ledger_days", LEDGER_DAYS, low=1, high=MOST)
    terms, of_tenant, ledger_of = _terms(table, Terms()), dict[str, Terms](), dict[str, float]()
    tenants = table.table("tenants") or Table({}, f"{table.where}.tenants")
    for tenant in tenants.values:
        own = tenants.table(tenant) if is_slug(tenant) else None
        if own is None:
            raise tenants.wrong(tenant, "a table under a tenant's name: 1 to 64 of a-z, 0-9, _ and -")
        of_tenant[tenant] = _terms(own, terms)
        if "ledger_days" in own:
            ledger_of[tenant] = own.number("ledger_days", low=1, high=MOST)
        own.get("ledger_days")
        own.done()
    tenants.done()
    table.done()
    return KeepSettings(ledger, terms, of_tenant, ledger_of)


def _terms(table: Table, others: Terms) -> Terms:
    terms = Terms(
        _days(table, "reading_days", others.readings),
        _days(table, "hour_days", others.hours),
        _days(table, "alert_days", others.alerts),
    )
    if terms.hours is not None and (terms.readings is None or terms.hours < terms.readings):
        raise table.wrong("hour_days", "no fewer than reading_days: hours are made of readings when these go")
    if terms.alerts is not None and (terms.readings is None or terms.alerts < terms.readings):
        # The log, were it ever read from its beginning, would raise them again.
        raise table.wrong("alert_days", "no fewer than reading_days: what is in the log can raise them")
    return terms


def _days(table: Table, key: str, other: float | None) -> float | None:
    return table.number(key, low=FEWEST, high=MOST) if key in table else other
