"""What the rules say of a row of any table, and what each role of the database sees of it: to compare the two.

The rules are read from the matrix of permissions, the declarations and the table of catalogue roots.
"""

from collections.abc import Collection, Iterable
from typing import Any

import psycopg
from psycopg import sql

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import Actor
from sync_server.contract.rules.permission import Place, impossible, is_own, may_do
from sync_server.contract.rules.policy import is_kept
from tests.support.scope_oracle import Reasons, Rows
from tests.support.table_lives import Lives

SERVING = ("cmms_app_sync", "cmms_app_office", "cmms_authn", "cmms_worker", "cmms_readonly")


def holding(reasons: Reasons, scopes: Iterable[str], row: Row) -> list[str]:
    """Those of some scopes that hold a row."""
    return [scope for scope in scopes if (scope, row["aggregate_id"]) in reasons]


def expected_answer(lives: Lives, name: str, entity: str, rows: Rows, *, scopes: Collection[str]) -> str | None:
    """Code of the refusal of an edit, from the matrix; None: it is taken. `scopes`: those in which he has the row."""
    site = lives.fleet.small.site_id
    role = "technician" if name == "elsewhere" else name
    sites = {} if name == "elsewhere" else {site: role}
    actor = Actor(lives.people[name].person_id, role, sites)
    row = rows[entity][lives.ids[entity]]
    if is_kept(f"{entity}.set"):
        return "not_allowed"
    if (never := impossible(f"{entity}.set")) is not None:
        return never.code  # to everybody alike
    about = site_of(rows, entity, row, is_for_lists=False)
    if not scopes and not actor.is_office_at(about):
        return "not_found"
    place = Place(about, is_held=f"user:{actor.person_id}" in scopes, is_own=is_own(actor, row))
    problem = may_do(actor, f"{entity}.set", place)
    return None if problem is None else problem.code


def site_of(rows: Rows, entity: str, row: Row, *, is_for_lists: bool = True) -> str | None:
    """Site of a row by its root. `is_for_lists`: also through the place where stock lies; None: everybody's."""
    roots = (rows[name].get(str(row["aggregate_id"])) for name in REGISTRY[entity].aggregates)
    root = next((each for each in roots if each is not None), row)
    if root.get("site_id") is not None:
        return str(root["site_id"])
    place = rows["stock_location"].get(str(row.get("stock_location_id"))) if is_for_lists else None
    return str(place["site_id"]) if place is not None else None


def own_rows(connection: psycopg.Connection[Any], table: str, organization_id: str) -> int:
    """How many rows an organization has in a table, counted past all roles."""
    return _count(connection, table, organization_id)


def foreign_rows(connection: psycopg.Connection[Any], table: str, *, here: str, there: str) -> dict[str, int]:
    """Serving role → rows of another organization that it sees, working for this one; empty: as it has to be."""
    found = {}
    for role in SERVING:
        if may_read(connection, role, table):
            with connection.transaction(force_rollback=True):
                connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
                connection.execute("select set_config('app.organization_id', %s, true)", (here,))
                connection.execute("select set_config('app.site_ids', '', true)")
                found[role] = _count(connection, table, there)
    return {role: count for role, count in found.items() if count}


def may_read(connection: psycopg.Connection[Any], role: str, table: str) -> bool:
    key = _key_of(table)
    found = connection.execute("select has_column_privilege(%s, %s, %s, 'SELECT')", (role, table, key)).fetchone()
    return bool(found and found[0])


def _key_of(table: str) -> str:
    return "id" if table == "organization" else "organization_id"


def _count(connection: psycopg.Connection[Any], table: str, organization_id: str) -> int:
    key, name = sql.Identifier(_key_of(table)), sql.Identifier(table)
    query = sql.SQL("select count({}) from {} where {} = %s").format(key, name, key)
    (count,) = connection.execute(query, (organization_id,)).fetchone() or (0,)
    return int(count)
