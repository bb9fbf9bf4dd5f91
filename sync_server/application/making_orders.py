"""Making orders of templates at the server: for the office's command line, and for whatever makes them by itself.

One commit, through the unit of work. Ids follow from the order's, so that the same order cannot be made twice.
"""

import uuid
from dataclasses import dataclass
from functools import partial
from itertools import chain

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.named_rows import SITE, only
from sync_server.application.organizations import new_row
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.fields import Row
from sync_server.contract.rules.draft import derived_id
from sync_server.contract.rules.order_making import Making, issued_checklist, order_of, planned_parts
from sync_server.errors import Refused
from sync_server.storage.engine import Database
from sync_server.storage.wire_rows import ask_rows, rows_of

_FINDING = "select id::text{more} from {entity} where organization_id = %s and deleted_at is null and {key} = %s{where}"
_TEMPLATE = _FINDING.format(entity="work_order_template", key="name", where=" and is_active", more="")
_ASSET = _FINDING.format(
    entity="asset", key="code", where=" and site_id = %s and not code_conflict", more=", location_id::text"
)


@dataclass(frozen=True, slots=True)
class Named:
    """Ids of what was named. `asset_id` None: no asset."""

    template_id: str
    site_id: str
    asset_id: str | None = None
    location_id: str | None = None


def make_of_template(
    database: Database, organization_id: str, *, template_name: str, site_code: str, asset_code: str | None = None
) -> tuple[str, str]:
    """Make an order; give its id and number.

    Raises:
        Refused: there is no such template in use, site or asset, or several of that name.
    """
    with database.transaction("worker", organization_id) as connection:
        named = named_place(connection, organization_id, template_name, site_code=site_code, asset_code=asset_code)
        order_id = str(uuid.uuid4())
        number = number_of(site_code, order_id)
        work = UnitOfWork(connection, organization_id, None)
        making = Making(number, named.site_id, named.location_id, named.asset_id)
        work.put(order_rows(connection, organization_id, named.template_id, making, order_id=order_id))
        work.finish()
    return order_id, number


def number_of(site_code: str, order_id: str) -> str:
    """Give what people call an order that nobody numbers."""
    return f"WO-{site_code}-{order_id[:8].upper()}"[:60]


def named_place(
    connection: Connection[TupleRow],
    organization_id: str,
    template_name: str,
    *,
    site_code: str,
    asset_code: str | None,
) -> Named:
    """Find what orders are made of and where, by what people call it. Raises Refused, as `make_of_template` does."""
    (template_id,) = only(
        connection, _TEMPLATE, organization_id, template_name, called=f"template called {template_name}"
    )
    (site_id,) = only(connection, SITE, organization_id, site_code, called=f"site {site_code}")
    if asset_code is None:
        return Named(template_id, site_id)
    called = f"asset {asset_code} at {site_code}"
    asset_id, location_id = only(connection, _ASSET, organization_id, asset_code, site_id, called=called)
    return Named(template_id, site_id, asset_id, location_id)


def order_rows(
    connection: Connection[TupleRow], organization_id: str, template_id: str, making: Making, *, order_id: str
) -> dict[tuple[str, str], Row]:
    """Give the rows of an order of a template, as they are to be written. Raises Refused when it cannot be read."""
    template = _row(connection, organization_id, "work_order_template", template_id)
    named = connection.execute(
        "select id::text from work_order_template_part where organization_id = %s and aggregate_id = %s"
        " and deleted_at is null order by created_at, id",
        (organization_id, template_id),
    ).fetchall()
    ids = [str(each[0]) for each in named]
    found = rows_of(
        "work_order_template_part",
        ask_rows(connection, organization_id, entity="work_order_template_part", ids=ids, lock=False),
    )
    parts = [found[each] for each in ids]
    new_id = partial(derived_id, order_id)
    made = planned_parts(parts, order_id=order_id, new_id=new_id)
    if template["checklist_template_id"] is not None:
        checklist = _row(connection, organization_id, "checklist_template", str(template["checklist_template_id"]))
        try:
            made = chain(made, list(issued_checklist(checklist, order_id=order_id, new_id=new_id)))
        except ValueError as error:
            raise Refused("invalid_value", str(error)) from error
    rows = {("work_order", order_id): new_row("work_order", order_id, order_id, **order_of(template, making))}
    for each in made:
        rows[each.entity, each.id] = new_row(each.entity, each.id, order_id, **each.values)
    return rows


def _row(connection: Connection[TupleRow], organization_id: str, entity: str, row_id: str) -> Row:
    asked = ask_rows(connection, organization_id, entity=entity, ids=[row_id], lock=False)
    return rows_of(entity, asked)[row_id]
