"""The web site, put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from sensor_hub.alerts.plan import Plan
from sensor_hub.web.account_credentials import AccountCredentials
from sensor_hub.web.account_doors import AccountDoors
from sensor_hub.web.account_routes import open_accounts
from sensor_hub.web.answer_page import LinkDoor, answer_pages
from sensor_hub.web.api import api
from sensor_hub.web.bounds import OneTenant, Tenancy
from sensor_hub.web.calendar_feed import CalendarDoor, Calendars, calendar_feed
from sensor_hub.web.card_page import card_pages
from sensor_hub.web.chronology_page import HubChronology, chronology_api, chronology_pages
from sensor_hub.web.consent_api import consent_api, person_api
from sensor_hub.web.consent_page import consent_pages
from sensor_hub.web.consent_ports import HubConsents, HubPersons
from sensor_hub.web.contact_page import HubContacts, contact_routes
from sensor_hub.web.credentials import Credentials, SharedPassword
from sensor_hub.web.description import description
from sensor_hub.web.desk import Desk
from sensor_hub.web.door_ports import HubJoins, HubLinks
from sensor_hub.web.duty_page import duty_pages
from sensor_hub.web.figures import figure_api, figure_pages
from sensor_hub.web.gate import Gate
from sensor_hub.web.health import health
from sensor_hub.web.home_pages import home_pages
from sensor_hub.web.join import join_routes
from sensor_hub.web.metrics import Numbers, metrics
from sensor_hub.web.needs import undeclared
from sensor_hub.web.pages import pages
from sensor_hub.web.people_api import people_api
from sensor_hub.web.people_ports import HubPeople
from sensor_hub.web.ports import HubActs, HubReads
from sensor_hub.web.problems import add_problems
from sensor_hub.web.readings_api import readings_api
from sensor_hub.web.refusals import Refusals, Unheard
from sensor_hub.web.resident_pages import resident_pages
from sensor_hub.web.review_page import Reviews, review_pages
from sensor_hub.web.session import SESSION_SECONDS, Password, Sessions, Throttle
from sensor_hub.web.session_cookie import SessionCookie
from sensor_hub.web.sign_in import SignInDesk, sign_in_pages
from sensor_hub.web.silence_pages import silence_api, silence_pages
from sensor_hub.web.silences import Silencing
from sensor_hub.web.stays_api import stays_api
from sensor_hub.web.witness import Views, Witness
from sensor_hub.web.wording import ago_words, place_words, utc_words

HERE = Path(__file__).parent
PAGES = (pages, duty_pages, card_pages, resident_pages, home_pages)
ROUTERS = (*PAGES, api, readings_api, people_api, stays_api, description)
"""What every site has behind the login."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What the site offers beyond alerts and homes, each only where it is given."""

    joins: HubJoins | None = None
    """Lets gateways in."""
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
    is_full: Callable[[], bool] | None = None
    """Whether the hub stands still for want of room on the disk."""
    """Without them `/metrics` tells only what pages show."""
    people: HubPeople | None = None
    """Residents' records and response cards; without them their pages are not there."""
    chronology: HubChronology | None = None
    """Who saw and did what."""
    callbacks: APIRouter | None = None
    """Where services tell what became of messages."""
    consents: HubConsents | None = None
    persons: HubPersons | None = None
    """Only together with `consents`."""

    def open_on(self, site: FastAPI) -> None:
        site.state.numbers = self.numbers
        site.state.is_full = self.is_full
        site.state.people = self.people
        site.include_router(metrics)
        if self.joins is not None:
            site.include_router(join_routes(self.joins, Throttle()))
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
            site.include_router(figure_pages)
            site.include_router(figure_api)
        if self.calendars is not None:
            site.state.calendar_door = CalendarDoor(self.calendars, Throttle())
            site.include_router(calendar_feed)
        if self.contacts is not None:
            site.include_router(contact_routes(self.contacts, Throttle()))
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


def build_site(
    reads: HubReads,
    acts: HubActs,
    *,
    password_hash: str,
    secret: str,
    url: str,
    simulated: bool,
    now: Callable[[], float],
    plan: Plan | None = None,
    doors: Doors | None = None,
    credentials: Credentials | None = None,
    accounts: AccountDoors | None = None,
    tenancy: Tenancy | None = None,
    refusals: Refusals | None = None,
    views: Views | None = None,
) -> FastAPI:
    """The pages and the API. `password_hash` is argon2's; `secret` signs sessions; `url` is where people reach it.

    `now` is the hub's clock, simulated or not; sessions always last in real time. `plan`: who people are, and who is on
    call. `accounts`: who people are, beyond the one password; `credentials`: in
    the place of both. `tenancy`: whose the homes are; None: all one
    tenant's. `views`: where it is noted who saw what of a home. A route that does not say what it needs is a
    RuntimeError.
    """
    site = FastAPI(
        title="Sensor hub",
        version="1",
        description="Alerts and homes. Send the hub's password by HTTP Basic, with your name as the user.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    site.state.desk = Desk(reads, acts, now, simulated, _templates(), plan or Plan((), ()))
    site.state.tenancy = tenancy or OneTenant(lambda: [row.home.id for row in reads.homes()])
    site.state.refusals = refusals or Unheard()
    shared = SharedPassword(Sessions(secret, password_hash), Password(password_hash, Throttle()))
    add_problems(site)
    if views is not None:
        site.add_middleware(Witness, views=views)
    # The last one added is the first that is asked.
    cookie = SessionCookie(url.startswith("https:"), SESSION_SECONDS if accounts is None else accounts.session_lasts)
    if accounts is not None:
        credentials = credentials or AccountCredentials(accounts.sign_ins, shared)
        open_accounts(site, accounts, cookie, secret=secret, url=url)
    site.add_middleware(Gate, credentials=credentials or shared, refusals=site.state.refusals, url=url)
    site.state.sign_in_desk = SignInDesk(shared, accounts, cookie)
    for router in (health, sign_in_pages, *ROUTERS):
        site.include_router(router)
    (doors or Doors()).open_on(site)
    site.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    if bare := list(undeclared(site)):
        raise RuntimeError(f"nothing says who may ask for {', '.join(bare)}")
    return site


def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["ago"] = ago_words
    templates.filters["utc"] = utc_words
    templates.filters["place"] = place_words
    return templates
