"""Runs the migrations on the connection that `exam_api.store.migrate` hands in: all of them, or none."""

from alembic import context

from exam_api.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
