"""The part of `hub.toml` that says who is told: contacts, teams, rotas and policies.

A mistake in a chain that people rely on has a name of its own (`policy.unknown`), with which its line begins.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.plan import ACKNOWLEDGED_FOR, Plan
from sensor_hub.alerts.policy import INTERRUPTING, Policy, Step, policies_of
from sensor_hub.alerts.rota import Cover, Rota, Shift
from sensor_hub.alerts.wall_clock import Holidays, Hours
from sensor_hub.config.person_settings import read_quiet, read_resident, read_zone
from sensor_hub.config.round_settings import read_rounds
from sensor_hub.config.secret import read_secret
from sensor_hub.dispatch.carriers import address_trouble, anchored, is_machine
from sensor_hub.model.home import LOCAL_TENANT
from sensor_hub.model.kind import Audience, Urgency
from sensor_hub.model.moment import MINUTE, parse_moment
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import is_slug
from sensor_hub.model.table import Table
from sensor_hub.model.visit import DAYS, days_of, minute_of

LONGEST_WAIT = 24 * 60
"""Minutes."""
SHIFT_DAYS = (*DAYS, "holiday")
MOST_LAYERS = 9


def read_plan(table: Table, folder: Path) -> Plan:
    """Who is told, as the whole of `hub.toml` (`table`) says; InputError names what is wrong.

    Without a `[[policy]]` alerts go to those contacts that receive their sort.
    """
    contacts = tuple(_contact(each, folder) for each in table.tables("contact"))
    residents = [read_resident(each, _addresses(each, folder)) for each in table.tables("resident")]
    rows = table.tables("team"), table.tables("rota")
    known = (contact.id for contact in (*contacts, *residents))
    _once(table, [*known, *(row.text("id") for each in rows for row in each)])
    own = table.text("tenant", " ").strip() or LOCAL_TENANT
    whose = {contact.id: contact.tenant or own for contact in contacts}
    teams: dict[str, tuple[str, ...]] = {}
    for row in rows[0]:
        teams[row.text("id")] = members = _team(row, whose)
        whose[row.text("id")] = whose[members[0]]
    rotas = {row.text("id"): _rota(row, _Names(whose, _tenant(row), own)) for row in rows[1]}
    whose |= {rota.id: rota.tenant or own for rota in rotas.values()}
    policies = [_policy(row, _Names(whose, _tenant(row), own)) for row in table.tables("policy")]
    _once(table, [policy.id for policy in policies])
    people = [contact.id for contact in contacts]
    return Plan(
        (*contacts, *residents),
        tuple(policies) or policies_of(contacts),
        teams,
        rotas,
        fallback=_people(table, "fallback", people, teams),
        manager=_people(table, "manager", people, teams),
        rounds=read_rounds(table, contacts, teams),
        acknowledged_for=table.number("acknowledged_for", ACKNOWLEDGED_FOR / MINUTE, low=5, high=LONGEST_WAIT) * MINUTE,
        own=own,
    )


class _Names(NamedTuple):
    """The names that a row of this tenant may use: of all, those that are `tenant`'s, or where it is empty `own`'s."""

    whose: Mapping[str, str]
    tenant: str
    own: str


def _people(table: Table, key: str, people: Collection[str], teams: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The contacts, and those of the teams, that `key` names: one, or a list of some for each tenant."""
    if key not in table:
        table.get(key)
        return ()
    names = table.texts(key) if isinstance(table.get(key), list) else (table.text(key),)
    found = (_known(table, name, [*people, *teams], f"{key}.unknown") for name in names)
    return tuple(dict.fromkeys(who for name in found for who in teams.get(name, (name,))))


def _tenant(table: Table) -> str:
    """Whose it is; empty where that is not said."""
    tenant = table.text("tenant", " ").strip()
    if tenant and not is_slug(tenant):
        raise table.wrong("tenant", "1 to 64 of a-z, 0-9, _ and -")
    return tenant


def _contact(table: Table, folder: Path) -> Contact:
    contact_id = table.text("id")
    address, *further = _addresses(table, folder)
    detail = Detail(table.choice("detail", tuple(Detail), Detail.MINIMAL))
    nothing = table.get("receives") == []
    receives = () if nothing else table.texts("receives", tuple(Audience))
    if not set(receives) <= set(Audience):
        raise table.wrong("receives", f"of {', '.join(Audience)}")
    name, quiet, tenant = table.text("name", " ").strip(), read_quiet(table), _tenant(table)
    table.done()
    return Contact(
        contact_id,
        address,
        detail,
        frozenset(Audience(each) for each in receives),
        name,
        tuple(further),
        quiet=quiet,
        is_machine=any(is_machine(each) for each in (address, *further)),
        tenant=tenant,
    )


def _addresses(table: Table, folder: Path) -> list[str]:
    """Of the contact's channels, in order: `address`, `addresses` or the addresses of `[[contact.channel]]`."""
    channels = table.tables("channel")
    one = read_secret(table, "address", folder)
    listed = table.get("addresses") or []
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise InputError("addresses is no list of texts", where=table.where, expected="Apprise URLs")
    ways = [each for each in (one, listed, channels) if each]
    if len(ways) != 1:
        expected = "an Apprise URL as address or in address_file; or several, in addresses or as [[contact.channel]]"
        if ways:
            raise InputError("address, addresses and channel stand together", where=table.where, expected=expected)
        raise table.wrong("address", expected)
    found = [(table, one)] if one else [(table, each) for each in listed]
    for channel in channels:
        found.append((channel, read_secret(channel, "address", folder) or ""))
        channel.done()
    for where, address in found:
        trouble = address_trouble(anchored(address, folder))
        if trouble is not None:
            # Never with the address itself: it may hold a password.
            what = f"address is not one that notices can be sent to: {trouble}"
            raise InputError(what, where=where.where, expected="an Apprise URL")
    addresses = [anchored(address, folder) for _, address in found]
    if len(set(addresses)) != len(addresses):
        raise InputError("an address stands twice", where=table.where, expected="a channel of its own for each")
    return addresses


def _team(table: Table, whose: Mapping[str, str]) -> tuple[str, ...]:
    """It is its first member's tenant's, and so are all others."""
    table.text("id")
    names = table.texts("members")
    _known(table, names[0], whose, "team.unknown")
    known = _Names(whose, whose[names[0]], "")
    members = tuple(_named(table, name, known, "team.unknown") for name in names)
    table.done()
    return members


def _rota(table: Table, known: _Names) -> Rota:
    rota_id, zone = table.text("id"), read_zone(table)
    holidays = _holidays(table)
    shifts = [_shift(row, known) for row in table.tables("shift")]
    covers = tuple(_cover(row, known, zone) for row in table.tables("cover"))
    table.done()
    if not shifts:
        raise _refused("rota.empty", table, "it has no shift", "a [[rota.shift]]")
    if holidays is None and any("holiday" in row.texts("days", DAYS) for row in table.tables("shift")):
        raise _refused("rota.holidays", table, "a shift names holidays", 'holidays = "GB", the country')
    layers = tuple(
        tuple(shift for number, shift in shifts if number == layer)
        for layer in sorted({number for number, _ in shifts})
    )
    return Rota(rota_id, zone, layers, covers, holidays, known.tenant)


def _holidays(table: Table) -> Holidays | None:
    country, subdivision = table.text("holidays", " ").strip(), table.text("subdivision", " ").strip()
    if not country:
        return None
    holidays = Holidays(country, subdivision or None)
    try:
        holidays.is_one(date(2026, 1, 1))
    except NotImplementedError as error:
        expected = "a country and, if given, a subdivision that the holidays package knows, such as GB and ENG"
        raise _refused(
            "rota.holidays", table, f"{country} {subdivision} is not known".replace("  ", " "), expected
        ) from error
    return holidays


def _shift(table: Table, known: _Names) -> tuple[int, Shift]:
    """The layer in which it stands, and the shift."""
    turns = tuple(_named(table, name, known, "rota.unknown") for name in table.texts("who"))
    hours = Hours(minute_of(table, "from"), minute_of(table, "to"), days_of(table, SHIFT_DAYS))
    layer = table.whole("layer", 1, low=1, high=MOST_LAYERS)
    first = table.get("first_week")
    table.done()
    if first is None:
        return layer, Shift(turns, hours)
    if not isinstance(first, date) or isinstance(first, datetime):
        raise table.wrong("first_week", "a day in that week, like 2026-01-05")
    return layer, Shift(turns, hours, first)


def _cover(table: Table, known: _Names, zone: ZoneInfo) -> Cover:
    who = _named(table, table.text("who"), known, "rota.unknown")
    instead_of = _named(table, table.text("instead_of"), known, "rota.unknown") if "instead_of" in table else None
    start, end = _moment(table, "from", zone), _moment(table, "until", zone)
    table.get("instead_of")
    table.done()
    if end <= start:
        raise table.wrong("until", "a moment after from")
    return Cover(who, start, end, instead_of)


def _moment(table: Table, key: str, zone: ZoneInfo) -> float:
    """A moment; without a zone it is by the rota's own clock."""
    value = table.get(key)
    try:
        naive = isinstance(value, datetime) and value.tzinfo is None
        return parse_moment(value.replace(tzinfo=zone) if naive and isinstance(value, datetime) else value)
    except ValueError as error:
        raise table.wrong(key, "a moment like 2026-12-24T18:00:00") from error


def _policy(table: Table, known: _Names) -> Policy:
    policy_id, homes = table.text("id"), table.texts("homes", ("*",))
    audiences = tuple(Audience(name) for name in _of(table, "alerts", tuple(Audience)))
    urgencies = tuple(
        Urgency(name) for name in _of(table, "urgency", tuple(each for each in Urgency if each in INTERRUPTING))
    )
    is_limited = any(key in table for key in ("from", "to", "days"))
    hours = Hours(minute_of(table, "from"), minute_of(table, "to"), days_of(table, DAYS)) if is_limited else None
    for key in ("from", "to", "days"):
        table.get(key)
    steps = tuple(_step(row, known) for row in table.tables("step"))
    table.done()
    if not steps:
        raise _refused("policy.empty", table, "it has no step", "a [[policy.step]]")
    return Policy(policy_id, steps, homes, frozenset(audiences), frozenset(urgencies), hours, known.tenant)


def _step(table: Table, known: _Names) -> Step:
    to, wait = table.get("to"), table.get("wait")
    asks_resident = "ask" in table and table.choice("ask", ("resident",)) == "resident"
    table.get("ask")
    if asks_resident and to is not None:
        raise _refused(
            "policy.ask", table, "ask and to stand together", "a step that asks, and one behind it that tells"
        )
    if not asks_resident and (not isinstance(to, list) or not to):
        raise _refused("policy.empty", table, "nobody is told in this step", 'to = ["a contact, team or rota"]')
    if isinstance(wait, bool) or not isinstance(wait, int | float) or not 1 <= wait <= LONGEST_WAIT:
        expected = f"minutes, 1 to {LONGEST_WAIT}"
        raise _refused("policy.wait", table, "wait is missing" if wait is None else f"wait is {wait!r}", expected)
    names = tuple(_named(table, name, known, "policy.unknown") for name in table.texts("to", ()))
    table.done()
    return Step(names, wait * MINUTE, asks_resident)


def _of(table: Table, key: str, choices: Sequence[str]) -> tuple[str, ...]:
    names = table.texts(key, tuple(choices))
    if not set(names) <= set(choices):
        raise table.wrong(key, f"of {', '.join(choices)}")
    return names


def _known(table: Table, name: str, known: Collection[str], problem: str) -> str:
    if name not in known:
        raise _refused(
            problem, table, f"{name!r} is not known", f"one of {', '.join(known) or 'the contacts, none yet'}"
        )
    return name


def _named(table: Table, name: str, names: _Names, problem: str) -> str:
    tenant = names.tenant or names.own
    theirs = [each for each, whose in names.whose.items() if whose == tenant]
    whose = names.whose.get(name, tenant)
    if whose != tenant:
        expected = f'one of {tenant}\'s: {", ".join(theirs) or "none yet"}; or tenant = "{whose}" here'
        raise _refused("tenant.crossed", table, f"{name!r} is {whose}'s, and this is {tenant}'s", expected)
    return _known(table, name, theirs, problem)


def _once(table: Table, names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"id is {twice!r} twice", where=table.where, expected="an id of its own for each")


def _refused(problem: str, table: Table, what: str, expected: str) -> InputError:
    return InputError(what, where=table.where, expected=expected, name=problem)
