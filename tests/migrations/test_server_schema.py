"""The migrated schema: up, down and up again on filled data, and nothing that the model does not say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, NullPool, create_engine, event, func, select, text

from sync_server import migrations
from sync_server.migrations.comparison import BY_FUNCTION, is_compared
from sync_server.storage.migrating import current_revision, downgrade, draft, head_revision, migrate
from sync_server.storage.tables import metadata
from sync_server.storage.tables_search import SEARCHED
from tests.migrations.catalog import COLUMNS, CONSTRAINTS, INDEXES, MEANINGS, snapshot
from tests.migrations.descending import Descent
from tests.migrations.filling import NORTH, SOUTH, fill
from tests.support.postgres import TEST_SECRET, Clusters, both_postgres_ends

pytestmark = both_postgres_ends
VERSIONS = Path(migrations.__file__).parent / "versions"
REVISIONS = sorted((path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py")), reverse=True)[1:]
"""Every revision that a database may be brought up from, newest first."""


@pytest.fixture(scope="module")
def descents() -> Iterator[dict[str, Descent]]:
    """One on each PostgreSQL, begun when it is asked for."""
    begun: dict[str, Descent] = {}
    yield begun
    for each in begun.values():
        each.drop()


def alchemy(owner_url: str) -> Any:
    return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(owner_url), poolclass=NullPool)


def counts(owner_url: str) -> dict[str, int]:
    with alchemy(owner_url).connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def test_up_down_and_up_again_on_filled_data_gives_the_same_schema(database_url: str) -> None:
    fill(database_url, NORTH)
    fill(database_url, NORTH, "second")
    fill(database_url, SOUTH)
    filled = counts(database_url)
    assert min(filled.values()) >= 2
    assert filled["work_order"] == 3
    first = snapshot(database_url)
    downgrade(database_url, TEST_SECRET, "base")
    assert current_revision(database_url) is None
    assert all(not facts for facts in snapshot(database_url).values())
    migrate(database_url, TEST_SECRET)
    assert current_revision(database_url) == head_revision()
    assert snapshot(database_url) == first
    fill(database_url, NORTH)
    assert set(counts(database_url).values()) == {1}


def stored(owner_url: str) -> dict[str, int]:
    """Rows of every table that is there, whatever the model says."""
    names = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    with psycopg.connect(owner_url) as connection:
        found = [name for (name,) in connection.execute(f"{names} AND NOT relispartition".encode()).fetchall()]
        return {
            name: int(str(connection.execute(f'SELECT count(*) FROM "{name}"'.encode()).fetchone()[0]))  # type: ignore[index]
            for name in found
        }


def told_between(revision: str) -> int:
    """Revisions after one, of which the log of each organization tells."""
    return sum(each > revision for each in [*REVISIONS, head_revision()] if each >= "0024")


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_database_of_every_revision_is_brought_up_with_its_rows(
    clusters: Clusters, postgres_end: str, descents: dict[str, Descent], revision: str
) -> None:
    """Tables that were there keep every row; those that come are empty; the schema is the one of a new database.

    Words to search come with the rows that are there (0019), and those of no row go with 0020; mail domains stand in
    the directory before 0038.
    """
    if postgres_end not in descents:
        descents[postgres_end] = Descent(clusters, postgres_end)
    with descents[postgres_end].copy_at(revision) as database_url:
        assert current_revision(database_url) == revision
        before = stored(database_url)
        assert min(count for name, count in before.items() if name != "search_entry") >= 1
        migrate(database_url, TEST_SECRET)
        after = stored(database_url)
        assert snapshot(database_url) == descents[postgres_end].schema
    come = sum(before.get(name, 0) for name in SEARCHED) if revision < "0019" else 0
    assert after.pop("organization_domain") == before.pop("organization_domain", 2)
    assert after.pop("search_entry") == before.pop("search_entry", 0) + come
    assert after.pop("activity_log") == before.pop("activity_log", 0) + 2 * told_between(revision)
    assert after.pop("activity_head") == before.pop("activity_head", 2)
    assert {name: after[name] for name in before} == before
    assert {after[name] for name in after.keys() - before.keys()} <= {0}


def test_a_database_of_the_first_release_is_brought_up_with_its_rows(database_url: str) -> None:
    fill(database_url, NORTH)
    before = counts(database_url)
    downgrade(database_url, TEST_SECRET, "0001")
    migrate(database_url, TEST_SECRET)
    new = (
        "ended_epoch",
        "scope_window",
        "routine_run",
        "device_command",
        "sealed_outbox",
        "sealed_part",
        "meter",
        "meter_reading",
        *("asset_specification", "asset_document", "asset_relation"),
        "person_permission",
        *("activity_log", "activity_value", "activity_head", "activity_checkpoint"),
        *("branding", "i18n_string"),
        "work_order_asset",
        "work_order_cost",
        *("work_order_template", "work_order_template_part"),
        *("tag", "entity_tag", "custom_field", "custom_field_value"),
        *("subscription_plan", "subscription", "invoice", "usage_counter"),
        *("maintenance_schedule", "maintenance_occurrence", "maintenance_history"),
        *("project", "project_work_order", "controlled_document", "document_version", "document_relation"),
        *("inspection_procedure", "procedure_version", "procedure_execution"),
        *("change_request", "change_impact", "change_approval"),
        *("rule", "archive", "plugin"),
        *("service_request", "service_requester", "notification", "push_subscription"),
        *("dashboard_metrics_cache", "prediction", "vendor", "vendor_contact"),
        *("contractor", "contractor_member", "calendar_event", "enrolment_code"),
    )
    searched = before["work_order"] + before["asset"] + before["comment"]
    logged = {"activity_log": told_between("0001"), "activity_head": 1}
    assert counts(database_url) == before | dict.fromkeys(new, 0) | {"search_entry": searched} | logged
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select durable_seq from org_clock").fetchall() == [(0,)]


def test_conflicts_are_locked_for_no_longer_than_it_takes_to_name_their_columns(database_url: str) -> None:
    """Neither an index is built nor a row looked at while nobody can read them."""
    downgrade(database_url, TEST_SECRET, "0005")
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        migrate(database_url, TEST_SECRET)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    first = next(at for at, each in enumerate(said) if each.startswith("ALTER TABLE conflict"))
    end = next(at for at, each in enumerate(said) if "alembic_version" in each and at > first)
    locked, later = said[first:end], said[end:]
    assert not [each for each in locked if "INDEX" in each]
    added = [each for each in locked if "ADD CONSTRAINT" in each]
    assert len(added) == 2
    assert all(each.endswith("NOT VALID") for each in added)
    assert len([each for each in later if "conflict VALIDATE CONSTRAINT" in each]) == 2


def test_migrating_a_second_time_changes_no_row(database_url: str) -> None:
    fill(database_url, NORTH)
    before = snapshot(database_url), counts(database_url)
    migrate(database_url, TEST_SECRET)
    assert (snapshot(database_url), counts(database_url)) == before


def test_autogenerate_finds_nothing_to_do(database_url: str) -> None:
    options = {"compare_type": True, "compare_server_default": True, "include_object": is_compared}
    with alchemy(database_url).connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize(
    "query",
    [COLUMNS, CONSTRAINTS, INDEXES, MEANINGS],
    ids=["columns", "constraints", "indexes", "meanings"],
)
def test_the_model_and_the_migrations_make_the_same_tables(
    database_url: str, empty_database_url: str, query: str
) -> None:
    with alchemy(empty_database_url).begin() as connection:
        for extension in ("btree_gin", "btree_gist", "cube"):
            connection.execute(text(f"CREATE EXTENSION {extension}"))
        metadata.create_all(connection)
    migrated = {fact for fact in snapshot(database_url)[query] if query != INDEXES or fact[1] not in BY_FUNCTION}
    assert migrated == set(snapshot(empty_database_url)[query])


def test_a_drafted_revision_brings_what_is_missing_and_stands_alone(database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("ALTER TABLE site DROP COLUMN address, DROP COLUMN latitude")
        connection.execute("ALTER TABLE asset DROP COLUMN location_id")
        connection.execute("DROP TABLE import_row, import_batch")
    file = draft(database_url, TEST_SECRET, "add_address", folder=tmp_path)
    text = file.read_text()
    compile(text, str(file), "exec")
    assert file.name == f"{int(head_revision()) + 1:04}_add_address.py"
    assert "must run beside the previous release" in text
    assert "sync_server" not in text
    assert f"down_revision = '{head_revision()}'" in text
    for expected in (
        "sa.Column('address', sa.Text(), nullable=True, comment='Where to drive to,",
        "sa.Column('latitude', sa.Double(), nullable=True, comment=",
        "sa.Column('location_id', sa.Uuid(as_uuid=False), nullable=True, comment=",
        "sa.Column('created_at', sa.DateTime(timezone=True), nullable=False, comment='When.')",
        "fk_asset_location_id",
        "op.create_table('import_batch'",
    ):
        assert expected in text
