"""Ways to look aside with SQL, tried by every role on every table it may use: nothing of the other side comes.

It is not believed that a role of the server runs such statements; but one that is wrong must not show more than its
tenant has. Whoever may run any statement he likes as one of these roles may also choose another tenant (D-153): the
wall holds mistakes, and what people send; keys of the database stay with the server.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from sync_server.contract.entities import REGISTRY
from sync_server.storage.catalog_allowed import APPEND_ONLY
from sync_server.storage.tables import metadata
from tests.migrations.filling import NORTH, SOUTH, row_id
from tests.security.acting import SERVING, acting, lending_temporary_things, run, set_locally, tables_with
from tests.support.postgres import both_postgres_ends

pytestmark = both_postgres_ends

LEAK = (
    "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$"
    " BEGIN RAISE NOTICE '%', $1; RETURN true; END $$"
)
ALL_CTIDS = "ARRAY['(0,1)', '(0,2)', '(0,3)', '(0,4)', '(0,5)']::tid[]"
READS = (
    "SELECT to_jsonb(t)::text FROM {} AS t",
    "SELECT t::text FROM {} AS t WHERE {} = %(other)s",
    "SELECT t::text FROM {} AS t WHERE {} <> %(own)s",
    "SELECT t::text FROM {} AS t WHERE true OR {} = %(other)s",
    "SELECT t::text FROM ONLY {} AS t",
    f"SELECT t::text FROM {{}} AS t WHERE ctid = ANY ({ALL_CTIDS})",
    "SELECT t::text FROM {} AS t TABLESAMPLE SYSTEM (100)",
    "SELECT count(*)::text FROM {} AS t WHERE pg_temp.leak(t::text)",
    "SELECT t::text FROM {} AS t WHERE 1 / (CASE WHEN {} = %(other)s THEN 0 ELSE 1 END) = 1",
    "SELECT ({}::text)::int::text FROM {} AS t",
    "SELECT (t::text)::xml::text FROM {} AS t",
    "SELECT t::text FROM {} AS t ORDER BY 1 / (CASE WHEN {} = %(other)s THEN 0 ELSE 1 END)",
    "SELECT table_to_xml({}, true, false, '')::text",
    "SELECT string_agg(word, ' ') FROM ts_stat('SELECT to_tsvector(''simple'', t::text) FROM ' || {}) AS found",
    "EXPLAIN (ANALYZE, VERBOSE, COSTS OFF) SELECT t::text FROM {} AS t WHERE {} <> %(own)s",
    "WITH RECURSIVE r AS (SELECT t FROM {} AS t UNION ALL SELECT r.t FROM r WHERE false) SELECT r::text FROM r",
)
"""`{}` stands for the table, or for its column of the organization where that is compared."""

BEYOND = (
    "COPY part TO '/dev/null'",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/hostname')",
    "SELECT lo_get(77)",
    "SET ROLE cmms_resolver",
    "SET ROLE cmms_migrator",
    "SET ROLE cmms_backup",
    "SET SESSION AUTHORIZATION postgres",
    "CREATE VIEW public.list AS SELECT 1",
    "CREATE FUNCTION public.leak() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE SCHEMA own",
    "CREATE EXTENSION dblink",
    "CREATE PUBLICATION everything FOR ALL TABLES",
    "CREATE POLICY wide ON part USING (true)",
    "ALTER TABLE part NO FORCE ROW LEVEL SECURITY",
    "ALTER FUNCTION organization_ids() SECURITY INVOKER",
    "CREATE TRIGGER t AFTER INSERT ON part EXECUTE FUNCTION guard_row()",
    "CREATE RULE r AS ON SELECT TO part DO INSTEAD SELECT 1",
    "SET session_replication_role = replica",
    "TRUNCATE part",
    "LOCK TABLE organization_directory",
    "LOCK TABLE work_order_p0",
    "COPY work_order_p1 TO STDOUT",
    "COPY organization_directory TO STDOUT",
    "EXPLAIN SELECT FROM organization_directory",
    "SELECT FROM work_order_p0 WHERE false",
    "INSERT INTO work_order_p0 SELECT * FROM work_order",
)
"""What is nobody's work who serves."""
REFUSED = (errors.InsufficientPrivilege, errors.WrongObjectType)
CHANGES = (
    "DELETE FROM {}",
    "UPDATE {} SET organization_id = organization_id",
    "MERGE INTO {} AS t USING {} AS s ON t.organization_id = s.organization_id WHEN MATCHED THEN DELETE",
    "TRUNCATE {}",
)
CHANGES_OF_SYNCED = (
    "UPDATE {} SET deleted_at = NULL",
    "INSERT INTO {} SELECT * FROM {} ON CONFLICT (organization_id, id) DO UPDATE SET version = 2",
)
RECORDS = [name.removeprefix("public.") for name in APPEND_ONLY]


@pytest.fixture
def notices() -> list[str]:
    return []


def ids_of(organization_id: UUID) -> set[str]:
    return {str(organization_id), *(row_id(organization_id, table) for table in metadata.tables)}


def named(statement: str, table: str) -> Iterator[str]:
    """What to put in for the places of a statement, from left to right."""
    key = "id" if table == "organization" else "organization_id"
    for before in statement.split("{}")[:-1]:
        is_key = before.endswith(("WHERE ", "OR ", "WHEN ", "SELECT ("))
        yield key if is_key else table


def answers(connection: psycopg.Connection[Any], statement: str, table: str) -> str:
    """All that comes back of one statement, taken back again: rows, or what PostgreSQL complains of."""
    values: dict[str, Any] = {"other": SOUTH, "own": NORTH}
    names = list(named(statement, table))
    if "table_to_xml" in statement or "ts_stat" in statement:
        statement, names = statement.replace("{}", "%(table)s"), []
        values["table"] = f"public.{table}"
    try:
        with connection.transaction(force_rollback=True):
            return str(run(connection, statement, *names, **values).fetchall())
    except psycopg.Error as error:
        return f"{error} {error.diag.message_detail} {error.diag.context}"


@pytest.mark.parametrize("role", SERVING)
def test_no_way_of_reading_shows_the_other_organization(filled: str, role: str, notices: list[str]) -> None:
    theirs, ours = ids_of(SOUTH), ids_of(NORTH)
    seen = ""
    with lending_temporary_things(filled), acting(filled, role, NORTH) as connection:
        connection.add_notice_handler(lambda told: notices.append(str(told.message_primary)))
        connection.execute(LEAK)
        set_locally(connection, "app.site_ids", row_id(NORTH, "site"))
        for table in tables_with(filled, role, "SELECT"):
            for statement in READS:
                told = answers(connection, statement, table)
                assert "division by zero" not in told
                found = [each for each in theirs if each in told.replace(f"'{SOUTH}'", "")]
                assert found == [], (table, statement, told)
                seen += told
    assert [line for line in notices if any(each in line for each in theirs)] == []
    assert any(str(NORTH) in line for line in notices)
    assert len([each for each in ours if each in seen]) >= 7


def test_no_way_of_reading_shows_the_office_another_site(two_sites: str, notices: list[str]) -> None:
    narrowed = [
        table
        for table in tables_with(two_sites, "app_office", "SELECT")
        if table in REGISTRY and row_id(NORTH, table, "second") not in visible_to_all(two_sites, table)
    ]
    assert len(narrowed) >= 15
    theirs = {row_id(NORTH, table, "second") for table in narrowed} | {row_id(SOUTH, table) for table in narrowed}
    with lending_temporary_things(two_sites), acting(two_sites, "app_office", NORTH) as connection:
        connection.add_notice_handler(lambda told: notices.append(str(told.message_primary)))
        connection.execute(LEAK)
        set_locally(connection, "app.site_ids", row_id(NORTH, "site"))
        for table in narrowed:
            for statement in READS:
                told = answers(connection, statement, table)
                assert [each for each in theirs if each in told] == [], (table, statement, told)
    assert [line for line in notices if any(each in line for each in theirs)] == []


def visible_to_all(owner_url: str, table: str) -> set[str]:
    """Ids that the office reads without any site."""
    with acting(owner_url, "app_office", NORTH) as connection:
        return {id_ for (id_,) in run(connection, "SELECT id::text FROM {}", table).fetchall()}


@pytest.mark.parametrize("role", SERVING)
def test_nobody_copies_out_what_he_may_not_read(filled: str, role: str) -> None:
    with acting(filled, role, NORTH) as connection:
        set_locally(connection, "app.site_ids", row_id(NORTH, "site"))
        for table in tables_with(filled, role, "SELECT"):
            for source in ("{}", "(SELECT * FROM {})"):
                with connection.cursor() as cursor, cursor.copy(copying(source, table)) as copied:
                    text = b"".join(bytes(part) for part in copied).decode()
                assert str(SOUTH) not in text, table
                assert str(NORTH) in text or source == "{}", table


def copying(source: str, table: str) -> bytes:
    return f"COPY {source.format(table)} TO STDOUT".encode()


@pytest.mark.parametrize("role", ["app_sync", "worker", "authn"])
def test_a_row_of_the_other_organization_stands_in_nobodys_way(filled: str, role: str) -> None:
    """Whatever id is taken there, an INSERT here ends as with one that nobody has, and theirs stays as it was."""
    updated = tables_with(filled, role, "UPDATE")
    for table in tables_with(filled, role, "INSERT"):
        if "id" not in metadata.tables[table].columns:
            continue
        clauses = ["ON CONFLICT DO NOTHING"]
        if table in updated:
            clauses.append("ON CONFLICT (organization_id, id) DO UPDATE SET organization_id = EXCLUDED.organization_id")
        for clause in clauses:
            ends = [inserted(filled, role, table, clause, id_) for id_ in (row_id(SOUTH, table), str(UUID(int=7)))]
            assert ends[0] == ends[1], (table, clause)


def inserted(owner_url: str, role: str, table: str, clause: str, id_: str) -> tuple[Any, ...]:
    """How many rows a copy under another id became, or what stood in its way."""
    is_root = table in REGISTRY and REGISTRY[table].aggregates == (table,)
    changes = {"id": id_, **({"aggregate_id": id_} if is_root else {})}
    with acting(owner_url, role, NORTH) as connection:
        try:
            done = run(
                connection,
                "INSERT INTO {} SELECT r.* FROM {} AS t,"
                f" jsonb_populate_record(NULL::{{}}, to_jsonb(t) || %(changes)s) AS r {clause}",
                *(table, table, table),
                changes=Jsonb(changes),
            )
        except psycopg.Error as error:
            return error.sqlstate, error.diag.constraint_name, str(error).replace(id_, "…")
        return (done.rowcount,)


def test_a_merge_finds_nothing_of_the_other_organization(filled: str) -> None:
    for table in ("part", "work_order", "asset"):
        with acting(filled, "app_sync", NORTH) as connection:
            done = run(
                connection,
                "MERGE INTO {} AS t USING (SELECT %(other)s::uuid AS o, %(id)s::uuid AS i) AS s"
                " ON t.organization_id = s.o AND t.id = s.i"
                " WHEN MATCHED THEN UPDATE SET code_conflict = t.code_conflict"
                if "code_conflict" in metadata.tables[table].columns
                else "MERGE INTO {} AS t USING (SELECT %(other)s::uuid AS o, %(id)s::uuid AS i) AS s"
                " ON t.organization_id = s.o AND t.id = s.i WHEN MATCHED THEN UPDATE SET version = t.version",
                table,
                other=SOUTH,
                id=row_id(SOUTH, table),
            )
            assert done.rowcount == 0


@pytest.mark.parametrize("role", SERVING)
def test_row_security_is_not_turned_off_by_who_is_bound_by_it(filled: str, role: str) -> None:
    with acting(filled, role, NORTH) as connection:
        connection.execute("SET LOCAL row_security = off")
        for table in tables_with(filled, role, "SELECT"):
            with pytest.raises(errors.InsufficientPrivilege), connection.transaction():
                run(connection, "SELECT FROM {}", table)


@pytest.mark.parametrize("role", SERVING)
def test_statistics_show_no_value_of_any_table(filled: str, role: str) -> None:
    with psycopg.connect(filled, autocommit=True) as connection:
        connection.execute("ANALYZE part")
        known = connection.execute("SELECT count(*) FROM pg_stats WHERE tablename = 'part'").fetchone()
    assert known is not None
    assert known[0] > 5
    with acting(filled, role, NORTH) as connection:
        for view in ("pg_stats", "pg_stats_ext", "pg_stats_ext_exprs"):
            statement = "SELECT * FROM {} WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            assert run(connection, statement, view).fetchall() == [], "the number of the newest revision is no secret"
        for table in ("pg_statistic", "pg_statistic_ext_data", "pg_authid", "pg_largeobject", "pg_hba_file_rules"):
            with pytest.raises(errors.InsufficientPrivilege), connection.transaction():
                run(connection, "SELECT FROM {}", table)


@pytest.mark.parametrize("role", SERVING)
def test_nobody_reads_what_another_role_is_just_asking(filled: str, role: str) -> None:
    busy = "app_office" if role == "app_sync" else "app_sync"
    with (
        acting(filled, busy, SOUTH) as other,
        psycopg.connect(make_conninfo(filled, user=f"cmms_{role}"), autocommit=True) as connection,
    ):
        other.execute("SELECT 'a word of the other organization'")
        told = connection.execute(
            "SELECT query FROM pg_stat_activity WHERE pid = %s", (other.info.backend_pid,)
        ).fetchone()
    assert told == ("<insufficient privilege>",)


@pytest.mark.parametrize("role", SERVING)
def test_nobody_who_serves_leaves_his_room(filled: str, role: str) -> None:
    with psycopg.connect(filled, autocommit=True) as connection:
        connection.execute("SELECT lo_create(77) WHERE NOT EXISTS (SELECT FROM pg_largeobject_metadata WHERE oid = 77)")
    with acting(filled, role, NORTH) as connection:
        for statement in BEYOND:
            with pytest.raises(REFUSED), connection.transaction():
                connection.execute(statement.encode())


def test_no_number_is_counted_for_several_organizations(filled: str) -> None:
    with psycopg.connect(filled) as connection:
        assert connection.execute("SELECT relname FROM pg_class WHERE relkind = 'S'").fetchall() == []
    for role in SERVING:
        with acting(filled, role, NORTH) as connection, pytest.raises(errors.ObjectNotInPrerequisiteState):
            connection.execute("SELECT lastval()")


@pytest.mark.parametrize("role", SERVING)
def test_a_record_is_only_ever_added_to(filled: str, role: str) -> None:
    with acting(filled, role, NORTH) as connection:
        for table in RECORDS:
            for statement in (*CHANGES, *(CHANGES_OF_SYNCED if table in REGISTRY else ())):
                with pytest.raises(errors.InsufficientPrivilege), connection.transaction():
                    run(connection, statement, *[table] * statement.count("{}"))


def test_not_even_the_owner_or_the_migrator_deletes_a_record(filled: str) -> None:
    for role in ("cmms_owner", "cmms_migrator"):
        with psycopg.connect(filled) as connection:
            set_locally(connection, "app.organization_id", str(NORTH))
            connection.execute(f"SET LOCAL ROLE {role}".encode())
            for table in RECORDS:
                with pytest.raises(errors.RaiseException, match="never removed"), connection.transaction():
                    run(connection, "DELETE FROM {}", table)
            connection.rollback()


@pytest.mark.parametrize("role", SERVING)
def test_nobody_who_serves_leaves_a_table_that_hides_another_in_a_connection(filled: str, role: str) -> None:
    """It would stand before the real one for whoever has the connection next, of whatever organization."""
    for statement in ("CREATE TEMP TABLE work_order (id uuid)", "CREATE TEMP VIEW work_order AS SELECT 1"):
        with acting(filled, role, NORTH) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement.encode())
