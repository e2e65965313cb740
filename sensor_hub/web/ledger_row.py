"""A line of the ledger of notices, and how a page says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BAD = frozenset({"refused", "bounced", "unknown", "failed"})
WORDS = {
    "waiting": "to be sent",
    "sending": "handed to the service",
    "delivered": "taken by the service",
    "arrived": "arrived",
    "refused": "never arrives this way",
    "bounced": "did not arrive, as its service says",
    "unknown": "not known whether it arrived",
    "failed": "given up",
    "withheld": "not sent: no longer needed",
}
TRIED_AGAIN = "failed, will be tried again"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One thing that became of one notice. Texts are empty where there is nothing to say."""

    row: int
    """Grows with each line."""
    at: float
    reference: str
    contact: str
    state: str
    channel: str = ""
    """Its place among the contact's channels and its sort: `1 (mailto)`."""
    provider_id: str = ""
    """What its service calls it."""
    error: str = ""
    alert: str = ""
    """Empty where the notice is about no alert."""
    home: str = ""
    kind: str = ""
    urgency: str = ""
    purpose: str = "alert"

    @property
    def is_bad(self) -> bool:
        """Whether somebody should look."""
        return self.state in BAD or (self.state == "waiting" and self.error != "")

    @property
    def words(self) -> str:
        by = f" by channel {self.channel}" if self.channel else ""
        said = TRIED_AGAIN if self.state == "waiting" and self.error else WORDS.get(self.state, self.state)
        return f"Notice to {self.contact}{by}: {said}"

    @property
    def detail(self) -> str:
        named = f"called {self.provider_id} there" if self.provider_id else ""
        return ", ".join(each for each in (f"reference {self.reference}", named, self.error) if each)


Ledger = Sequence[LedgerRow]
