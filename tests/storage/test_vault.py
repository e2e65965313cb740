from __future__ import annotations

import os
from pathlib import Path

import pytest

from sensor_hub.model.problem import InputError
from sensor_hub.storage.key_file import KeyFile, new_key
from sensor_hub.storage.vault import CURRENT_KEY, LockedError, Vault, key_of


class Memory(dict[str, str]):
    keep = dict.__setitem__


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "hub.key")


@pytest.fixture
def vault(file: KeyFile) -> Vault:
    vault = Vault(file, Memory())
    assert vault.start()
    return vault


def test_what_was_sealed_opens_at_its_place_alone(vault: Vault) -> None:
    token = vault.seal("safe 4711", "card/home-1")
    assert b"4711" not in token
    assert vault.open(token, "card/home-1") == "safe 4711"
    assert vault.seal("safe 4711", "card/home-1") != token
    with pytest.raises(LockedError, match="moved there from elsewhere"):
        vault.open(token, "card/home-2")


@pytest.mark.parametrize("byte", [0, 3, 12, 25, -1])
def test_a_token_with_one_byte_changed_does_not_open(vault: Vault, byte: int) -> None:
    token = bytearray(vault.seal("safe 4711", "card/home-1"))
    token[byte] ^= 1
    with pytest.raises(LockedError):
        vault.open(bytes(token), "card/home-1")


@pytest.mark.parametrize("token", [b"", b"\x01", b"\x01" + bytes(20), b"\x02" + bytes(60)])
def test_what_is_no_token_does_not_open(vault: Vault, token: bytes) -> None:
    with pytest.raises(LockedError, match="damaged, or of a newer program"):
        vault.open(token, "card/home-1")


def test_the_key_is_made_once_for_its_owner_alone(file: KeyFile, vault: Vault) -> None:
    assert file.path.stat().st_mode & 0o777 == 0o600
    written = file.path.read_bytes()
    assert not vault.start()
    assert file.path.read_bytes() == written
    assert not file.is_open_to_others()
    file.path.chmod(0o640)
    assert file.is_open_to_others()


def test_a_lost_key_is_told_and_none_is_made_in_its_place(file: KeyFile, vault: Vault) -> None:
    file.path.unlink()
    later = Vault(file, vault.remembered)
    with pytest.raises(LockedError, match="is missing; expected the file with the key"):
        later.start()
    assert "is missing" in later.trouble()
    assert not file.path.exists()


def test_another_key_is_told_and_seals_nothing(file: KeyFile, vault: Vault) -> None:
    token = vault.seal("safe 4711", "card/home-1")
    file.path.unlink()
    file.make()
    later = Vault(file, vault.remembered)
    for act in (later.start, lambda: later.seal("x", "card/home-1"), lambda: later.open(token, "card/home-1")):
        with pytest.raises(LockedError, match=r"hub\.key: is another key; expected the key with which"):
            act()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"# only words\n", "holds no key"),
        (b"c2hvcnQ=\n", "is damaged"),
        (b"!!\n", "is damaged"),
        (b"\xff\xfe", "not a text file"),
    ],
)
def test_a_damaged_key_file_is_named(file: KeyFile, content: bytes, told: str) -> None:
    file.path.write_bytes(content)
    with pytest.raises(InputError, match=told):
        file.read()


def test_a_folder_that_takes_no_file_leaves_the_hub_without_personal_data(tmp_path: Path) -> None:
    vault = Vault(KeyFile(tmp_path / "missing" / "hub.key"), Memory())
    with pytest.raises(LockedError, match=r"cannot be made \(No such file or directory\)"):
        vault.start()
    with pytest.raises(LockedError, match="no key of personal data was made yet"):
        vault.seal("x", "card/home-1")
    assert "no key of personal data was made yet" in vault.trouble()


def test_a_key_exchanged_while_the_hub_runs_is_taken_from_its_file(file: KeyFile, vault: Vault) -> None:
    old = vault.seal("before", "card/home-1")
    new = new_key()
    file.write([new, *file.read()])
    vault.remembered.keep(CURRENT_KEY, new.id)
    assert key_of(vault.seal("after", "card/home-1")) == new.id
    assert vault.open(old, "card/home-1") == "before"


def test_a_cut_leaves_the_old_key_file_or_the_new(file: KeyFile, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read()

    def cut(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", cut)
    with pytest.raises(InputError, match="No space left on device"):
        file.write([new_key()])
    assert file.read() == before


def test_no_secret_is_shown() -> None:
    key = new_key()
    assert repr(key) == "Key()"
    assert key.secret.hex() not in key.id
