"""Gateways in memory, for the tests of pages and API."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

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

NOTHING_YET = SettingsRow(0, {}, {}, 0, {})
AT = 1767605000.0
CODE = "ACDE-FGHJ"


@dataclass
class MemoryGateways:
    standing: dict[str, GatewayStanding] = field(default_factory=dict)
    made: dict[str, CodeRow] = field(default_factory=dict)
    sent: dict[str, SettingsRow] = field(default_factory=dict)
    why_not: str = ""
    """Why nothing can be done about passwords and codes."""
    becomes: Change = Change.DONE
    """What becomes of settings whose version is right."""

    def of(self, homes: Collection[str]) -> Mapping[str, GatewayStanding]:
        return {home: self.standing.get(home, GatewayStanding()) for home in homes}

    def codes(self, home: str) -> Sequence[CodeRow]:
        return [self.made[home]] if home in self.made else []

    def make_code(self, home: str) -> NewCode:
        self._can()
        self.made[home] = CodeRow("ACD", AT, AT + 86400, CodeState.OPEN)
        return NewCode(self.made[home], CODE, f"sensor-gateway join {CODE} --hub http://hub.test")

    def withdraw_code(self, home: str, mark: str) -> bool:
        return home in self.made and self.made[home].mark == mark and self.made.pop(home) is not None

    def remove(self, home: str, *, version: int | None = None) -> Answer:
        self._can()
        known = self.standing.get(home)
        if version not in {None, (known or GatewayStanding()).version}:
            return Answer.STALE
        self.standing.pop(home, None)
        return Answer.UNKNOWN if self.made.pop(home, None) is None and known is None else Answer.DONE

    def rotate(self, home: str) -> RotationRow | None:
        self._can()
        known = self.standing.get(home, GatewayStanding())
        if known.rotation is not None and not known.rotation.is_over:
            return None
        begun = RotationRow(AT, "it is asked", is_over=False)
        self.standing[home] = replace(known, rotation=begun)
        return begun

    def settings(self, home: str) -> SettingsRow:
        return self.sent.get(home, NOTHING_YET)

    def change_settings(self, home: str, wanted: Mapping[str, object], version: int) -> Change:
        known = self.settings(home)
        if "rooms" in wanted:
            raise GatewayError("rooms: not set here; the hub says it")
        if known.version != version:
            return Change.STALE
        if self.becomes is Change.DONE:
            self.sent[home] = replace(known, version=version + 1, wanted=wanted)
        return self.becomes

    def reset(self) -> None:
        """A code for the gateway of each home that is asked about."""
        self.standing.clear()
        self.sent.clear()
        self.made = {home: CodeRow("ACD", AT, AT + 86400, CodeState.OPEN) for home in ("elm-14", "oak-2")}

    def state(self) -> object:
        """All that people can change."""
        return dict(self.standing), dict(self.made), dict(self.sent)

    def _can(self) -> None:
        if self.why_not:
            raise GatewayError(self.why_not)
