"""What is told of a key of personal data that is missing, another one or open to others, and where it may lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensor_hub.checks.checkup import notes, problems
from sensor_hub.checks.key_checkup import refuse_other_key
from sensor_hub.config.privacy_settings import CREDENTIALS
from sensor_hub.keeping.backup import back_up
from sensor_hub.keeping.restore import restore
from sensor_hub.model.problem import InputError
from sensor_hub.settings import read_settings
from sensor_hub.storage.database import DATABASE, Database
from sensor_hub.storage.hub_memory import SqlHubMemory
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.vault import Vault
from tests.homes import small_home
from tests.hub_program import HubProgram

# Apprise loads its plug-ins at the first address, and some of them use what Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
NOW = 1767600000.0


@pytest.fixture
def hub(tmp_path: Path) -> HubProgram:
    """One that was started once."""
    hub = HubProgram(tmp_path, [small_home()], tables="[[contact]]\nid = 'team'\naddress = 'console://'")
    hub.write()
    (tmp_path / "hub-data").mkdir()
    database = Database(tmp_path / "hub-data" / DATABASE)
    database.open()
    assert Vault(KeyFile(tmp_path / "hub.key"), SqlHubMemory(database)).start()
    database.close()
    return hub


def found(hub: HubProgram) -> list[str]:
    return [str(each) for each in problems(hub.config) if each.id.startswith("privacy")]


def test_a_key_that_fits_is_no_trouble(hub: HubProgram, tmp_path: Path) -> None:
    assert found(hub) == []
    assert not any(each.id.startswith("privacy") for each in notes(hub.config))
    assert read_settings(hub.config).privacy.key_file == tmp_path / "hub.key"


def test_a_missing_another_and_an_open_key_are_told_with_a_hint(hub: HubProgram, tmp_path: Path) -> None:
    key = tmp_path / "hub.key"
    key.chmod(0o644)
    assert found(hub) == [
        f"privacy.key_open: {key} may be read or changed by others (mode 644); chmod 600, then keys rotate"
    ]
    key.unlink()
    (missing,) = found(hub)
    assert missing.startswith(f"privacy.key_file: {key}: is missing; expected the file with the key of this hub's")
    assert not key.exists()
    KeyFile(key).make()
    (other,) = found(hub)
    assert "is another key; expected the key with which this hub's personal data were sealed" in other


def test_a_key_among_the_data_is_noted(hub: HubProgram) -> None:
    hub.tables += "\n[privacy]\nkey_file = 'hub-data/hub.key'"
    hub.write()
    assert any("hub.key lies among the data" in each.what for each in notes(hub.config))


def test_the_key_that_systemd_hands_over_goes_before_the_settings(
    hub: HubProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = tmp_path / "credentials" / "hub.key"
    handed.parent.mkdir()
    monkeypatch.setenv(CREDENTIALS, str(handed.parent))
    assert read_settings(hub.config).privacy.key_file == tmp_path / "hub.key"
    handed.touch()
    assert read_settings(hub.config).privacy.key_file == handed


def test_a_backup_has_no_key_and_needs_the_one_it_was_made_with(hub: HubProgram, tmp_path: Path) -> None:
    key = tmp_path / "hub.key"
    made = back_up(tmp_path / "hub-data", tmp_path / "backups", NOW)
    secret = KeyFile(key).read()[0].secret
    assert all(secret not in file.read_bytes() for file in made.rglob("*") if file.is_file())
    refuse_other_key(made, key)
    key.rename(tmp_path / "kept.key")
    with pytest.raises(InputError, match="is missing; expected the key as it was when the backup was made, or --with"):
        refuse_other_key(made, key)
    KeyFile(key).make()
    with pytest.raises(InputError, match="personal data in the backup need another key"):
        refuse_other_key(made, key)
    (tmp_path / "kept.key").replace(key)
    restore(made, tmp_path / "hub-data", NOW, replaces=True)
    assert found(hub) == []


def test_the_commands_say_where_the_key_is(hub: HubProgram, tmp_path: Path) -> None:
    answer = hub.command("keys", "new")
    assert (answer.returncode, "stands there already" in answer.stderr) == (2, True)
    (tmp_path / "hub.key").unlink()
    answer = hub.command("backup", str(tmp_path / "backups"))
    assert f"Not in it: the key of personal data, {tmp_path / 'hub.key'}." in answer.stdout
    (made,) = (tmp_path / "backups").glob("*Z")
    answer = hub.command("restore", str(made), "--replace")
    assert (answer.returncode, "--without-key" in answer.stderr) == (2, True)
    answer = hub.command("restore", str(made), "--replace", "--without-key")
    assert (answer.returncode, answer.stderr.splitlines()[1:]) == (0, [])
