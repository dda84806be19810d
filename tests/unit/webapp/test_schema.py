"""Models and migrations say the same, on both databases; and migrating again changes nothing."""
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from engine.db import db
from tests.conftest import ON_POSTGRES
from tests.databases import PostgresDatabases, close, make_app
from tests.services import missing, postgres_url
from webapp.schema import migrate


def differences(app):
    with app.app_context(), db.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), db.metadata)


def test_the_migrations_make_what_the_models_say(bare_app):
    assert differences(bare_app) == []


def test_migrating_again_changes_nothing(bare_app):
    migrate(bare_app)
    assert differences(bare_app) == []


def test_every_table_has_what_postgresql_and_sqlite_both_keep(app):
    tables = set(inspect(db.engine).get_table_names())
    assert {"account", "task", "outbox_event", "case", "project", "platform_report"} <= tables


@pytest.mark.services
@pytest.mark.skipif(ON_POSTGRES, reason="the tests above run on PostgreSQL already")
def test_postgresql_gets_the_same_tables(tmp_path):
    server = postgres_url()
    if server is None:
        missing("no PostgreSQL server where databases may be created")
    databases = PostgresDatabases(tmp_path, server)
    url = databases.copy("empty", None)
    app = make_app(url, tmp_path)
    try:
        assert differences(app) == []
    finally:
        close(app)
        databases.drop(url)
        databases.drop_all()
