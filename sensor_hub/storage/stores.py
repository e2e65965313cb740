"""All stores over one database."""

from __future__ import annotations

from sensor_hub.storage.alert_book import SqliteAlertBook
from sensor_hub.storage.calendar_keys import SqlCalendarKeys
from sensor_hub.storage.channels import SqliteChannels
from sensor_hub.storage.chronology import ChronologyBook
from sensor_hub.storage.consents import Consents
from sensor_hub.storage.coverage_board import SqlCoverageBoard
from sensor_hub.storage.database import Database
from sensor_hub.storage.digests import SqliteDigests
from sensor_hub.storage.erasures import Erasures
from sensor_hub.storage.escalations import SqliteEscalations
from sensor_hub.storage.gateway_settings import SqlGatewaySettings
from sensor_hub.storage.gateways import SqlGateways
from sensor_hub.storage.holds import SqliteHolds
from sensor_hub.storage.hub_memory import SqlHubMemory
from sensor_hub.storage.join_codes import SqlJoinCodes
from sensor_hub.storage.ledger_reads import SqliteLedger
from sensor_hub.storage.limit_board import SqlLimitBoard
from sensor_hub.storage.log import SqlHomeLog
from sensor_hub.storage.now_board import SqlNowBoard
from sensor_hub.storage.open_alerts import SqliteOpenAlerts
from sensor_hub.storage.outbox import SqliteOutbox
from sensor_hub.storage.receipts import SqliteReceipts
from sensor_hub.storage.registry import Registry
from sensor_hub.storage.rejections import SqlRejections
from sensor_hub.storage.replies import SqliteReplies
from sensor_hub.storage.reviews import SqliteReviews
from sensor_hub.storage.signs import SqliteSigns
from sensor_hub.storage.silences import SqliteSilences
from sensor_hub.storage.snapshots import SqlSnapshots
from sensor_hub.storage.streams import SqlStreams
from sensor_hub.storage.tally import Tally
from sensor_hub.storage.tenants import SqlTenants
from sensor_hub.storage.vault import Vault
from sensor_hub.storage.wider import SqliteWiderAlerts
from sensor_hub.watch.ports import Stores


class SqliteStores:
    """Each by its noun."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.log = SqlHomeLog(database)
        self.alerts = SqliteAlertBook(database)
        self.escalations = SqliteEscalations(database)
        self.silences = SqliteSilences(database)
        self.holds = SqliteHolds(database)
        self.wider = SqliteWiderAlerts(database)
        self.outbox = SqliteOutbox(database)
        self.channels = SqliteChannels(database)
        self.receipts = SqliteReceipts(database)
        self.replies = SqliteReplies(database)
        self.ledger = SqliteLedger(database)
        self.open_alerts = SqliteOpenAlerts(database)
        self.reviews = SqliteReviews(database)
        self.digests = SqliteDigests(database)
        self.snapshots = SqlSnapshots(database)
        self.streams = SqlStreams(database)
        self.rejections = SqlRejections(database)
        self.gateways = SqlGateways(database)
        self.gateway_settings = SqlGatewaySettings(database)
        self.tenants = SqlTenants(database)
        self.coverage = SqlCoverageBoard(database)
        self.limits = SqlLimitBoard(database)
        self.now = SqlNowBoard(database)
        self.memory = SqlHubMemory(database)
        self.registry = Registry(database)
        self.tally = Tally(database)
        self.consents = Consents(database)
        self.erasures = Erasures(database)
        self.chronology = ChronologyBook(database)
        self.join_codes = SqlJoinCodes(database)
        self.calendar_keys = SqlCalendarKeys(database)

    def unlock(self, vault: Vault) -> None:
        """Lets those that keep personal data seal and open them."""
        self.consents.vault = vault

    def for_watch(self) -> Stores:
        """Those that the watch's worker writes to."""
        return Stores(
            log=self.log,
            alerts=self.alerts,
            escalations=self.escalations,
            outbox=self.outbox,
            open_alerts=self.open_alerts,
            reviews=self.reviews,
            digests=self.digests,
            silences=self.silences,
            holds=self.holds,
            signs=SqliteSigns(self.database),
            wider=self.wider,
            snapshots=self.snapshots,
            streams=self.streams,
            rejections=self.rejections,
            gateways=self.gateways,
            tenants=self.tenants,
            coverage=self.coverage,
            limits=self.limits,
            now=self.now,
            memory=self.memory,
            chronology=self.chronology,
            consents=self.consents,
            erasures=self.erasures,
            database=self.database,
        )
