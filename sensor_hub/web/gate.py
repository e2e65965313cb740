"""The gate before every page: nobody unknown passes, and every answer carries the security headers."""

from __future__ import annotations

from functools import partial
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sensor_hub.access.action import Action
from sensor_hub.access.principal import Principal, principal
from sensor_hub.access.role import Role
from sensor_hub.alerts.link import PATH
from sensor_hub.alerts.own_notice import CONFIRM
from sensor_hub.web.account_paths import CODE, FORGOTTEN, PASSWORD_LINK, PROVIDER, PROVIDER_BACK, SET_UP
from sensor_hub.web.calendar_feed import PATH as CALENDARS
from sensor_hub.web.callbacks import FOLDERS
from sensor_hub.web.credentials import Credentials
from sensor_hub.web.headers import HEADERS
from sensor_hub.web.no_nul import REFUSED, has_nul, without_nul
from sensor_hub.web.problems import is_for_programs, problem
from sensor_hub.web.quota import Quota
from sensor_hub.web.refusals import Refusals, Refused, Why
from sensor_hub.web.session import CrowdedError, Session
from sensor_hub.web.session_cookie import SessionCookie

OPEN_PATHS = ("/login", CODE, SET_UP, PROVIDER, PROVIDER_BACK, FORGOTTEN, "/healthz", "/readyz", "/api/v1/join")
OPEN_FOLDERS = (*FOLDERS, CONFIRM, PASSWORD_LINK, "/static", PATH, CALENDARS)
METRICS, EVENTS = "/metrics", "/api/v1/events"
SCRAPER = principal("loopback", "", Role.INTEGRATION, tenant=None, scopes=[Action.SEE_METRICS])
"""Whoever asks for the hub's numbers from its own machine. Only where people reach the pages there too: behind a proxy
everybody comes from the loopback."""
REFUSING = frozenset({401, 403, 404, 429})
"""Answers of doors that let in by a secret of their own, where it was not the right one."""
MOST_BYTES = 64 * 1024
"""Of a request's body."""


def is_open(path: str) -> bool:
    """Whether anybody may ask: for nothing of any home, or with a secret of the path's own."""
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDERS)


class Gate:
    """Lets a request through with a session in `request.state.session` and its principal in `request.state.principal`,
    or answers it.

    People have a cookie; programs of the API send an Authorization header with each request.
    """

    def __init__(self, app: ASGIApp, *, credentials: Credentials, refusals: Refusals, quota: Quota, url: str) -> None:
        self._app = app
        self._credentials = credentials
        self._refusals = refusals
        self._quota = quota
        self._origin = _origin(url)
        self._cookie = SessionCookie(url.startswith("https:"))
        self._is_local = is_loopback(urlsplit(url).hostname or "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] in REFUSING and is_open(scope["path"]):
                    self._door_stayed_shut(scope)
                elif message["status"] == 404:
                    self._not_there(scope)
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                kept = "max-age=300" if scope["path"].startswith("/static/") else "no-store"
                headers["Cache-Control"] = kept
            await send(message)

        connection = HTTPConnection(scope)
        answer = self._refuse(connection, scope["method"]) or await self._admit(connection)
        if is_for_programs(scope["path"]):
            answer = self._hold_up(connection) or answer
        await (answer or self._app)(scope, without_nul(receive), send_guarded)

    def _refuse(self, connection: HTTPConnection, method: str) -> Response | None:
        """An answer to what is wrong whoever asks: a NUL, a form of another site, a body without end."""
        if has_nul(connection.scope):
            return problem(400, "Not an address", REFUSED)
        if method in {"GET", "HEAD"}:
            return None
        origin = connection.headers.get("origin")
        if origin is not None and origin not in {self._origin, f"{connection.url.scheme}://{connection.url.netloc}"}:
            return problem(403, "Sent from another site", "Open the page of this hub itself and try again.")
        # Without either header there is no body (RFC 9112, 6.3): so programs send a DELETE.
        length = connection.headers.get("content-length", "" if "transfer-encoding" in connection.headers else "0")
        if not length.isdecimal():
            return problem(411, "Length required", "A request says how long its body is.")
        if int(length) > MOST_BYTES:
            return problem(413, "Too long", f"A request's body holds at most {MOST_BYTES} bytes.")
        return None

    def _hold_up(self, connection: HTTPConnection) -> Response | None:
        """An answer to whoever asks too often: by who they are, or by their address where that is not known."""
        who: Principal | None = connection.scope.get("state", {}).get("principal")
        wait = self._quota.take(who.id if who is not None else connection.client.host if connection.client else "")
        if not wait:
            return None
        held = problem(429, "Too many requests", f"Ask again in {wait} s.")
        held.headers["Retry-After"] = str(wait)
        return held

    async def _admit(self, connection: HTTPConnection) -> Response | None:
        """None when the request may pass."""
        path = connection.url.path
        # Whoever sends a header means it: one that is wrong is refused, whatever cookie comes with it.
        has_header = "authorization" in connection.headers and is_for_programs(path) and not is_open(path)
        cookie = "" if has_header else self._cookie.of(connection)
        # An open page comes back to events by itself, which is no sign that anybody sits before it.
        known = self._credentials.of_cookie if path != EVENTS else partial(self._credentials.still, header="")
        session = await known(cookie) if cookie else None
        if session is not None and session.is_program and not is_for_programs(path):
            session = None
        _put(connection, session)
        if session is not None or is_open(path):
            return None
        address = connection.client.host if connection.client else ""
        if path == METRICS and self._is_local and is_loopback(address):
            _put(connection, Session(SCRAPER))
            return None
        if is_for_programs(path):
            return await self._admit_program(connection, address)
        if cookie:
            self._refused(connection, address)
        wanted = path + (f"?{connection.url.query}" if connection.url.query else "")
        return RedirectResponse(f"/login?next={quote(wanted, safe='')}", status_code=303)

    async def _admit_program(self, connection: HTTPConnection, address: str) -> Response | None:
        try:
            session = await self._credentials.of_header(connection.headers.get("authorization", ""), address)
        except CrowdedError:
            return problem(429, "Too many attempts", "Wait a minute and try again.")
        if session is not None:
            _put(connection, session)
            return None
        self._refused(connection, address)
        challenge = self._credentials.challenge
        refused = problem(401, "Sign in first", challenge.detail)
        refused.headers["WWW-Authenticate"] = challenge.scheme
        return refused

    def _door_stayed_shut(self, scope: Scope) -> None:
        """A wrong password, code, link or token: never with the path, which may hold it."""
        route = getattr(scope.get("route"), "path", "")
        if route and scope.get("state", {}).get("principal") is None:
            address = scope["client"][0] if scope.get("client") else ""
            self._refusals.tell(Refused(None, f"{scope['method']} {route}", route, Why.UNKNOWN, address))

    def _not_there(self, scope: Scope) -> None:
        """A thing that somebody named and that is not there for them, where its page has not told so itself."""
        state, route = scope.get("state", {}), getattr(scope.get("route"), "path", "")
        who: Principal | None = state.get("principal")
        if who is not None and "{" in route and not state.get("is_refused"):
            address = scope["client"][0] if scope.get("client") else ""
            what = f"{scope['method']} {route}"
            self._refusals.tell(Refused(who, what, scope["path"], Why.NOT_THEIRS, address))

    def _refused(self, connection: HTTPConnection, address: str) -> None:
        path = connection.url.path
        self._refusals.tell(Refused(None, f"{connection.scope['method']} {path}", path, Why.UNKNOWN, address))


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _put(connection: HTTPConnection, session: Session | None) -> None:
    state = connection.scope.setdefault("state", {})
    state["session"] = session
    state["principal"] = None if session is None else session.principal


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
