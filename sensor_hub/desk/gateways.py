"""What people do about gateways: see `web.gateway_ports.HubGateways`. Commands beside the hub take the same ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sensor_hub.access.actor import asking
from sensor_hub.access.chronology import Act
from sensor_hub.act_notes import note_act
from sensor_hub.config.broker_settings import GatewayAccess
from sensor_hub.desk.joins import Door, open_code, read_ca
from sensor_hub.desk.rotations import Rotations
from sensor_hub.dispatch.loopback import LOOPBACK
from sensor_hub.ingest.downlink import need_room
from sensor_hub.ingest.settings_down import OWN, PASSWORD, SCOPE, SettingsDown
from sensor_hub.joining.code import JoinCode, Spelling, Verdict
from sensor_hub.model.problem import InputError
from sensor_hub.model.wire import Status
from sensor_hub.storage.stores import SqlStores
from sensor_hub.web.gateway_ports import (
    Change,
    CodeRow,
    CodeState,
    GatewayError,
    GatewayStanding,
    NewCode,
    RotationRow,
    SettingsRow,
)
from sensor_hub.web.ports import Answer

STATES = {
    Verdict.GOOD: CodeState.OPEN,
    Verdict.USED: CodeState.USED,
    Verdict.EXPIRED: CodeState.EXPIRED,
    Verdict.LOCKED: CodeState.LOCKED,
}


@dataclass(frozen=True, slots=True)
class GatewayMeans:
    """How gateways are let in and told something."""

    door: Callable[[], Door]
    """InputError where the hub has not been told."""
    access: GatewayAccess
    url: str
    """Of the hub, as a gateway that joins reaches it."""
    is_embedded: bool
    """The hub's own broker serves them."""
    tenant_of: Callable[[str], str]
    wall: Callable[[], float]


class StoredGateways:
    def __init__(self, stores: SqlStores, means: GatewayMeans, down: SettingsDown, rotations: Rotations) -> None:
        self.stores = stores
        self.means = means
        self.down = down
        self.rotations = rotations

    def of(self, homes: Collection[str]) -> Mapping[str, GatewayStanding]:
        joined = {each.home: each for each in self.stores.join_codes.joined()}
        said = self.stores.gateways.last_of(homes)
        standing = {}
        for home in homes:
            gateway, status = joined.get(home), said.get(home)
            standing[home] = GatewayStanding(
                None if gateway is None else gateway.joined_at,
                "" if gateway is None else gateway.version,
                0 if status is None else _applied(status[1]),
                self.rotations.last(home),
            )
        return standing

    def codes(self, home: str) -> Sequence[CodeRow]:
        at = self.means.wall()
        return [_row(code, at) for code in self.stores.join_codes.all() if code.home == home]

    def make_code(self, home: str) -> NewCode:
        try:
            self.means.door()
            read_ca(self.means.access)
        except InputError as error:
            raise GatewayError(str(error)) from error
        spelling = make_code(self.stores, home, self.means.wall())
        (row,) = self.codes(home)
        is_near = self.means.is_embedded and self.means.access.host in LOOPBACK
        return NewCode(row, spelling.text, join_words(spelling, self.means.url), NEAR if is_near else "")

    def withdraw_code(self, home: str, mark: str) -> bool:
        at = self.means.wall()
        with self.stores.database.transaction():
            is_done = self.stores.join_codes.withdraw(home, mark)
            if is_done:
                note_act(self.stores.database, Act.GATEWAY_CODE_WITHDRAWN, at, home=home, about=mark)
        return is_done

    def remove(self, home: str, *, version: int | None = None) -> Answer:
        tenant, at = self.means.tenant_of(home), self.means.wall()
        try:
            with self.stores.database.transaction():
                if version not in {None, self.of([home])[home].version}:
                    return Answer.STALE
                is_done = remove_gateway(self.stores, self.means.door(), home, tenant, at)
        except InputError as error:
            raise GatewayError(str(error)) from error
        return Answer.DONE if is_done else Answer.UNKNOWN

    def rotate(self, home: str) -> RotationRow | None:
        try:
            need_closed_way(self.means.access, "the hub's settings")
            self.means.door()
        except InputError as error:
            raise GatewayError(str(error)) from error
        return self.rotations.begin(home, asking())

    def settings(self, home: str) -> SettingsRow:
        found, owned = self.down.settings_of(self.means.tenant_of(home), home)
        said = self.stores.gateways.last(home)
        version = found.pop("version", 0)
        return SettingsRow(
            version if isinstance(version, int) else 0,
            {key: value for key, value in found.items() if key not in owned},
            {key: value for key, value in found.items() if key in owned},
            0 if said is None else _applied(said[1]),
            {} if said is None else _refused(said[1]),
        )

    def change_settings(self, home: str, wanted: Mapping[str, object], version: int) -> Change:
        tenant = self.means.tenant_of(home)
        owned = self.down.settings_of(tenant, home)[1]
        wrong = sorted(wanted.keys() & {*owned, "version", PASSWORD})
        if wrong:
            raise GatewayError(f"{', '.join(wrong)}: not set here; the hub says {'it' if len(wrong) == 1 else 'them'}")
        try:
            need_room(len(json.dumps(wanted)), "settings")
        except InputError as error:
            raise GatewayError(str(error)) from error
        changed = Change[self.down.change(tenant, home, wanted, version).name]
        if changed is Change.DONE:
            about, at = f"version {version + 1}", self.means.wall()
            note_act(self.stores.database, Act.GATEWAY_SET, at, home=home, about=about, detail=keys_words(wanted))
        return changed


NEAR = "The hub's own broker listens on the loopback: only a gateway on this machine can send to it."


def make_code(stores: SqlStores, home: str, at: float) -> Spelling:
    """A new code for the home's gateway; its old one is void."""
    with stores.database.transaction():
        code = open_code(stores.join_codes, home, at)
        note_act(stores.database, Act.GATEWAY_CODE_MADE, at, home=home)
    return code


def join_words(code: Spelling, url: str) -> str:
    """What is typed at the gateway."""
    return f"sensor-gateway join {code.text} --hub {url}"


def remove_gateway(stores: SqlStores, door: Door, home: str, tenant: str, at: float) -> bool:
    """Voids the password at the broker, then the code; False where there was neither. InputError as of the door."""
    with stores.database.transaction():
        door.dismiss(f"{tenant}/{home}")
        is_done = stores.join_codes.note_removed(home, at)
        if is_done:
            note_act(stores.database, Act.GATEWAY_REMOVED, at, home=home)
    return is_done


def keys_words(settings: Mapping[str, object]) -> str:
    """Which settings there are, beside the hub's own; never their values."""
    return ", ".join(sorted(settings.keys() - ({"version", PASSWORD, *OWN} - {SCOPE}))) or "none"


def need_closed_way(access: GatewayAccess, where: str) -> None:
    """InputError where gateways reach the broker in plain text: a password would be read on its way."""
    if not access.has_tls and access.host not in LOOPBACK:
        expected = "tls = true under [gateways], or a broker on this machine"
        raise InputError("passwords are not sent in plain text", where=where, expected=expected)


def _row(code: JoinCode, at: float) -> CodeRow:
    return CodeRow(code.mark, code.made_at, code.ends_at, STATES[code.judge(at)])


def _applied(status: Status) -> int:
    version = status.settings.get("version")
    return version if isinstance(version, int) else 0


def _refused(status: Status) -> dict[str, str]:
    refused = status.settings.get("refused")
    return {str(key): str(why) for key, why in refused.items()} if isinstance(refused, dict) else {}
