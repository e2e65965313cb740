"""What a site can offer beyond alerts and homes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI

from sensor_hub.web.answer_page import LinkDoor, answer_pages
from sensor_hub.web.calendar_feed import CalendarDoor, Calendars, calendar_feed
from sensor_hub.web.chronology_page import HubChronology, chronology_api, chronology_pages
from sensor_hub.web.consent_api import consent_api, person_api
from sensor_hub.web.consent_page import consent_pages
from sensor_hub.web.consent_ports import HubConsents, HubPersons
from sensor_hub.web.contact_api import contact_api
from sensor_hub.web.contact_page import ContactDoor, HubContacts, contact_pages
from sensor_hub.web.coverage_api import Sights
from sensor_hub.web.door_ports import HubJoins, HubLinks
from sensor_hub.web.event_api import EventDoor, event_api
from sensor_hub.web.event_ports import HubChanges
from sensor_hub.web.figures import figure_api, figure_pages
from sensor_hub.web.gateway_pages import gateway_pages
from sensor_hub.web.gateway_ports import HubGateways
from sensor_hub.web.gateways_api import gateways_api
from sensor_hub.web.join import join_routes
from sensor_hub.web.metrics import Numbers, metrics
from sensor_hub.web.people_ports import HubPeople
from sensor_hub.web.review_api import review_api
from sensor_hub.web.review_page import Reviews, review_pages
from sensor_hub.web.rota_api import stand_in_api
from sensor_hub.web.session import Throttle
from sensor_hub.web.silence_pages import silence_api, silence_pages
from sensor_hub.web.silences import Silencing
from sensor_hub.web.stand_in_pages import stand_in_pages
from sensor_hub.web.standing_in import StandingIn


@dataclass(frozen=True, slots=True)
class Doors:
    """What the site offers beyond alerts and homes, each only where it is given."""

    joins: HubJoins | None = None
    """Lets gateways in."""
    gateways: HubGateways | None = None
    """Codes, passwords and settings of gateways."""
    links: HubLinks | None = None
    """Answers by the link in a notice."""
    calendars: Calendars | None = None
    """Follows a contact's shifts."""
    reviews: Reviews | None = None
    """What became of the alerts of the last days."""
    contacts: HubContacts | None = None
    """Tries whether notices reach people."""
    silencing: Silencing | None = None
    numbers: Numbers | None = None
    """Without them `/metrics` tells only what pages show."""
    is_full: Callable[[], bool] | None = None
    """Whether the hub stands still for want of room on the disk."""
    people: HubPeople | None = None
    """Residents' records and response cards; without them their pages are not there."""
    changes: HubChanges | None = None
    """What changes, as it does."""
    chronology: HubChronology | None = None
    """Who saw and did what."""
    callbacks: APIRouter | None = None
    """Where services tell what became of messages."""
    sights: Sights | None = None
    """Since when homes cannot be seen."""
    standing_in: StandingIn | None = None
    """Who stands in on rotas; without it rotas are what the settings say."""
    consents: HubConsents | None = None
    persons: HubPersons | None = None
    """Only together with `consents`."""

    def open_on(self, site: FastAPI) -> None:
        site.state.numbers = self.numbers
        site.state.is_full = self.is_full
        site.state.people = self.people
        site.state.sights = self.sights
        site.state.standing_in = self.standing_in
        if self.standing_in is not None:
            site.include_router(stand_in_api)
            site.include_router(stand_in_pages)
        site.include_router(metrics)
        if self.joins is not None:
            site.include_router(join_routes(self.joins, Throttle()))
        if self.gateways is not None:
            site.state.gateways = self.gateways
            site.include_router(gateways_api)
            site.include_router(gateway_pages)
        if self.links is not None:
            site.state.link_door = LinkDoor(self.links, Throttle())
            site.include_router(answer_pages)
        if self.silencing is not None:
            site.state.silencing = self.silencing
            site.include_router(silence_pages)
            site.include_router(silence_api)
        if self.reviews is not None:
            site.state.reviews = self.reviews
            site.include_router(review_pages)
            site.include_router(review_api)
            site.include_router(figure_pages)
            site.include_router(figure_api)
        if self.calendars is not None:
            site.state.calendar_door = CalendarDoor(self.calendars, Throttle())
            site.include_router(calendar_feed)
        if self.contacts is not None:
            site.state.contact_door = ContactDoor(self.contacts, Throttle())
            site.include_router(contact_api)
            site.include_router(contact_pages)
        site.state.event_door = None if self.changes is None else EventDoor(self.changes)
        if self.changes is not None:
            site.include_router(event_api)
        if self.chronology is not None:
            site.state.chronology = self.chronology
            site.include_router(chronology_pages)
            site.include_router(chronology_api)
        if self.callbacks is not None:
            site.include_router(self.callbacks)
        if self.consents is not None and self.persons is not None:
            site.state.consents, site.state.persons = self.consents, self.persons
            for router in (consent_pages, consent_api, person_api):
                site.include_router(router)
