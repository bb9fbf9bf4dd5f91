"""Attacks on the tenant wall inside the database, on every table at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from sync_server.contract.entities import REGISTRY
from sync_server.storage.catalog_allowed import RESERVED
from sync_server.storage.tables import SYNCED, metadata
from tests.migrations.filling import COMMIT_SEQ, NORTH, SOUTH, row_id
from tests.security.acting import SERVING, TENANT_TABLES, acting, columns_with, run, set_locally, tables_with
from tests.support.postgres import both_postgres_ends

pytestmark = both_postgres_ends

ORGANIZATION_WIDE = frozenset(
    {"person", "team", "team_member", "site_access", "site", "asset_type", "part", "stock_location"}
    | {"checklist_template", "work_order_template", "work_order_template_part", "person_permission", "branding"}
    | {"i18n_string", "vendor"}
    | {"tag", "custom_field"}
)
"""Entities of org:catalog: the office sees them whatever its sites are."""


POLICY = "row-level security policy"
MOVES_NOTHING = f"{POLICY}|would change its id or aggregate"
REFUSED_TO_MOVE = (errors.InsufficientPrivilege, errors.RaiseException)
"""A trigger refuses it before row security does, where there is one."""


@contextmanager
def unguarded(owner_url: str, role: str, organization_id: UUID) -> Iterator[psycopg.Connection[Any]]:
    """One transaction of a role with no trigger to help row security, which only a superuser can arrange."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        set_locally(connection, "app.organization_id", str(organization_id))
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(f"cmms_{role}")))
        yield connection
        connection.rollback()


def key(table: str) -> str:
    return "id" if table == "organization" else "organization_id"


def organizations_seen(connection: psycopg.Connection[Any], table: str) -> set[UUID]:
    return {row[0] for row in run(connection, "SELECT {} FROM {}", key(table), table)}


@pytest.mark.parametrize("role", SERVING)
def test_without_a_tenant_no_row_of_any_table_is_seen(filled: str, role: str) -> None:
    readable = tables_with(filled, role, "SELECT")
    assert len(readable) >= 7
    for tenant in (None, ""):
        with acting(filled, role, tenant) as connection:
            assert [table for table in readable if organizations_seen(connection, table)] == []


@pytest.mark.parametrize("role", SERVING)
def test_each_organization_sees_only_itself_in_every_table(filled: str, role: str) -> None:
    readable = tables_with(filled, role, "SELECT")
    for organization_id in (NORTH, SOUTH):
        with acting(filled, role, organization_id) as connection:
            set_locally(connection, "app.site_ids", row_id(organization_id, "site"))
            for table in readable:
                assert organizations_seen(connection, table) == {organization_id}, table


def test_the_owner_of_the_tables_is_bound_like_anybody_else(filled: str) -> None:
    with psycopg.connect(filled) as connection:
        connection.execute("SET LOCAL ROLE cmms_owner")
        assert all(organizations_seen(connection, table) == set() for table in TENANT_TABLES)
        set_locally(connection, "app.organization_id", str(NORTH))
        assert all(organizations_seen(connection, table) == {NORTH} for table in TENANT_TABLES)


@pytest.mark.parametrize("role", ["app_sync", "worker", "authn"])
def test_nobody_inserts_rows_of_another_organization(filled: str, role: str) -> None:
    writable = tables_with(filled, role, "INSERT")
    assert len(writable) >= 3
    for table in writable:
        with psycopg.connect(filled) as owning:  # some tables a role writes and may not read whole
            statement = "SELECT to_jsonb(t) FROM {} AS t WHERE organization_id = %(north)s"
            row = run(owning, statement, table, north=NORTH).fetchone()
        with (
            acting(filled, role, NORTH) as connection,
            pytest.raises(errors.InsufficientPrivilege, match="row-level security policy"),
        ):
            run(
                connection,
                "INSERT INTO {} SELECT r.* FROM jsonb_populate_record(NULL::{}, %(row)s) AS r",
                *(table, table),
                row=Jsonb({**row[0], "organization_id": str(SOUTH)}),
            )


@pytest.mark.parametrize("role", ["app_sync", "worker", "authn"])
def test_nobody_gives_a_row_to_another_organization(filled: str, role: str) -> None:
    writable = tables_with(filled, role, "UPDATE")
    assert writable
    for table in writable:
        with acting(filled, role, NORTH) as connection, pytest.raises(REFUSED_TO_MOVE, match=MOVES_NOTHING):
            run(connection, "UPDATE {} SET organization_id = %(other)s", table, other=SOUTH)
        with unguarded(filled, role, NORTH) as connection, pytest.raises(errors.InsufficientPrivilege, match=POLICY):
            run(connection, "UPDATE {} SET organization_id = %(other)s", table, other=SOUTH)


@pytest.mark.parametrize("role", ["app_sync", "worker", "authn"])
def test_writing_everywhere_leaves_the_other_organization_alone(filled: str, role: str) -> None:
    for table in tables_with(filled, role, "UPDATE"):
        column = (
            "sync_seq"
            if table in SYNCED
            else next(
                name
                for name in columns_with(filled, role, table, "SELECT")
                if not metadata.tables[table].columns[name].primary_key
            )
        )
        with acting(filled, role, NORTH) as connection:
            assert run(connection, "UPDATE {} SET {} = {}", table, column, column).rowcount == 1
            statement = "UPDATE {} SET {} = {} WHERE organization_id = %(other)s"
            assert run(connection, statement, table, column, column, other=SOUTH).rowcount == 0
    for table in tables_with(filled, role, "DELETE"):
        with acting(filled, role, NORTH) as connection:
            statement = "DELETE FROM {} WHERE organization_id = %(other)s"
            assert run(connection, statement, table, other=SOUTH).rowcount == 0


def test_the_tenant_ends_with_its_transaction(filled: str) -> None:
    with acting(filled, "app_sync", NORTH) as connection:
        assert organizations_seen(connection, "work_order") == {NORTH}
        connection.commit()
        assert connection.execute("SELECT current_setting('app.organization_id', true)").fetchone() == ("",)
        assert organizations_seen(connection, "work_order") == set()
        connection.rollback()
        assert organizations_seen(connection, "work_order") == set()


def refusal(connection: psycopg.Connection[Any], person_id: str) -> tuple[str | None, ...]:
    """What a team answers to a new member, but for the id that was asked for."""
    with pytest.raises(errors.ForeignKeyViolation) as caught, connection.transaction():
        run(
            connection,
            "INSERT INTO team_member SELECT r.* FROM team_member AS t,"
            " jsonb_populate_record(NULL::team_member, to_jsonb(t) || %(changes)s) AS r",
            changes=Jsonb({"id": str(UUID(int=1)), "person_id": person_id}),
        )
    diag = caught.value.diag
    detail = (diag.message_detail or "").replace(person_id, "…")
    return diag.sqlstate, diag.constraint_name, diag.message_primary, detail


def test_a_row_of_another_organization_is_as_good_as_missing_to_a_reference(filled: str) -> None:
    with acting(filled, "app_sync", NORTH) as connection:
        theirs = refusal(connection, row_id(SOUTH, "person"))
        missing = refusal(connection, str(UUID(int=7)))
    assert theirs == missing
    assert theirs[1] == "fk_team_member_person_id"


def test_another_organization_may_use_the_same_ids_and_codes(filled: str) -> None:
    statement = (
        "INSERT INTO {} SELECT r.* FROM {} AS t,"
        " jsonb_populate_record(NULL::{}, to_jsonb(t) || %(changes)s) AS r ON CONFLICT DO NOTHING"
    )
    for table in ("part", "site", "person", "asset_type"):
        changes = Jsonb({"id": row_id(SOUTH, table), "aggregate_id": row_id(SOUTH, table), "code_conflict": True})
        with acting(filled, "app_sync", NORTH) as connection:
            assert run(connection, statement, table, table, table, changes=changes).rowcount == 1


@pytest.mark.parametrize("role", SERVING)
def test_a_partition_is_closed_to_everybody_who_serves(filled: str, role: str) -> None:
    for number in range(4):
        with acting(filled, role, NORTH) as connection, pytest.raises(errors.InsufficientPrivilege):
            run(connection, "SELECT FROM {}", f"work_order_p{number}")


def test_the_office_sees_its_sites_and_nothing_without_one(two_sites: str) -> None:
    unread = {name for name in REGISTRY if f"public.{name}" in RESERVED}
    narrowed, wide = sorted(set(REGISTRY) - ORGANIZATION_WIDE - unread), ORGANIZATION_WIDE - unread
    sites = {branch: row_id(NORTH, "site", branch) for branch in ("main", "second")}
    for branch, site_id in sites.items():
        with acting(two_sites, "app_office", NORTH) as connection:
            set_locally(connection, "app.site_ids", site_id)
            for table in narrowed:
                rows = run(connection, "SELECT id::text FROM {}", table).fetchall()
                assert rows == [(row_id(NORTH, table, branch),)], table
    with acting(two_sites, "app_office", NORTH) as connection:
        assert all(not run(connection, "SELECT id FROM {}", table).fetchall() for table in narrowed)
        assert all(len(run(connection, "SELECT id FROM {}", table).fetchall()) == 2 for table in wide)
        set_locally(connection, "app.site_ids", ",".join(sites.values()))
        assert all(len(run(connection, "SELECT id FROM {}", table).fetchall()) == 2 for table in narrowed)
    with acting(two_sites, "app_office", SOUTH) as connection:
        set_locally(connection, "app.site_ids", sites["main"])
        assert all(not run(connection, "SELECT id FROM {}", table).fetchall() for table in narrowed)


def test_a_held_mutation_of_no_known_site_is_for_every_office(two_sites: str) -> None:
    with psycopg.connect(two_sites) as connection:
        set_locally(connection, "app.commit_seq", str(COMMIT_SEQ))
        connection.execute("UPDATE held_mutation SET site_id = NULL WHERE id = %s", (row_id(NORTH, "held_mutation"),))
        set_locally(connection, "app.organization_id", str(NORTH))
        connection.execute("SET LOCAL ROLE cmms_app_office")
        assert run(connection, "SELECT id::text FROM held_mutation").fetchall() == [(row_id(NORTH, "held_mutation"),)]
        connection.rollback()


@pytest.mark.parametrize("root", REGISTRY["conflict"].aggregates)
def test_the_office_sees_a_conflict_exactly_when_it_sees_what_it_is_about(two_sites: str, root: str) -> None:
    about = {branch: row_id(NORTH, root, branch) for branch in ("main", "second")}
    with psycopg.connect(two_sites) as connection:
        set_locally(connection, "app.commit_seq", str(COMMIT_SEQ))
        connection.execute("SET LOCAL session_replication_role = replica")
        for branch, aggregate_id in about.items():
            conflict_id = row_id(NORTH, "conflict", branch)
            connection.execute("UPDATE conflict SET aggregate_id = %s WHERE id = %s", (aggregate_id, conflict_id))
        set_locally(connection, "app.organization_id", str(NORTH))
        connection.execute("SET LOCAL ROLE cmms_app_office")
        for sites in ([], ["main"], ["second"]):
            set_locally(connection, "app.site_ids", ",".join(row_id(NORTH, "site", branch) for branch in sites))
            seen = {id_ for (id_,) in run(connection, "SELECT id::text FROM {}", root).fetchall()}
            told = {id_ for (id_,) in run(connection, "SELECT aggregate_id::text FROM conflict").fetchall()}
            assert told == seen & set(about.values()), sites
        connection.rollback()


def test_the_sites_of_the_office_narrow_neither_pull_nor_push(two_sites: str) -> None:
    with acting(two_sites, "app_sync", NORTH) as connection:
        set_locally(connection, "app.site_ids", row_id(NORTH, "site"))
        assert all(len(run(connection, "SELECT id FROM {}", table).fetchall()) == 2 for table in SYNCED)


def test_the_resolver_answers_equality_and_clocks_and_nothing_else(filled: str) -> None:
    with acting(filled, "authn", None) as connection:
        ask = "SELECT organization_by_slug(%(slug)s)"
        assert run(connection, ask, slug="organization-a").fetchone() == (NORTH,)
        assert run(connection, ask, slug="organization-%").fetchone() == (None,)
        assert run(connection, "SELECT organization_by_domain('nowhere.example')").fetchone() == (None,)
    with acting(filled, "app_sync", None) as connection:
        clocks = run(connection, "SELECT organization_id, seq FROM organization_clocks()").fetchall()
        assert sorted(clocks) == [(NORTH, 1), (SOUTH, 1)]
    with acting(filled, "worker", None) as connection:
        assert sorted(run(connection, "SELECT organization_ids()").fetchall()) == [(NORTH,), (SOUTH,)]


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("app_sync", "SELECT FROM organization_directory"),
        ("authn", "SELECT FROM organization_directory"),
        ("app_sync", "SELECT FROM user_credential"),
        ("app_sync", "SELECT FROM user_session"),
        ("app_office", "SELECT FROM user_credential"),
        ("worker", "SELECT FROM user_credential"),
        ("worker", "SELECT refresh_hash FROM user_session"),
        ("readonly", "SELECT FROM device"),
        ("app_sync", "SELECT organization_ids()"),
        ("app_office", "SELECT organization_clocks()"),
        ("app_sync", "SELECT organization_by_domain('a')"),
        ("app_sync", "UPDATE device SET public_key = 'another'"),
        ("authn", "UPDATE device SET chain_head = 'another'"),
        ("app_sync", "UPDATE org_clock SET epoch = organization_id"),
        ("app_sync", "UPDATE applied_mutation SET body_digest = 'another'"),
        ("app_sync", "UPDATE signature SET body = 'another'"),
        ("app_sync", "UPDATE personal_value SET commitment = 'another'"),
        ("app_sync", "DELETE FROM work_order"),
        ("app_sync", "TRUNCATE work_order"),
        ("app_office", "UPDATE work_order SET title = 'another'"),
        ("app_sync", "SET ROLE cmms_owner"),
        ("app_sync", "ALTER TABLE work_order DISABLE ROW LEVEL SECURITY"),
        ("app_sync", "CREATE TABLE public.own (id int)"),
    ],
)
def test_a_role_is_refused_what_is_not_its_work(filled: str, role: str, statement: str) -> None:
    with acting(filled, role, NORTH) as connection, pytest.raises(errors.InsufficientPrivilege):
        run(connection, statement)


def test_readers_start_every_transaction_read_only(filled: str) -> None:
    for role in ("readonly", "backup"):
        with psycopg.connect(make_conninfo(filled, user=f"cmms_{role}")) as connection:
            assert run(connection, "SHOW transaction_read_only").fetchone() == ("on",)


def test_the_backup_reads_every_row_of_everybody(filled: str) -> None:
    names = [*metadata.tables, "work_order_p0", "work_order_p1", "work_order_p2", "work_order_p3"]
    with acting(filled, "backup", None) as connection:
        counted = {table: run(connection, "SELECT count(*) FROM {}", table).fetchone() for table in names}
    assert {table: counted[table] for table in metadata.tables} == dict.fromkeys(metadata.tables, (2,))


def test_a_back_fill_of_the_migrator_finds_the_rows_and_the_owner_none(filled: str) -> None:
    with psycopg.connect(make_conninfo(filled, user="cmms_migrator")) as connection:
        set_locally(connection, "app.commit_seq", str(COMMIT_SEQ))
        assert run(connection, "UPDATE work_order SET hazards = hazards").rowcount == 2
        connection.execute("SET LOCAL ROLE cmms_owner")
        assert run(connection, "UPDATE work_order SET hazards = hazards").rowcount == 0
        connection.rollback()
