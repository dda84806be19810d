"""Alembic's entry: the tables of all rooms, on the database of the running application."""
from alembic import context
from flask import current_app

from engine.db import db


def run() -> None:
    connectable = current_app.extensions["migrate"].db.engine
    with connectable.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            transactional_ddl=True,
            compare_type=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()


def render_item(kind, item, autogen_context):
    """Write plain column types into migrations: they must not change when a class of ours does."""
    if kind == "type" and type(item).__module__ == "engine.db":
        return f"sa.{item.impl!r}"
    return False


run()
