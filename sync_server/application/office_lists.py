"""Lists and details for the office, read as app_office: the database itself narrows them to the caller's sites."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.access import not_found
from sync_server.authz.visibility import Caller, load_actors
from sync_server.contract.codec import GUID
from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import EVERYWHERE
from sync_server.storage.engine import Database
from sync_server.storage.wire_rows import composed, decode_row, wire_array

MOST = 500
ORDERS: Final = composed(
    f"select {wire_array('work_order')}::text from work_order t where t.organization_id = %s"
    " and t.deleted_at is null and (%s::text is null or t.status = %s) and t.number > %s"
    " order by t.number fetch first (%s) rows with ties"
)


@contextmanager
def office_reading(database: Database, caller: Caller) -> Iterator[Connection[TupleRow]]:
    """Open a transaction that sees the sites where the caller belongs to the office, and no others."""
    with database.transaction("app_office", caller.organization_id, read_only=True) as connection:
        actor = load_actors(connection, caller.organization_id, [caller.person_id]).get(caller.person_id)
        sites = [site for site in actor.site_roles if actor.is_office_at(site)] if actor else []
        if actor and actor.role in EVERYWHERE:
            sites = _every_site(connection, caller.organization_id)
        connection.execute("select set_config('app.site_ids', %s, true)", (",".join(sites),))
        yield connection


@contextmanager
def whole_office_reading(database: Database, organization_id: str) -> Iterator[Connection[TupleRow]]:
    """Open a transaction that sees every site of an organization, for whoever runs the server."""
    with database.transaction("app_office", organization_id, read_only=True) as connection:
        sites = _every_site(connection, organization_id)
        connection.execute("select set_config('app.site_ids', %s, true)", (",".join(sites),))
        yield connection


def _every_site(connection: Connection[TupleRow], organization_id: str) -> list[str]:
    found = connection.execute("select id::text from site where organization_id = %s", (organization_id,))
    return [row[0] for row in found]


def orders(database: Database, caller: Caller, *, status: str | None, limit: int, after: str | None) -> list[Row]:
    """List live orders by number, after a number: at most 500, and those that bear the last one's number, too."""
    with office_reading(database, caller) as connection:
        parameters = (caller.organization_id, status, status, after or "", max(1, min(limit, MOST)))
        found = connection.execute(ORDERS, parameters).fetchall()
    return [decode_row(REGISTRY["work_order"], text) for (text,) in found]


def order(database: Database, caller: Caller, order_id: str) -> dict[str, list[Row]]:
    """Give the live rows of one order by entity. Raises Refused when there is none, or it is not the caller's."""
    if not GUID.fullmatch(order_id):
        raise not_found()
    with office_reading(database, caller) as connection:
        rows = {
            entity: _rows(connection, caller.organization_id, entity, order_id) for entity in AGGREGATES["work_order"]
        }
    if not rows["work_order"]:
        raise not_found()
    return rows


def _rows(connection: Connection[TupleRow], organization_id: str, entity: str, aggregate_id: str) -> list[Row]:
    query = composed(
        f"select {wire_array(entity)}::text from {entity} t where t.organization_id = %s and t.aggregate_id = %s"
        " and t.deleted_at is null order by t.id"
    )
    found = connection.execute(query, (organization_id, aggregate_id)).fetchall()
    return [decode_row(REGISTRY[entity], text) for (text,) in found]
