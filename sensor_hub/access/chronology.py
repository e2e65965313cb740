"""The chronology: who saw and did what. Each entry is bound to the one before it by a hash, in one chain a tenant.

The bytes of an entry are the JSON array `[at_ms, tenant, who, role, act, home, about, detail, salt]` of a number and
eight texts, as RFC 8785 writes it: UTF-8, no spaces, and in texts only `"`, `\\` and what is below U+0020 escaped. The
salt is 32 hexadecimal digits, random, so that nobody who is shown only an entry's digest can guess the entry. Then

    digest = SHA-256(bytes)
    hash   = SHA-256(hash of the entry before + digest)

and before the first entry stands `BEGINNING`, 32 zero bytes. So a chain can be checked by who has of some entries only
the digest: those about other homes than the one that an inspector asks for.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, Protocol

BEGINNING = bytes(32)
SALT_BYTES = 16
FIELDS = ("at_ms", "tenant", "who", "role", "act", "home", "about", "detail")
LONGEST = {"tenant": 64, "who": 120, "role": 40, "act": 40, "home": 64, "about": 200, "detail": 1000}
"""Characters of each text; what is longer is cut."""


class Act(StrEnum):
    """What can be seen or done. The entry's `about` and `detail` are said behind each."""

    SAW = "saw"
    """The alert, where it is about one; what: see `View`."""
    REFUSED = "refused"
    """The path, without a query; why, from where and how often within the minute."""
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    ACCOUNT_CHANGED = "account_changed"
    """Whose; what."""
    TOKEN_CHANGED = "token_changed"
    ACKNOWLEDGED = "acknowledged"
    """The alert."""
    PASSED_ON = "passed_on"
    CLOSED = "closed"
    """The alert; its outcome."""
    ANSWERED = "answered"
    """The notice; by which way and what."""
    SILENCED = "silenced"
    """The silence; of what, and until when."""
    UNSILENCED = "unsilenced"
    PLACED = "placed"
    """The device; its room."""
    DEVICE_REPLACED = "device_replaced"
    """The device that is gone; by which."""
    DEVICE_TAKEN_AWAY = "device_taken_away"
    STAY_TOLD = "stay_told"
    """`absence` or `visit`; from when to when."""
    OUTCOMES_FORGOTTEN = "outcomes_forgotten"
    """The kind of alerts."""
    CONTACT_TESTED = "contact_tested"
    """The contact; the channel's number, the notice's reference."""
    CONTACT_CONFIRMED = "contact_confirmed"
    CALENDAR_RENEWED = "calendar_renewed"
    CALENDAR_REVOKED = "calendar_revoked"
    """The contact."""
    STAND_IN_SET = "stand_in_set"
    """The rota; the stand-in, who it is, and from when to when."""
    STAND_IN_ENDED = "stand_in_ended"
    LINKS_VOIDED = "links_voided"
    GATEWAY_CODE_MADE = "gateway_code_made"
    GATEWAY_JOINED = "gateway_joined"
    GATEWAY_CODE_WITHDRAWN = "gateway_code_withdrawn"
    GATEWAY_REMOVED = "gateway_removed"
    GATEWAY_ROTATED = "gateway_rotated"
    """What became of its new password."""
    GATEWAY_SET = "gateway_set"
    """The version of its settings; their keys."""
    SETTINGS_CHANGED = "settings_changed"
    CARD_CHANGED = "card_changed"
    PERSON_CHANGED = "person_changed"
    CONSENT_CHANGED = "consent_changed"
    ERASED = "erased"
    KEY_CHANGED = "key_changed"
    EXPORTED = "exported"
    """What; from when to when."""
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    CUT = "cut"
    """The number of the last entry that retention took away; the hash of that entry. The chain begins behind it."""


class View(StrEnum):
    """What somebody saw of a home."""

    ALERTS = "alerts"
    ALERT = "alert"
    HOMES = "homes"
    HOME = "home"
    CHART = "chart"
    READINGS = "readings"
    LEDGER = "ledger"
    STAYS = "stays"
    SILENCES = "silences"
    REVIEW = "review"
    PEOPLE = "people"
    CARD = "card"
    CONSENTS = "consents"
    PERSON = "person"
    """All that is held on one person."""
    CHRONOLOGY = "chronology"
    EVENTS = "events"
    """What changes, as it does."""


@dataclass(frozen=True, slots=True)
class ChronologyEntry:
    """One thing that somebody saw or did. Texts are empty where there is nothing to say; names of residents have no
    place here."""

    at: float
    """By the hub's clock."""
    tenant: str
    """Whose chain it belongs to; empty: the hub's own."""
    who: str
    role: str
    act: str
    """One of `Act`."""
    home: str = ""
    about: str = ""
    detail: str = ""


class Row(NamedTuple):
    """An entry as it is kept. `fields` are those of `FIELDS`, exactly as they were found."""

    number: int
    """1 for a chain's first."""
    fields: tuple[object, ...]
    salt: bytes
    hash: bytes

    @property
    def act(self) -> object:
        return self.fields[4]

    @property
    def about(self) -> object:
        return self.fields[6]

    @property
    def detail(self) -> object:
        return self.fields[7]


class Chronicler(Protocol):
    """Where entries are written."""

    def write(self, entry: ChronologyEntry) -> None:
        """Appends it to its tenant's chain, as a part of this thread's transaction where there is one.

        What the store raises is raised: what cannot be written must not happen.
        """


def tidy(entry: ChronologyEntry) -> ChronologyEntry:
    """The entry as every database takes it: texts of bounded length, without NUL and what is no character."""
    texts = {name: _tidy(getattr(entry, name), most) for name, most in LONGEST.items()}
    return replace(entry, at=round(entry.at * 1000) / 1000, **texts)


def fields_of(entry: ChronologyEntry) -> tuple[object, ...]:
    """What is hashed of a tidy entry."""
    return (round(entry.at * 1000), *(getattr(entry, name) for name in FIELDS[1:]))


def entry_of(row: Row) -> ChronologyEntry:
    """For reading; a row that somebody tampered with may hold anything."""
    at_ms, *texts = row.fields
    at = at_ms / 1000 if isinstance(at_ms, (int, float)) else 0.0
    return ChronologyEntry(at, *(each if isinstance(each, str) else repr(each) for each in texts))


def digest_of(fields: tuple[object, ...], salt: bytes) -> bytes:
    """Empty for what no entry can hold."""
    at_ms, *texts = fields
    if type(at_ms) is not int or not isinstance(salt, bytes) or not all(isinstance(each, str) for each in texts):
        return b""
    text = json.dumps([at_ms, *texts, salt.hex()], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def link(before: bytes, digest: bytes) -> bytes:
    """The hash of the entry with this digest behind the one with the hash `before`."""
    return hashlib.sha256(before + digest).digest()


def follows(before: bytes, row: Row) -> bool:
    """Whether the row is what was written behind the entry with the hash `before`."""
    digest = digest_of(row.fields, row.salt)
    return digest != b"" and link(before, digest) == row.hash


def bind(entry: ChronologyEntry, number: int, before: bytes) -> Row:
    """The row of a new entry behind the one with the hash `before`."""
    fields, salt = fields_of(tidy(entry)), secrets.token_bytes(SALT_BYTES)
    return Row(number, fields, salt, link(before, digest_of(fields, salt)))


def _tidy(text: str, most: int) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:most]
