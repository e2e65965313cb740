"""The part of `hub.toml` that says where the pages are and who may speak for their visitors: `[web]`."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

from sensor_hub.config.secret import read_secret
from sensor_hub.model.table import Table

WEB_PORT = 8080
LINK_HOURS = 72.0
REQUESTS_A_MINUTE = 600
ANYBODY = "*"


@dataclass(frozen=True, slots=True)
class WebSettings:
    host: str
    port: int
    password: str | None = field(repr=False)
    """None: one is made."""
    link_hours: float = LINK_HOURS
    """For how long the link in a notice can be used."""
    requests_a_minute: int = REQUESTS_A_MINUTE
    """Of the API, of each who asks."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks whose word is taken for who asks, and whether by https."""

    @property
    def trusts_anybody(self) -> bool:
        return any(each == ANYBODY or ip_network(each).prefixlen == 0 for each in self.trusted_proxies)


def read_web(table: Table, folder: Path) -> WebSettings:
    """InputError where an address of a proxy is none."""
    settings = WebSettings(
        host=table.text("host", "127.0.0.1"),
        port=table.whole("port", WEB_PORT, low=1, high=65535),
        password=read_secret(table, "password", folder),
        link_hours=table.number("link_hours", LINK_HOURS, low=0.1, high=720),
        requests_a_minute=table.whole("requests_a_minute", REQUESTS_A_MINUTE, low=1, high=10**9),
        trusted_proxies=table.texts("trusted_proxies", ()),
    )
    table.done()
    if not all(each == ANYBODY or _is_network(each) for each in settings.trusted_proxies):
        raise table.wrong("trusted_proxies", 'addresses or networks, such as ["127.0.0.1", "10.0.0.0/24"]')
    return settings


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True
