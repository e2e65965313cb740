"""The pages that the head of every page links to, each for whoever may see it."""

from __future__ import annotations

from typing import NamedTuple

from sensor_hub.access.action import Action
from sensor_hub.access.principal import Principal


class Entry(NamedTuple):
    path: str
    title: str
    action: Action


NAVIGATION = (
    Entry("/", "Alerts", Action.SEE_ALERTS),
    Entry("/homes", "Homes", Action.SEE_HOMES),
    Entry("/gateways", "Gateways", Action.ADD_GATEWAYS),
    Entry("/silences", "Silences", Action.SEE_SILENCES),
    Entry("/shift", "On call", Action.SEE_ROTAS),
    Entry("/contacts", "Contacts", Action.SEE_CONTACTS),
    Entry("/accounts", "Accounts", Action.MANAGE_FAMILY_ACCOUNTS),
    Entry("/figures", "Figures", Action.SEE_FIGURES),
    Entry("/chronology", "Chronology", Action.SEE_CHRONOLOGY),
)


def navigation(who: Principal) -> list[Entry]:
    return [entry for entry in NAVIGATION if who.may(entry.action)]
