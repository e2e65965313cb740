"""Alembic's way into the hub's database: always the connection, and the transaction, of whoever migrates."""

from __future__ import annotations

from alembic import context

from sensor_hub.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # The transaction around all steps is the caller's.
    transactional_ddl=False,
)
context.run_migrations()
