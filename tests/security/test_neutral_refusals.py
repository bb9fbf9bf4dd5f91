"""What a constraint says no to is told alike whoever stands in the way: one answer for keys, one for values.

Every key, reference, check and column of the live catalog is violated as the role that writes there, through the same
door as the server's own statements. A row of another organization, one that is nobody's and one that is in the way at
home give the same answer to the letter.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from sync_server.contract.entities import REGISTRY
from sync_server.errors import Bug, Refused
from sync_server.storage.engine import Database, DatabaseRole
from sync_server.storage.tables import metadata
from sync_server.storage.translation import translation
from tests.migrations.filling import COMMIT_SEQ, NORTH, SOUTH, row_id
from tests.security.acting import run, set_locally
from tests.support.postgres import TEST_SECRET, both_postgres_ends

IN_THE_WAY = ("conflicting_reference", "Another record stands in the way, or one that is named is not there.")
NO_VALUE = ("invalid_value", "A value cannot be stored in its field.")
WRITERS: tuple[DatabaseRole, ...] = ("app_sync", "worker", "authn")
COPY = (
    "INSERT INTO {} SELECT r.* FROM {} AS t, jsonb_populate_record(NULL::{}, to_jsonb(t) || %(changes)s) AS r"
    " WHERE t.organization_id = %(organization_id)s"
)
READERS: dict[str, DatabaseRole] = {"push_subscription": "worker", "service_requester": "authn"}
"""Tables that one role writes and cannot read, and who reads them."""
OWN = "SELECT to_jsonb(t) FROM {} AS t WHERE t.organization_id = %(organization_id)s"
GIVEN = "INSERT INTO {} SELECT r.* FROM jsonb_populate_record(NULL::{}, %(row)s || %(changes)s) AS r"
REFERENCES = """
SELECT t.relname, k.conname, a.attname, r.relname FROM pg_constraint AS k
JOIN pg_class AS t ON t.oid = k.conrelid JOIN pg_class AS r ON r.oid = k.confrelid
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.conkey[2]
WHERE k.contype = 'f' AND k.conparentid = 0 AND t.relnamespace = 'public'::regnamespace AND NOT t.relispartition
ORDER BY 1, 2
"""
CHECKS = """
SELECT t.relname, k.conname, array(SELECT attname::text FROM pg_attribute
  WHERE attrelid = t.oid AND attnum = ANY (k.conkey) ORDER BY attnum)
FROM pg_constraint AS k JOIN pg_class AS t ON t.oid = k.conrelid
WHERE k.contype = 'c' AND k.conparentid = 0 AND t.relnamespace = 'public'::regnamespace AND NOT t.relispartition
ORDER BY 1, 2
"""
WRONG: tuple[Any, ...] = ("?", -1, 1e9, None, True, str(UUID(int=9)), "2001-01-01")
"""Values of which one or another is refused by any check."""
BESIDE: dict[str, dict[str, Any]] = {
    "approved_by": {"approved_at": "2026-03-02T08:00:00Z", "state": "approved"},
    "work_order_template_id": {"action": "make_order", "tag_id": None, "priority": None},
    "meter_id": {
        **dict.fromkeys(("rule", "starts_on", "minute_of_day", "next_local", "next_due_at")),
        "lead_days": 0,
        "every_units": "1",
        "next_due_value": "1",
        "due_value": "1",
    },
}
"""What has to stand beside a reference, or a check would answer before it."""


@pytest.fixture(scope="module")
def opened() -> Iterator[dict[str, Database]]:
    databases: dict[str, Database] = {}
    yield databases
    for database in databases.values():
        database.close()


@pytest.fixture
def door(filled: str, opened: dict[str, Database]) -> Database:
    """The server's own way to the filled database."""
    if filled not in opened:
        opened[filled] = Database(filled, TEST_SECRET, allow_old_postgres=True)
    return opened[filled]


def asked(owner_url: str, query: str) -> list[Any]:
    with psycopg.connect(owner_url) as connection:
        return connection.execute(query.encode()).fetchall()


def writer_of(owner_url: str, table: str) -> DatabaseRole | None:
    """Who may insert there; None: nobody who serves."""
    with psycopg.connect(owner_url) as connection:
        for role in WRITERS:
            ask = "SELECT has_table_privilege(%s, %s, 'INSERT')"
            if connection.execute(ask, (f"cmms_{role}", f"public.{table}")).fetchone() == (True,):
                return role
    return None


def written(owner_url: str) -> dict[str, DatabaseRole]:
    writers = {table: writer_of(owner_url, table) for table in metadata.tables}
    return {table: role for table, role in sorted(writers.items()) if role is not None}


def told(door: Database, role: DatabaseRole, table: str, changes: dict[str, Any]) -> tuple[str, str] | None:
    """What comes of a copy of the own row with these values; never kept. None: nothing stood in the way."""
    try:
        with door.transaction(role, NORTH) as connection:
            set_locally(connection, "app.commit_seq", str(COMMIT_SEQ))
            if table in READERS:
                run(connection, GIVEN, table, table, row=Jsonb(own_row(door, table)), changes=Jsonb(changes))
            else:
                run(connection, COPY, table, table, table, changes=Jsonb(changes), organization_id=NORTH)
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            raise Undone
    except Refused as refusal:
        return refusal.code, refusal.sentence
    except Undone:
        return None


def own_row(door: Database, table: str) -> Any:
    """The row of the organization, read by who may."""
    with door.transaction(READERS[table], NORTH) as connection:
        (row,) = run(connection, OWN, table, organization_id=NORTH).fetchone() or (None,)
    return row


def fresh(table: str, id_: str | None = None) -> dict[str, Any]:
    """Another id for a copy of a row, where it has one; of an aggregate's own root it is the aggregate's, too."""
    if "id" not in metadata.tables[table].columns:
        return {}
    new_id = id_ or str(uuid4())
    is_root = table in REGISTRY and REGISTRY[table].aggregates == (table,)
    return {"id": new_id, "aggregate_id": new_id} if is_root else {"id": new_id}


class Undone(Exception):  # noqa: N818 - nothing went wrong
    """Takes back what was written."""


def test_every_violation_of_integrity_has_one_of_two_answers() -> None:
    """Whatever PostgreSQL or a later one of it says in its classes 22 and 23, and for a view's check."""
    raised = [error for error in vars(psycopg.errors).values() if isinstance(error, type)]
    states = {error.sqlstate: error for error in raised if isinstance(getattr(error, "sqlstate", None), str)}
    integrity = {state: error for state, error in states.items() if state[:2] in {"22", "23"} or state == "44000"}
    assert len(integrity) > 50
    answers = {state: translation(error("Key (code)=(P-17) of part")) for state, error in integrity.items()}
    assert {state for state, answer in answers.items() if not isinstance(answer, Refused)} == set()
    pairs = {state: (answer.code, answer.sentence) for state, answer in answers.items() if isinstance(answer, Refused)}
    assert set(pairs.values()) == {IN_THE_WAY, NO_VALUE}
    about_others = {"23000", "23001", "23503", "23505", "23P01"}
    assert {state for state, pair in pairs.items() if pair == IN_THE_WAY} == about_others


def test_nothing_of_what_postgres_says_is_in_what_anybody_is_told() -> None:
    raised = [error for error in vars(psycopg.errors).values() if isinstance(error, type)]
    for error in raised:
        if isinstance(getattr(error, "sqlstate", None), str):
            assert "P-17" not in str(translation(error("Key (code)=(P-17) of part")))


@both_postgres_ends
def test_a_key_that_is_taken_gives_the_one_answer(filled: str, door: Database) -> None:
    writers = written(filled)
    assert len(writers) > 40
    assert {table: told(door, role, table, {}) for table, role in writers.items()} == dict.fromkeys(writers, IN_THE_WAY)


@both_postgres_ends
def test_a_reference_to_another_organization_and_one_to_nothing_give_the_one_answer(
    filled: str, door: Database
) -> None:
    writers = written(filled)
    references = [line for line in asked(filled, REFERENCES) if line[0] in writers]
    assert len(references) > 40
    for table, constraint, column, target in references:
        theirs, nobodys = (
            referring(door, writers[table], table, column, target, value)
            for value in (row_id(SOUTH, target), str(UUID(int=7)))
        )
        assert theirs == nobodys, constraint
        assert None not in theirs, constraint
        assert IN_THE_WAY in theirs, constraint


def referring(
    door: Database, role: DatabaseRole, table: str, column: str, target: str, value: str
) -> list[tuple[str, str] | None]:
    """What comes of a row that refers there: as its root or not, and alone or not, as an exclusive arc wants it."""
    is_its_root = table in REGISTRY and target in set(REGISTRY[table].aggregates) - {table}
    follows = {"aggregate_id": value} if is_its_root else {}
    others = {each.name: None for each in metadata.tables[table].columns if each.foreign_keys and each.nullable}
    return [
        told(door, role, table, {**fresh(table), **root, **arc, **BESIDE.get(column, {}), column: value})
        for root in ({}, follows)
        for arc in ({}, others)
    ]


@both_postgres_ends
def test_a_missing_value_gives_the_other_answer(filled: str, door: Database) -> None:
    """Without a month there is no part to look whether it may be missing: that change is told to come again."""
    for table, role in written(filled).items():
        for column in metadata.tables[table].columns:
            if not column.nullable and column.name not in {"organization_id", "received_on"}:
                assert told(door, role, table, {column.name: None}) == NO_VALUE, (table, column.name)


@both_postgres_ends
def test_a_value_that_a_check_forbids_gives_the_other_answer(filled: str, door: Database) -> None:
    writers = written(filled)
    checks = [line for line in asked(filled, CHECKS) if line[0] in writers]
    assert len(checks) > 10
    for table, constraint, columns in checks:
        answers = {
            told(door, writers[table], table, {**fresh(table), column: value}) for column in columns for value in WRONG
        }
        assert NO_VALUE in answers, constraint
        assert answers <= {NO_VALUE, IN_THE_WAY, None}, constraint


@both_postgres_ends
def test_a_row_for_another_organization_is_our_mistake_whether_or_not_it_has_one_like_it(
    filled: str, door: Database
) -> None:
    """The wall answers before any key does: the same words for what the other has and for what nobody has."""
    for table, role in written(filled).items():
        answers = set()
        for id_ in (row_id(SOUTH, table), str(UUID(int=7))):
            with pytest.raises(Bug) as mistake:
                told(door, role, table, {**fresh(table, id_), "organization_id": str(SOUTH)})
            answers.add(str(mistake.value))
        assert answers == {"The database refused a statement (SQLSTATE 42501)."}, table
