"""What a mutation may bring travels unchanged: checked, through PostgreSQL, over a line of the wire, into SQLite."""

import sqlite3
import string
import unicodedata
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_server.application.organizations import create_organization
from sync_server.contract import codec
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import ColumnSpec, EntitySpec, Row
from sync_server.storage.engine import Database
from sync_server.storage.wire_rows import insert_rows
from tests.support.server_side import read_rows

ENTITIES = ("person", "site", "asset_type", "part", "checklist_template", "team")
"""Roots without a mandatory reference; between them they have every kind of column."""

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
EARLIEST, LATEST = datetime(1900, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001 - Hypothesis adds the zone
INSTANTS = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)).map(instant_text)
BY_KIND = {
    "text": TEXT,
    "json": st.recursive(st.none() | st.integers() | TEXT, lambda inner: st.lists(inner, max_size=4)).map(
        lambda value: msgspec.json.encode(value).decode()
    ),
    "guid": st.uuids().map(str),
    "instant": INSTANTS,
    "date": st.dates(date(1900, 1, 1)).map(str),
    "decimal": st.decimals(Decimal(-(10**9)), Decimal(10**9), places=4).map(str),
    "boolean": st.booleans(),
    "integer": st.integers(-(2**31) + 1, 2**31 - 1),
    "bigint": st.integers(-(2**63) + 1, 2**63 - 1),
    "double": st.floats(allow_nan=False, allow_infinity=False),
}


def value_of(column: ColumnSpec) -> st.SearchStrategy[object]:
    if column.words:
        plain: st.SearchStrategy[object] = st.sampled_from(column.words)
    elif column.bounds != (None, None):
        low, high = column.bounds
        high = 10**9 if column.kind == "decimal" and high is None else high
        is_whole = column.kind in {"integer", "bigint"}
        plain = st.integers(int(low or 0), int(high or 10**6)) if is_whole else st.floats(low, high)
    elif column.kind == "text":
        plain = TEXT.filter(lambda text: len(unicodedata.normalize("NFC", text)) <= column.characters)
    else:
        plain = BY_KIND[column.kind]
    return st.none() | plain if column.nullable else plain


def rows_of(spec: EntitySpec) -> st.SearchStrategy[dict[str, object]]:
    skipped = {"id", "aggregate_id", "code_conflict", "site_id", "vendor_id"}
    return st.fixed_dictionaries({c.name: value_of(c) for c in spec.columns if c.name not in skipped})


@pytest.fixture(scope="module")
def a_database(clusters):
    from tests.support.postgres import TEST_SECRET

    name = clusters.new_database("embedded", migrated=True)
    with Database(clusters.get("embedded").url(name), TEST_SECRET, allow_old_postgres=True) as database:
        yield database, create_organization(database, "codec", "Codec")
    clusters.drop("embedded", name)


class _TakenBackError(Exception):
    """Ends a transaction without a trace, so that one example never meets the next."""


def stored_and_taken_back(database: Database, organization_id: str, spec: EntitySpec, row: Row) -> Row:
    with suppress(_TakenBackError), database.transaction("app_sync", organization_id) as connection:
        connection.execute("select set_config('app.commit_seq', '0', true)")
        assert insert_rows(connection, organization_id, spec.name, [row]) == 1
        stored = read_rows(connection, organization_id, entity=spec.name, ids=[str(row["id"])])
        raise _TakenBackError
    return stored[str(row["id"])]


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_row_is_the_same_in_postgresql_on_the_wire_and_in_sqlite(a_database, data):
    database, organization_id = a_database
    spec = REGISTRY[data.draw(st.sampled_from(ENTITIES))]
    drawn = data.draw(rows_of(spec))
    row_id = str(uuid4())
    values = {name: codec.checked(spec.by_name[name], value) for name, value in drawn.items()}
    row = codec.completed(spec, {**values, "id": row_id, "aggregate_id": row_id, "sync_seq": 0})
    stored = stored_and_taken_back(database, organization_id, spec, row)
    line = codec.rows_line(spec.name, msgspec.json.encode([stored[name] for name in spec.names]))
    assert stored == row
    kind, entity, (cells,) = msgspec.json.decode(line)
    with sqlite3.connect(":memory:") as replica:
        replica.execute(f"create table t ({', '.join(spec.names)})")
        replica.execute(f"insert into t values ({', '.join('?' * len(cells))})", cells)
        bound = replica.execute("select * from t").fetchone()
    assert (kind, entity, dict(zip(spec.names, bound, strict=True))) == ("rows", spec.name, row)


@given(st.sampled_from(sorted(REGISTRY)), st.text(string.ascii_letters, min_size=1), st.data())
def test_checking_twice_changes_nothing(entity, name, data):
    column = data.draw(st.sampled_from(REGISTRY[entity].columns))
    if (value := data.draw(value_of(column))) is None:
        return
    once = codec.checked(column, value)
    assert codec.checked(column, once) == once
    assert codec.same(column, once, codec.checked(column, value))
