"""Personal data as the database keeps them: sealed with a key that lies outside it.

AES-256-GCM, with the place of each value (table, row, column) as associated data. Fernet has none: its token would open
wherever somebody with the database moved it, so that one home's key safe could be shown as another's. What is not
prevented: that an older token of the same place is put back.

A token: version, id of the key, nonce, then the sealed text and its tag. The nonce is random, which is safe for 2^32
values under one key (NIST SP 800-38D, 8.3).
"""

from __future__ import annotations

import secrets
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sensor_hub.model.problem import InputError
from sensor_hub.storage.key_file import ID_BYTES, Key, KeyFile

VERSION = b"\x01"
NONCE_BYTES = 12
HEAD = len(VERSION) + ID_BYTES
CURRENT_KEY = "personal_key"
"""Under this name the database says which key seals, by its id. It is what a rotation changes."""
FITTING = "the key with which this hub's personal data were sealed; nothing was changed"


class LockedError(Exception):
    """Personal data can be neither read nor written, and why: the key is missing, or is another one."""


class Remembered(Protocol):
    """What the database remembers by name; read inside the transaction that writes what is sealed."""

    def get(self, name: str) -> str | None: ...
    def keep(self, name: str, value: str) -> None: ...


class Vault:
    """Seals and opens texts. Used by many threads; a key that was exchanged meanwhile is read anew from its file."""

    def __init__(self, file: KeyFile, remembered: Remembered) -> None:
        self.file = file
        self.remembered = remembered
        self._keys: dict[str, Key] = {}

    def start(self) -> bool:
        """Makes the key where the hub never had one, and says whether it did. LockedError where it does not fit.

        A hub whose data were sealed before never gets a new key in place of a lost one.
        """
        if self.remembered.get(CURRENT_KEY) is not None:
            self._current()
            return False
        is_new = not self.file.path.exists()
        try:
            newest = self.file.make() if is_new else self.file.read()[0]
        except InputError as error:
            raise LockedError(str(error)) from error
        self.remembered.keep(CURRENT_KEY, newest.id)
        return is_new

    def trouble(self) -> str:
        """Why nothing can be sealed or opened now; empty where all is well."""
        try:
            self._current()
        except LockedError as error:
            return str(error)
        return ""

    def seal(self, text: str, place: str) -> bytes:
        """The token of `text` at `place`; LockedError. Called inside the transaction that writes it."""
        key = self._current()
        head = VERSION + bytes.fromhex(key.id)
        nonce = secrets.token_bytes(NONCE_BYTES)
        return head + nonce + AESGCM(key.secret).encrypt(nonce, text.encode(), _bound(head, place))

    def open(self, token: bytes, place: str) -> str:
        """The text; LockedError where its key is not at hand, or the token is damaged or was made for another place."""
        key = self._key(key_of(token))
        nonce, sealed = token[HEAD : HEAD + NONCE_BYTES], token[HEAD + NONCE_BYTES :]
        try:
            return AESGCM(key.secret).decrypt(nonce, sealed, _bound(token[:HEAD], place)).decode()
        except (InvalidTag, ValueError) as error:
            raise LockedError(f"what is kept at {place} is damaged, or was moved there from elsewhere") from error

    def _current(self) -> Key:
        """The key that seals now."""
        current = self.remembered.get(CURRENT_KEY)
        if current is None:
            raise LockedError("no key of personal data was made yet: start the hub once")
        return self._key(current)

    def _key(self, name: str) -> Key:
        if name not in self._keys:
            try:
                self._keys = {key.id: key for key in self.file.read()}
            except InputError as error:
                raise LockedError(str(error)) from error
        if name not in self._keys:
            raise LockedError(f"{self.file.path}: is another key; expected {FITTING}")
        return self._keys[name]


def key_of(token: bytes) -> str:
    """The id of the key that sealed it; LockedError where it is no token."""
    if len(token) <= HEAD + NONCE_BYTES or token[:1] != VERSION:
        raise LockedError("what is kept is damaged, or of a newer program")
    return token[len(VERSION) : HEAD].hex()


def _bound(head: bytes, place: str) -> bytes:
    return head + place.encode()
