"""Everybody who may be told, and in which order: contacts, teams, rotas and policies as they are set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.link import BY_LINK
from sensor_hub.alerts.policy import Case, Policy, policies_of
from sensor_hub.alerts.reply import BY_TEXT
from sensor_hub.alerts.rota import Rota
from sensor_hub.alerts.round_plan import RoundPlan
from sensor_hub.model.home import LOCAL_TENANT
from sensor_hub.model.kind import Audience, Urgency
from sensor_hub.model.moment import HOUR

ACKNOWLEDGED_FOR = HOUR


@dataclass(frozen=True, slots=True)
class Plan:
    """All names in it are known: `telling_settings` sees to that."""

    contacts: tuple[Contact, ...]
    policies: tuple[Policy, ...]
    """The first that takes an alert is the alert's."""
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Contacts by team."""
    rotas: Mapping[str, Rota] = field(default_factory=dict)
    fallback: tuple[str, ...] = ()
    """Contacts that hear of an urgent alert when everybody else left it."""
    manager: tuple[str, ...] = ()
    """Contacts that hear of channels which take no notices; empty: those of the fallback, else of equipment."""
    acknowledged_for: float = ACKNOWLEDGED_FOR
    """Seconds after which an urgent alert returns to who took it, unless an outcome was said."""

    rounds: RoundPlan = field(default_factory=RoundPlan)
    own: str = LOCAL_TENANT
    """The tenant of all that names none, and of what concerns the whole hub."""

    @property
    def names_tenants(self) -> bool:
        """Whether anything in it is said to be a tenant's; if not, alerts of every home go by all of it."""
        rows: tuple[Contact | Rota | Policy, ...] = (*self.contacts, *self.rotas.values(), *self.policies)
        return any(each.tenant for each in rows)

    def tenants(self) -> list[str]:
        """Those that have contacts in it."""
        return sorted({each.tenant or self.own for each in self.contacts if not each.home})

    def part(self, tenant: str) -> Plan:
        """What is this tenant's, and nothing of another's. Residents, who are their home's, stand in every part."""

        def is_theirs(each: Contact | Rota | Policy) -> bool:
            return (each.tenant or self.own) == tenant

        contacts = tuple(each for each in self.contacts if each.home or is_theirs(each))
        people = {each.id for each in contacts}
        policies = tuple(filter(is_theirs, self.policies)) if self.has_policies else ()
        return replace(
            self,
            contacts=contacts,
            policies=policies or policies_of(contacts),
            teams={name: members for name, members in self.teams.items() if people.issuperset(members)},
            rotas={name: rota for name, rota in self.rotas.items() if is_theirs(rota)},
            fallback=tuple(filter(people.__contains__, self.fallback)),
            manager=tuple(filter(people.__contains__, self.manager)),
        )

    def parts(self) -> dict[str, Plan]:
        """Each tenant's that has contacts; the whole as its own's where no tenant is named."""
        return {each: self.part(each) for each in self.tenants()} if self.names_tenants else {self.own: self}

    def for_homes_of(self, tenant: str) -> Plan:
        """By which alerts of the tenant's homes go."""
        return self.part(tenant) if self.names_tenants else self

    def for_hub(self) -> Plan:
        """By which alerts about the hub itself go: where its own tenant has nobody, to all who receive them.

        They name no home; and as long as one holds, silent gateways are told to nobody.
        """
        part = self.for_homes_of(self.own)
        if part.policies:
            return part
        return replace(self, policies=policies_of(self.contacts), teams={}, rotas={})

    def policy_for(self, case: Case) -> Policy | None:
        """None where no policy takes such an alert."""
        return next((policy for policy in self.policies if policy.takes(case)), None)

    def policy(self, policy: str) -> Policy | None:
        """By id; None where it is set no longer."""
        return next((each for each in self.policies if each.id == policy), None)

    def person(self, name: str) -> Contact | None:
        """The contact who signs in under this name, has it as an id, or answered a notice; None: nobody known."""
        said = name.removesuffix(BY_LINK).removesuffix(BY_TEXT).strip().casefold()
        known = ((each, {each.id.casefold(), each.name.casefold()} - {""}) for each in self.contacts)
        return next((each for each, names in known if said in names), None)

    def reached(self, names: Iterable[str], at: float) -> tuple[Contact, ...]:
        """Who is reached at `at` under these names of contacts, teams and rotas: each once, in order."""
        found = dict.fromkeys(who for name in names for who in self._members(name, at))
        known = {contact.id: contact for contact in self.contacts}
        return tuple(known[who] for who in found)

    def urgent_contacts(self) -> frozenset[str]:
        """Whoever may hear of an urgent alert, at some hour."""
        return frozenset().union(*(part._urgent_contacts() for part in self.parts().values()))

    def _urgent_contacts(self) -> frozenset[str]:
        steps = (step for policy in self.policies if Urgency.URGENT in policy.urgencies for step in policy.steps)
        names = {name for step in steps for name in step.to}
        on_call = {who for name in names & self.rotas.keys() for who in self.rotas[name].everybody()}
        found = names | on_call | set(self.fallback)
        members = {who for name in found & self.teams.keys() for who in self.teams[name]}
        return frozenset(each.id for each in self.contacts if each.id in found | members)

    def managers_of(self, contact: str, tenant_of: Callable[[str], str | None]) -> tuple[Contact, ...]:
        """Who hears that a channel of this contact takes no notices; where its tenant has nobody, the plan's own.

        `tenant_of`: whose a home is, as far as it was heard of; a resident is that of their home.
        """
        one = next((each for each in self.contacts if each.id == contact), None)
        whose = None if one is None else tenant_of(one.home) if one.home else one.tenant
        found = self.for_homes_of(whose or self.own).managers()
        return found or self.for_homes_of(self.own).managers()

    def managers(self) -> tuple[Contact, ...]:
        """Who hears of channels that take no notices."""
        named = self.manager or self.fallback
        technical = [each for each in self.contacts if Audience.TECHNICAL in each.receives]
        return tuple(each for each in self.contacts if each.id in named) or tuple(technical)

    def people(self, name: str) -> tuple[Contact, ...]:
        """The contact, or those of the team, of this name."""
        members = self.teams.get(name, (name,))
        return tuple(contact for contact in self.contacts if contact.id in members)

    def readers(self, name: str, at: float) -> tuple[Contact, ...]:
        """Who is reached under this name at `at`; where it is set no longer, who hears of what nobody took, or all but
        residents."""
        if name in self.rotas or name in self.teams or any(contact.id == name for contact in self.contacts):
            return self.reached((name,), at)
        return self.reached(self.fallback, at) or tuple(each for each in self.contacts if not each.home)

    def homes_of(self, reader: str, homes: Iterable[str]) -> frozenset[str]:
        """Those of which some alert may go to this contact or team at some step and hour."""
        people = set(self.teams.get(reader, (reader,)))
        names = people | {team for team, members in self.teams.items() if not people.isdisjoint(members)}
        names |= {name for name, rota in self.rotas.items() if not names.isdisjoint(rota.names())}
        theirs = [each for each in self.policies if any(not names.isdisjoint(step.to) for step in each.steps)]
        return frozenset(home for home in homes if any(policy.is_for(home) for policy in theirs))

    def residents(self, home: str) -> tuple[Contact, ...]:
        """Those of the home who can be asked."""
        return tuple(contact for contact in self.contacts if contact.home == home)

    @property
    def has_policies(self) -> bool:
        """Whether somebody has said who follows whom."""
        return self.policies != policies_of(self.contacts)

    def unheard(self) -> list[Audience]:
        """The audiences whose alerts go to nobody, whatever the home and the hour."""
        return [each for each in Audience if not any(each in policy.audiences for policy in self.policies)]

    def _members(self, name: str, at: float) -> Iterator[str]:
        rota = self.rotas.get(name)
        on_call = name if rota is None else rota.on_call(at)
        if on_call is not None:
            yield from self.teams.get(on_call, (on_call,))
