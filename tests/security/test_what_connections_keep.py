"""Connections are shared by all organizations: however a transaction ends, the next tenant finds nothing of it.

Directly, and through PgBouncer in transaction mode with a single connection to PostgreSQL.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

import sync_server
from sync_server.errors import CmmsError, Refused
from sync_server.storage.engine import SERVING_ROLES, Database, DatabaseRole
from sync_server.storage.roles import role_password
from tests.migrations.filling import NORTH, SOUTH
from tests.support.pgbouncer import PROGRAM, a_pgbouncer
from tests.support.postgres import TEST_SECRET, both_postgres_ends

SEEN = "SELECT array_agg(DISTINCT id::text), pg_backend_pid() FROM organization"
TOLD = "SELECT current_setting('app.organization_id', true), current_setting('app.site_ids', true)"
LEAVING = re.compile(
    r"\bwith hold\b|\btemp(orary)? (table|view)\b|(^|[\"';]\s*)(un)?(listen|notify) [a-z]|\bpg_notify\b"
    r"|\bset (session )?app\.|set_config\('app\.[a-z_]+', *[^()]*(\([^()]*\))?[^()]*, *false\)"
    r"|\bpg_(try_)?advisory_lock\b|\bnextval\b|\blo_create\b",
    re.IGNORECASE,
)
"""What would stay with a connection when its transaction is over."""
WITH_A_CONNECTION_OF_ITS_OWN = {"storage/migrating.py", "migrations/versions/0008_take_back_foreign_assets.py"}
Ending = Callable[[psycopg.Connection[Any]], object]


def fails(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SELECT 1 / 0")


def is_refused(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SELECT set_config('app.site_ids', %s, true)", (str(NORTH),))
    raise Refused("not_allowed", "no")


def fails_unnoticed(connection: psycopg.Connection[Any]) -> None:
    """The transaction is dead; its commit becomes a rollback."""
    with suppress(psycopg.Error):
        connection.execute("SELECT 1 / 0")


def goes_back_to_a_savepoint(connection: psycopg.Connection[Any]) -> None:
    with suppress(psycopg.Error), connection.transaction():
        connection.execute("SELECT set_config('app.organization_id', %s, true)", (str(NORTH),))
        connection.execute("SELECT 1 / 0")


def is_cancelled(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SET LOCAL statement_timeout = 1")
    connection.execute("SELECT pg_sleep(60)")


def changes_its_tenant(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SELECT set_config('app.organization_id', %s, true)", (str(NORTH),))


def holds_a_cursor(connection: psycopg.Connection[Any]) -> None:
    connection.execute("DECLARE kept CURSOR FOR SELECT * FROM organization")


ENDINGS: tuple[Ending, ...] = (
    fails,
    is_refused,
    fails_unnoticed,
    goes_back_to_a_savepoint,
    is_cancelled,
    changes_its_tenant,
    holds_a_cursor,
)


@pytest.fixture(params=["direct", "pgbouncer"])
def pooled(filled: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """The server's own door, with one connection to PostgreSQL for each role."""
    is_pooled = request.param == "pgbouncer"
    if is_pooled and PROGRAM is None:
        pytest.skip("pgbouncer is not installed: apt-get install pgbouncer")
    with (
        a_pgbouncer(filled, TEST_SECRET, pool=1) if is_pooled else nullcontext(filled) as url,
        Database(url, TEST_SECRET, behind_pgbouncer=is_pooled, allow_old_postgres=True) as database,
    ):
        yield database


def seen(database: Database, role: DatabaseRole, organization_id: object) -> tuple[object, int]:
    """Organizations that a transaction sees, and the connection of PostgreSQL that it ran on."""
    with database.transaction(role, None if organization_id is None else str(organization_id)) as connection:
        organizations, pid = connection.execute(SEEN).fetchone() or (None, 0)
    return organizations, pid


@both_postgres_ends
def test_however_a_transaction_ends_its_tenant_is_gone(pooled: Database) -> None:
    for role in SERVING_ROLES:
        _, first = seen(pooled, role, NORTH)
        for ending in ENDINGS:
            with suppress(CmmsError, Refused), pooled.transaction(role, NORTH) as connection:
                ending(connection)
            with pooled.transaction(role, None) as connection:
                told = connection.execute(TOLD).fetchone()
            assert told in (("", ""), ("", None)), ending.__name__
            assert seen(pooled, role, None) == (None, first), ending.__name__
            assert seen(pooled, role, SOUTH) == ([str(SOUTH)], first), ending.__name__


def test_the_doors_are_asked_about_through_the_pooler_too(pooled: Database) -> None:
    pooled.check_start()


@pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed: apt-get install pgbouncer")
def test_a_setting_of_the_session_would_reach_the_next_organization(filled: str) -> None:
    """The control: what this house never does, and why. The next client is another one, and sees what was set."""
    with a_pgbouncer(filled, TEST_SECRET, pool=1) as url:
        target = make_conninfo(url, user="cmms_app_sync", password=role_password(TEST_SECRET, "app_sync"))
        with psycopg.connect(target, autocommit=True, prepare_threshold=None) as one:
            one.execute("SELECT set_config('app.organization_id', %s, false)", (str(NORTH),))
        with psycopg.connect(target, autocommit=True, prepare_threshold=None) as another:
            assert another.execute("SELECT id FROM organization").fetchall() == [(NORTH,)]


def test_no_statement_of_the_server_leaves_anything_with_its_connection() -> None:
    """Nor does any speak to whoever listens: a message of NOTIFY knows no row security."""
    root = Path(sync_server.__file__).parent
    found = {
        path.relative_to(root).as_posix()
        for path in [*root.rglob("*.py"), *root.rglob("*.sql")]
        if LEAVING.search(path.read_text("utf-8"))
    }
    assert found == WITH_A_CONNECTION_OF_ITS_OWN


@pytest.mark.parametrize(
    "statement",
    [
        "select set_config('app.organization_id', %s, false)",
        "SET app.organization_id = 'x'",
        "set session app.site_ids = 'x'",
        "CREATE TEMP TABLE t AS SELECT 1",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
        "LISTEN changes",
        "NOTIFY changes, 'x'",
        'execute("listen changes")',
        "SELECT pg_notify('changes', 'x')",
        "select pg_advisory_lock(1)",
        "select set_config('app.site_ids', coalesce(%s, ''), false)",
    ],
)
def test_what_would_stay_is_recognized(statement: str) -> None:
    assert LEAVING.search(statement)
    assert not LEAVING.search("select set_config('app.site_ids', coalesce(%s, ''), true), set_config('x', 'y', false)")
