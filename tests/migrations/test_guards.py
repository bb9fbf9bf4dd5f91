"""The triggers: what they refuse, also to a superuser, and what they let through."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from sync_server.storage.tables import SYNCED
from tests.migrations.filling import COMMIT_SEQ, NORTH, FilledDatabases, row_id
from tests.support.postgres import Clusters, both_postgres_ends

pytestmark = both_postgres_ends

NEXT_SEQ = COMMIT_SEQ + 1


@pytest.fixture(scope="module")
def filled_databases(clusters: Clusters) -> Iterator[FilledDatabases]:
    databases = FilledDatabases(clusters, (NORTH, "main"))
    yield databases
    databases.drop()


@pytest.fixture
def superuser(filled_databases: FilledDatabases, postgres_end: str) -> Iterator[psycopg.Connection[Any]]:
    """A superuser's transaction without a unit of work, rolled back at the end."""
    with psycopg.connect(filled_databases.url(postgres_end)) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def writing(filled_databases: FilledDatabases, postgres_end: str) -> Iterator[psycopg.Connection[Any]]:
    """A transaction of the sync role inside commit 2, rolled back at the end."""
    with psycopg.connect(make_conninfo(filled_databases.url(postgres_end), user="cmms_app_sync")) as connection:
        begin(connection)
        yield connection
        connection.rollback()


def begin(connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        "SELECT set_config('app.organization_id', %s, true), set_config('app.commit_seq', %s, true)",
        (str(NORTH), str(NEXT_SEQ)),
    )


def insert_copy(connection: psycopg.Connection[Any], table: str, **changes: Any) -> None:
    """Insert the row that is there once more, with changes."""
    statement = sql.SQL(
        "INSERT INTO {0} SELECT r.* FROM {0} AS t,"
        " jsonb_populate_record(NULL::{0}, to_jsonb(t) || %s) AS r WHERE t.id = %s"
    ).format(sql.Identifier(table))
    connection.execute(statement, (Jsonb(changes), row_id(NORTH, table)))


def move(connection: psycopg.Connection[Any], number: int, quantity: int) -> None:
    moved = {"kind": "adjustment", "quantity": quantity, "sync_seq": NEXT_SEQ}
    insert_copy(connection, "stock_movement", id=str(UUID(int=number)), **moved)


def set_level(connection: psycopg.Connection[Any], quantity: int) -> None:
    connection.execute("UPDATE stock_level SET quantity = %s, sync_seq = %s", (Decimal(quantity), NEXT_SEQ))


def check_as_at_commit(connection: psycopg.Connection[Any]) -> None:
    """Run the deferred triggers now."""
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_no_synced_row_is_ever_removed(superuser: psycopg.Connection[Any]) -> None:
    for table in SYNCED:
        for statement in ("DELETE FROM {}", "TRUNCATE {} CASCADE"):
            with pytest.raises(errors.RaiseException, match="never removed"), superuser.transaction():
                superuser.execute(sql.SQL(statement).format(sql.Identifier(table)))  # type: ignore[arg-type]


def test_every_synced_table_refuses_a_row_outside_of_its_commit(superuser: psycopg.Connection[Any]) -> None:
    for table in SYNCED:
        update = sql.SQL("UPDATE {} SET sync_seq = sync_seq").format(sql.Identifier(table))
        for commit_seq in (None, "", "999"):
            if commit_seq is not None:
                superuser.execute("SELECT set_config('app.commit_seq', %s, true)", (commit_seq,))
            with pytest.raises(errors.RaiseException, match="outside of a unit of work"), superuser.transaction():
                superuser.execute(update)
        superuser.rollback()


def test_an_insert_is_stamped_with_its_commit_and_no_other(writing: psycopg.Connection[Any]) -> None:
    for stamp in (COMMIT_SEQ, NEXT_SEQ + 1):
        with pytest.raises(errors.RaiseException, match="outside of a unit of work"), writing.transaction():
            insert_copy(writing, "comment", id=str(UUID(int=1)), sync_seq=stamp)
    insert_copy(writing, "comment", id=str(UUID(int=1)), sync_seq=NEXT_SEQ)


def test_one_wrong_row_among_many_is_found(writing: psycopg.Connection[Any]) -> None:
    with pytest.raises(errors.RaiseException, match="outside of a unit of work"):
        writing.execute(
            "INSERT INTO comment SELECT r.* FROM comment AS t, generate_series(1, 50) AS n, jsonb_populate_record("
            "NULL::comment, to_jsonb(t) || jsonb_build_object('id', lpad(n::text, 32, '0')::uuid,"
            " 'sync_seq', CASE n WHEN 49 THEN 1 ELSE 2 END)) AS r"
        )


@pytest.mark.parametrize("column", ["id", "aggregate_id"])
def test_a_row_keeps_its_id_and_its_aggregate(superuser: psycopg.Connection[Any], column: str) -> None:
    superuser.execute("SELECT set_config('app.commit_seq', %s, true)", (str(NEXT_SEQ),))
    for table in ("checklist_item", "work_log_event", "personal_value"):
        statement = sql.SQL("UPDATE {} SET {} = %s, sync_seq = %s").format(
            sql.Identifier(table), sql.Identifier(column)
        )
        with pytest.raises(errors.RaiseException, match="change its id or aggregate"), superuser.transaction():
            superuser.execute(statement, (UUID(int=5), NEXT_SEQ))


def test_an_order_stays_in_its_organization(superuser: psycopg.Connection[Any]) -> None:
    """A row that moves to another part of its table is removed there and made here: afterwards nothing was changed."""
    superuser.execute("SELECT set_config('app.commit_seq', %s, true)", (str(NEXT_SEQ),))
    for number in range(5, 12):  # some of them lie in another part
        with pytest.raises(errors.RaiseException, match="change its id or aggregate"), superuser.transaction():
            superuser.execute("UPDATE work_order SET organization_id = %s, sync_seq = %s", (UUID(int=number), NEXT_SEQ))


def test_one_wrong_row_among_many_changed_ones_is_found(superuser: psycopg.Connection[Any]) -> None:
    superuser.execute("SELECT set_config('app.commit_seq', %s, true)", (str(NEXT_SEQ),))
    superuser.execute(
        "INSERT INTO comment SELECT r.* FROM comment AS t, generate_series(1, 50) AS n, jsonb_populate_record("
        "NULL::comment, to_jsonb(t) || jsonb_build_object('id', lpad(n::text, 32, '0')::uuid, 'sync_seq', %s)) AS r",
        (NEXT_SEQ,),
    )
    superuser.execute("UPDATE comment SET text = 'Changed', sync_seq = %s", (NEXT_SEQ,))
    with pytest.raises(errors.RaiseException, match="outside of a unit of work"):
        superuser.execute(
            "UPDATE comment SET sync_seq = CASE id WHEN lpad('49', 32, '0')::uuid THEN 1 ELSE %s END", (NEXT_SEQ,)
        )


def test_a_child_lies_in_the_aggregate_of_its_root(writing: psycopg.Connection[Any]) -> None:
    for table in ("work_order_assignment", "checklist", "comment", "signature", "team_member", "site_access"):
        with pytest.raises(errors.CheckViolation, match=f"ck_{table}_aggregate_id"), writing.transaction():
            insert_copy(writing, table, id=str(UUID(int=1)), aggregate_id=str(UUID(int=2)), sync_seq=NEXT_SEQ)


@pytest.mark.parametrize("movement_first", [True, False])
def test_a_level_may_be_written_before_or_after_its_movements(
    writing: psycopg.Connection[Any], movement_first: bool
) -> None:
    steps = [lambda: move(writing, 1, -3), lambda: move(writing, 2, 1), lambda: set_level(writing, -1)]
    for step in steps if movement_first else reversed(steps):
        step()
    check_as_at_commit(writing)
    assert writing.execute("SELECT quantity FROM stock_level").fetchone() == (Decimal(-1),)


def test_a_level_that_is_not_the_sum_of_its_movements_is_refused_at_commit(writing: psycopg.Connection[Any]) -> None:
    move(writing, 1, -3)
    set_level(writing, -1)
    with pytest.raises(errors.RaiseException, match="not the sum of its movements"):
        writing.commit()


def test_a_movement_without_its_level_is_refused_at_commit(writing: psycopg.Connection[Any]) -> None:
    move(writing, 1, -3)
    with pytest.raises(errors.RaiseException, match="not the sum of its movements"):
        writing.commit()


def test_a_level_without_a_movement_is_refused_at_commit(writing: psycopg.Connection[Any]) -> None:
    set_level(writing, 5)
    with pytest.raises(errors.RaiseException, match="not the sum of its movements"):
        writing.commit()


def test_movements_that_cancel_out_need_no_new_level(writing: psycopg.Connection[Any]) -> None:
    move(writing, 1, -3)
    move(writing, 2, 3)
    check_as_at_commit(writing)


def test_a_movement_to_a_place_without_a_level_is_refused_at_commit(writing: psycopg.Connection[Any]) -> None:
    place = str(UUID(int=1))
    insert_copy(writing, "stock_location", id=place, aggregate_id=place, code="other", sync_seq=NEXT_SEQ)
    insert_copy(writing, "stock_movement", id=str(UUID(int=2)), stock_location_id=place, sync_seq=NEXT_SEQ)
    with pytest.raises(errors.RaiseException, match="not the sum of its movements"):
        writing.commit()


@pytest.mark.parametrize("named", ["", "0190c1f0-0000-7000-8000-0000000000ff"])
@pytest.mark.parametrize("with_level", [True, False])
def test_invariant_17_no_level_escapes_its_check_by_naming_another_organization(
    writing: psycopg.Connection[Any], named: str, with_level: bool
) -> None:
    """Behind row security the check would then see neither the level nor a movement, and find them alike."""
    if with_level:
        set_level(writing, 5)
    else:
        move(writing, 1, -3)
    writing.execute("SELECT set_config('app.organization_id', %s, true)", (named,))
    with pytest.raises(errors.RaiseException, match="stock level"):
        writing.commit()


def test_a_level_never_becomes_that_of_another_part(writing: psycopg.Connection[Any]) -> None:
    with pytest.raises(errors.RaiseException, match="another part or place"):
        writing.execute("UPDATE stock_level SET part_id = %s, sync_seq = %s", (UUID(int=1), NEXT_SEQ))


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("stock_movement", {"quantity": "NaN"}),
        ("work_log_event", {"latitude": "NaN"}),
        ("work_log_event", {"longitude": 180.5}),
        ("work_log_event", {"accuracy_m": "Infinity"}),
        ("work_log_event", {"distance_m": "NaN"}),
        ("work_log_event", {"fence": "maybe"}),
        ("site", {"latitude": "-Infinity"}),
        ("site", {"fence_radius_m": 0}),
        ("work_order", {"status": "finished"}),
        ("work_order_assignment", {"team_id": None, "person_id": None}),
    ],
)
def test_a_value_out_of_bounds_is_refused(
    writing: psycopg.Connection[Any], table: str, changes: dict[str, Any]
) -> None:
    own = {"id": str(UUID(int=1)), "sync_seq": NEXT_SEQ}
    if table in {"site", "work_order"}:
        own |= {"aggregate_id": str(UUID(int=1)), "code_conflict": True}
    with pytest.raises(errors.CheckViolation):
        insert_copy(writing, table, **own, **changes)


def test_a_natural_key_is_unique_among_rows_that_are_live_and_unmarked(writing: psycopg.Connection[Any]) -> None:
    own = {"sync_seq": NEXT_SEQ}
    for number, changes in enumerate([{"code_conflict": True}, {"deleted_at": "2026-03-02T12:00:00Z"}], 1):
        row = str(UUID(int=number))
        insert_copy(writing, "work_order", id=row, aggregate_id=row, **own, **changes)
    # on a partitioned table PostgreSQL names the partition's own index
    with pytest.raises(errors.UniqueViolation, match="work_order_p"), writing.transaction():
        insert_copy(writing, "work_order", id=str(UUID(int=3)), aggregate_id=str(UUID(int=3)), **own)
    with pytest.raises(errors.UniqueViolation, match="uq_part_code"):
        insert_copy(writing, "part", id=str(UUID(int=3)), aggregate_id=str(UUID(int=3)), **own)
