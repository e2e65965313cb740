"""How people sign in, as the settings say it; what is wrong is named."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from sensor_hub.access.oidc_claims import ClaimRule
from sensor_hub.access.role import Role
from sensor_hub.access.session import SessionRule
from sensor_hub.config.access_settings import AccessSettings, OidcSettings, read_access, read_oidc
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table

# Apprise's, when its plug-ins are loaded first.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")
OIDC = """
issuer = "https://id.example/"
client_id = "hub"
client_secret_file = "oidc.secret"
[[allow]]
claim = "groups"
value = "duty"
role = "duty_officer"
tenant = "local"
[[allow]]
claim = "groups"
value = "sons"
role = "family"
homes = ["elm-14"]
"""


def access(text: str, folder: Path = Path()) -> AccessSettings:
    return read_access(Table(tomllib.loads(text), "hub.toml, [access]"), folder)


def oidc(text: str, folder: Path) -> OidcSettings:
    (folder / "oidc.secret").write_text("secret\n")
    settings = read_oidc(Table(tomllib.loads(text), "hub.toml, [oidc]"), folder)
    assert settings is not None
    return settings


def test_all_has_a_default() -> None:
    assert access("") == AccessSettings(SessionRule(longest=12 * 3600, idle=2 * 3600))
    assert read_oidc(None, Path()) is None


def test_each_can_be_said() -> None:
    found = access('session_hours = 8\nidle_minutes = 30\nsecond_step = ["technician"]\nmail = "mailto://localhost"')
    assert found.rule == SessionRule(longest=8 * 3600, idle=1800)
    assert (found.second_step, found.mail) == ({Role.TECHNICIAN}, "mailto://localhost")
    assert "localhost" not in repr(found)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('second_step = ["integration"]', "second_step"),
        ('second_step = ["boss"]', "second_step"),
        ("session_hours = 0", "session_hours"),
        ("idle_minutes = 1", "idle_minutes"),
        ('mail = "json://localhost"', "mail"),
        ('mail = "nonsense"', "mail"),
        ("hours = 3", "hours"),
    ],
)
def test_what_is_wrong_is_named(text: str, key: str) -> None:
    with pytest.raises(InputError, match=key):
        access(text)


def test_a_provider_and_whom_it_lets_in(tmp_path: Path) -> None:
    found = oidc(OIDC, tmp_path)
    assert (found.issuer, found.client_id, found.client_secret) == ("https://id.example", "hub", "secret")
    assert found.rules == (
        ClaimRule("groups", "duty", Role.DUTY_OFFICER, "local"),
        ClaimRule("groups", "sons", Role.FAMILY, None, frozenset({"elm-14"})),
    )
    assert "secret'" not in repr(found)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("https://id.example/", "http://id.example", "issuer"),
        ("https://id.example/", "id.example", "issuer"),
        ('role = "duty_officer"', 'role = "integration"', "role"),
        ('tenant = "local"', 'tenant = "Local!"', "tenant"),
        ('homes = ["elm-14"]', "", "homes"),
        ('client_id = "hub"', "", "client_id"),
        ('client_id = "hub"', 'client_id = "hub"\nscope = "profile"', "scope"),
        ('client_id = "hub"', 'client_id = "hub"\nsecret = "x"', "secret"),
    ],
)
def test_what_is_wrong_with_a_provider_is_named(tmp_path: Path, old: str, new: str, key: str) -> None:
    with pytest.raises(InputError, match=key):
        oidc(OIDC.replace(old, new), tmp_path)


def test_a_provider_that_lets_nobody_in_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nobody is allowed"):
        oidc(OIDC.partition("[[allow]]")[0], tmp_path)


def test_a_provider_on_this_machine_needs_no_tls(tmp_path: Path) -> None:
    assert oidc(OIDC.replace("https://id.example/", "http://127.0.0.1:8443"), tmp_path).issuer.endswith(":8443")
