"""The web site, put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from sensor_hub.alerts.plan import Plan
from sensor_hub.web.answer_page import LinkDoor, answer_pages
from sensor_hub.web.api import api
from sensor_hub.web.calendar_feed import CalendarDoor, Calendars, calendar_feed
from sensor_hub.web.contact_page import HubContacts, contact_routes
from sensor_hub.web.desk import Desk
from sensor_hub.web.door_ports import HubJoins, HubLinks
from sensor_hub.web.duty_page import duty_pages
from sensor_hub.web.gate import Gate
from sensor_hub.web.health import health
from sensor_hub.web.home_pages import home_pages
from sensor_hub.web.join import join_routes
from sensor_hub.web.metrics import Numbers, metrics
from sensor_hub.web.pages import pages
from sensor_hub.web.ports import HubActs, HubReads
from sensor_hub.web.problems import add_problems
from sensor_hub.web.review_page import Reviews, review_pages
from sensor_hub.web.session import Password, Sessions, Throttle
from sensor_hub.web.sign_in import sign_in_pages
from sensor_hub.web.silence_pages import silence_api, silence_pages
from sensor_hub.web.silences import Silencing
from sensor_hub.web.stays_api import stays_api
from sensor_hub.web.wording import ago_words, place_words, utc_words

HERE = Path(__file__).parent


def build_site(
    reads: HubReads,
    acts: HubActs,
    *,
    password_hash: str,
    secret: str,
    url: str,
    simulated: bool,
    now: Callable[[], float],
    joins: HubJoins | None = None,
    links: HubLinks | None = None,
    plan: Plan | None = None,
    calendars: Calendars | None = None,
    callbacks: APIRouter | None = None,
    reviews: Reviews | None = None,
    numbers: Numbers | None = None,
    contacts: HubContacts | None = None,
    silencing: Silencing | None = None,
) -> FastAPI:
    """The pages and the API. `password_hash` is argon2's; `secret` signs sessions; `url` is where people reach it.

    `now` is the hub's clock, simulated or not; sessions always last in real time. Without `joins` no gateway can join,
    without `links` nobody answers by one, without `calendars` nobody follows theirs, without `reviews` no page tells
    of the last days, without `silencing` nothing is silenced, without `numbers` `/metrics` tells only what pages show,
    without `contacts` nobody tests theirs. `plan`: who people are, and who is on call. `callbacks`: where services tell
    what became of messages.
    """
    site = FastAPI(
        title="Sensor hub",
        version="1",
        description="Alerts and homes. Send the hub's password by HTTP Basic, with your name as the user.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    site.state.desk = Desk(reads, acts, now, simulated, _templates(), plan or Plan((), ()))
    sessions, password = Sessions(secret, password_hash), Password(password_hash, Throttle())
    add_problems(site)
    site.add_middleware(Gate, sessions=sessions, password=password, url=url)
    site.include_router(health)
    site.state.numbers = numbers
    site.include_router(metrics)
    site.include_router(sign_in_pages(sessions, password, is_secure=url.startswith("https:")))
    site.include_router(pages)
    site.include_router(duty_pages)
    site.include_router(home_pages)
    site.include_router(api)
    site.include_router(stays_api)
    if joins is not None:
        site.include_router(join_routes(joins, Throttle()))
    if links is not None:
        site.state.link_door = LinkDoor(links, Throttle())
        site.include_router(answer_pages)
    if silencing is not None:
        site.state.silencing = silencing
        site.include_router(silence_pages)
        site.include_router(silence_api)
    if reviews is not None:
        site.state.reviews = reviews
        site.include_router(review_pages)
    if calendars is not None:
        site.state.calendar_door = CalendarDoor(calendars, Throttle())
        site.include_router(calendar_feed)
    if contacts is not None:
        site.include_router(contact_routes(contacts, Throttle()))
    if callbacks is not None:
        site.include_router(callbacks)
    site.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
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
