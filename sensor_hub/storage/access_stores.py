"""The stores of accounts and of all that lets somebody in."""

from __future__ import annotations

from sensor_hub.storage.account_links import StoredAccountLinks
from sensor_hub.storage.accounts import Seal, StoredAccounts
from sensor_hub.storage.api_tokens import StoredApiTokens
from sensor_hub.storage.database import Database
from sensor_hub.storage.ends import Ends, Unkept
from sensor_hub.storage.sessions import StoredSessions
from sensor_hub.storage.sign_in_failures import StoredFailures


class AccessStores:
    """Each by its noun. `ends`: who keeps account of what ends."""

    def __init__(self, database: Database, seal: Seal, ends: Ends | None = None) -> None:
        self.database = database
        ends = ends or Unkept()
        self.accounts = StoredAccounts(database, seal, ends)
        self.sessions = StoredSessions(database, ends)
        self.links = StoredAccountLinks(database)
        self.failures = StoredFailures(database)
        self.tokens = StoredApiTokens(database, ends)
