"""The web site, put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from sensor_hub.alerts.plan import Plan
from sensor_hub.web.account_credentials import AccountCredentials
from sensor_hub.web.account_doors import AccountDoors
from sensor_hub.web.account_routes import open_accounts
from sensor_hub.web.api import api
from sensor_hub.web.bounds import OneTenant, Tenancy
from sensor_hub.web.card_page import card_pages
from sensor_hub.web.coverage_api import coverage_api
from sensor_hub.web.credentials import Credentials, SharedPassword
from sensor_hub.web.description import ABOUT, Site, description
from sensor_hub.web.desk import Desk
from sensor_hub.web.device_pages import device_pages
from sensor_hub.web.devices_api import devices_api
from sensor_hub.web.doors import Doors
from sensor_hub.web.duty_page import duty_pages
from sensor_hub.web.gate import Gate
from sensor_hub.web.health import health
from sensor_hub.web.home_pages import home_pages
from sensor_hub.web.needs import undeclared
from sensor_hub.web.pages import pages
from sensor_hub.web.people_api import people_api
from sensor_hub.web.policy_api import policy_api
from sensor_hub.web.ports import HubActs, HubReads
from sensor_hub.web.problems import add_problems
from sensor_hub.web.quota import Quota
from sensor_hub.web.readings_api import readings_api
from sensor_hub.web.refusals import Refusals, Unheard
from sensor_hub.web.repeat_ports import Repeats
from sensor_hub.web.repeats import OnceOnly
from sensor_hub.web.resident_pages import resident_pages
from sensor_hub.web.rota_api import rota_api
from sensor_hub.web.session import SESSION_SECONDS, Password, Sessions, Throttle
from sensor_hub.web.session_cookie import SessionCookie
from sensor_hub.web.shift_api import shift_api
from sensor_hub.web.sign_in import SignInDesk, sign_in_pages
from sensor_hub.web.stays_api import stays_apis
from sensor_hub.web.unchanged import Unchanged
from sensor_hub.web.witness import Views, Witness
from sensor_hub.web.wording import ago_words, place_words, utc_words

HERE = Path(__file__).parent
PAGES = (pages, duty_pages, card_pages, resident_pages, home_pages, device_pages)
ROUTERS = (
    *PAGES,
    api,
    devices_api,
    readings_api,
    people_api,
    coverage_api,
    rota_api,
    shift_api,
    policy_api,
    *stays_apis,
    description,
)
"""What every site has behind the login."""


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
    quota: Quota | None = None,
    repeats: Repeats | None = None,
) -> FastAPI:
    """The pages and the API. `password_hash` is argon2's; `secret` signs sessions; `url` is where people reach it.

    `now` is the hub's clock, simulated or not; sessions always last in real time. `plan`: who people are, and who is on
    call. `accounts`: who people are, beyond the one password; `credentials`: in the place of both. `tenancy`: whose the
    homes are; None: all one tenant's. `views`: where it is noted who saw what of a home. `quota`: how often
    each may ask the API. `repeats`: where answers are kept for what comes again. A route that does not say what it
    needs is a RuntimeError.
    """
    site = _bare_site()
    site.state.desk = Desk(reads, acts, now, simulated, _templates(), plan or Plan((), ()))
    site.state.tenancy = tenancy or OneTenant(lambda: [row.home.id for row in reads.homes()])
    site.state.refusals = refusals or Unheard()
    shared = SharedPassword(Sessions(secret, password_hash), Password(password_hash, Throttle()))
    add_problems(site)
    site.add_middleware(Unchanged)
    if views is not None:
        site.add_middleware(Witness, views=views)
    if repeats is not None:
        site.add_middleware(OnceOnly, repeats=repeats)
    # The last one added is the first that is asked.
    cookie = SessionCookie(url.startswith("https:"), SESSION_SECONDS if accounts is None else accounts.session_lasts)
    if accounts is not None:
        credentials = credentials or AccountCredentials(accounts.sign_ins, shared)
        open_accounts(site, accounts, cookie, secret=secret, url=url)
    refused, allowed = site.state.refusals, quota or Quota()
    site.state.credentials = credentials or shared
    site.add_middleware(Gate, credentials=site.state.credentials, refusals=refused, quota=allowed, url=url)
    site.state.sign_in_desk = SignInDesk(shared, accounts, cookie)
    _open(site, doors or Doors())
    return site


def _open(site: FastAPI, doors: Doors) -> None:
    for router in (health, sign_in_pages, *ROUTERS):
        site.include_router(router)
    doors.open_on(site)
    site.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    if bare := list(undeclared(site)):
        raise RuntimeError(f"nothing says who may ask for {', '.join(bare)}")


def _bare_site() -> FastAPI:
    """Its description is a page like others (`description`)."""
    return Site(
        title="Sensor hub",
        version="1",
        description=ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )


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
