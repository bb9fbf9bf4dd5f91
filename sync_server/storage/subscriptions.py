"""Which plan an organization has: one at a time. Written by the owner of the tables, or by who sees past tenants."""

import uuid
from datetime import date

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.errors import Refused


def begin(connection: Connection[TupleRow], organization_id: str, plan_code: str, *, on: date) -> bool:
    """Let an organization have a plan from a day on, in place of the one before; False: it has that one already.

    Raises:
        Refused: there is no such plan, or the one before began later.
    """
    if connection.execute("select from subscription_plan where code = %s", (plan_code,)).fetchone() is None:
        raise Refused("not_found", f"There is no plan {plan_code}. `plan list` says which there are.")
    held = connection.execute(
        "select plan_code, began_on from subscription where organization_id = %s and ended_on is null for update",
        (organization_id,),
    ).fetchone()
    if held is not None and held[0] == plan_code:
        return False
    if held is not None and held[1] > on:
        raise Refused("invalid_value", f"The present plan began later, {held[1]}.")
    connection.execute(
        "update subscription set ended_on = %s, updated_at = clock_timestamp()"
        " where organization_id = %s and ended_on is null",
        (on, organization_id),
    )
    connection.execute(
        "insert into subscription (organization_id, id, plan_code, began_on, created_at, updated_at)"
        " values (%s, %s, %s, %s, clock_timestamp(), clock_timestamp())",
        (organization_id, str(uuid.uuid4()), plan_code, on),
    )
    return True
