"""The link in a notice by which its reader answers without a login. Pure.

It names a notice, which is one step about one alert to one person, and the moment from which it is void; the rest is an
HMAC (RFC 2104, SHA-256, its first 128 bits) by a key that only the hub has. It is signed when the notice is sent, so
that nothing that is stored of a notice lets anybody in.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

PATH = "/answer/"
UNSIGNED = "{signature}"
"""Stands in the stored text of a notice where its signature goes."""
MAC_LETTERS = 32
BY_LINK = " (by link)"
"""Stands behind the contact who answered this way."""


@dataclass(frozen=True, slots=True)
class Link:
    """`reference` is the notice's; void from the real moment `expires` on."""

    reference: str
    expires: int


def sign(link: Link, key: str) -> str:
    """The link's own part of its address: letters, digits and two dots, so that no mail program cuts it short."""
    return f"{link.reference}.{link.expires:x}.{_mac(link.reference, f'{link.expires:x}', key)}"


def read_link(text: str, key: str) -> Link | None:
    """The link that `text` was signed for; None where no hub with this key has signed it."""
    reference, _, rest = text.partition(".")
    expires, _, mac = rest.partition(".")
    if not hmac.compare_digest(_mac(reference, expires, key).encode(), mac.encode()):
        return None
    return Link(reference, int(expires, 16))


def _mac(reference: str, expires: str, key: str) -> str:
    signed = f"sensor-hub answer\n{reference}\n{expires}"
    return hmac.new(key.encode(), signed.encode(), hashlib.sha256).hexdigest()[:MAC_LETTERS]
