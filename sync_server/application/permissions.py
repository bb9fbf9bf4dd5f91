"""Giving a person permissions besides those of his role, and taking them again, on the command line.

Rows of `person_permission`, written through the unit of work: they count from the next commit on, and reach devices
with their next pull. What somebody may give and take on a device, the matrix says (contract/rules/matrix.py).
"""

import uuid
from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.organizations import new_row
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.column_types import instant_text
from sync_server.contract.rules.matrix import is_permission
from sync_server.errors import Refused
from sync_server.storage.engine import Database

ENTITY = "person_permission"


def give(
    database: Database,
    organization_id: str,
    *,
    login: str,
    resource: str,
    action: str,
    scope: str,
    site_code: str | None = None,
) -> str:
    """Give a person a permission; give the id of its row, also when he had it already.

    Args:
        login: Whose.
        resource: An entity of the matrix.
        action: One that the matrix has for it.
        scope: own, team, site or organization.
        site_code: The one site where it holds; None: wherever he has a role.

    Raises:
        Refused: There is no such person, permission, scope or site.
    """
    if not is_permission(resource, action):
        raise Refused("invalid_value", f"There is no permission to {action} {resource}. PERMISSIONS.md names them.")
    person_id = person_with_login(database, organization_id, login)
    with database.transaction("worker", organization_id) as connection:
        site_id = None if site_code is None else _site(connection, organization_id, site_code)
        row_id = str(uuid.uuid4())
        values = {"person_id": person_id, "resource": resource, "action": action, "scope": scope, "site_id": site_id}
        row = new_row(ENTITY, row_id, row_id, **values)
        for standing in _given(connection, organization_id, person_id, resource, action):
            if (standing[1], standing[2]) == (scope, site_id):
                return standing[0]
        work = UnitOfWork(connection, organization_id, None)
        work.put({(ENTITY, row_id): row})
        work.finish()
    return row_id


def take(database: Database, organization_id: str, *, login: str, resource: str, action: str) -> int:
    """Take a permission from a person, however far it reached; give how many rows said so. His role's stay.

    Raises:
        Refused: There is no such person.
    """
    person_id, now = person_with_login(database, organization_id, login), instant_text(datetime.now(UTC))
    with database.transaction("worker", organization_id) as connection:
        ids = [row[0] for row in _given(connection, organization_id, person_id, resource, action)]
        if not ids:
            return 0
        work = UnitOfWork(connection, organization_id, None)
        work.lock([(ENTITY, row_id) for row_id in ids])
        for row_id in ids:
            row = work.get(ENTITY, row_id)
            if row is not None and row["deleted_at"] is None:
                work.put({(ENTITY, row_id): {**row, "deleted_at": now, "updated_at": now}})
        work.finish()
    return len(ids)


def person_with_login(database: Database, organization_id: str, login: str) -> str:
    """Give the id of whoever signs in with a login. Raises Refused when nobody does."""
    with database.transaction("authn", organization_id, read_only=True) as connection:
        found = connection.execute(
            "select person_id::text from user_credential where organization_id = %s and lower(login) = lower(%s)",
            (organization_id, login.replace("\0", "")),
        ).fetchone()
    if found is None:
        raise Refused("not_found", f"Nobody signs in as {login}.")
    return str(found[0])


def _site(connection: Connection[TupleRow], organization_id: str, code: str) -> str:
    found = connection.execute(
        "select id::text from site where organization_id = %s and code = %s and deleted_at is null"
        " and not code_conflict",
        (organization_id, code.replace("\0", "")),
    ).fetchone()
    if found is None:
        raise Refused("not_found", "There is no site with such a code.")
    return str(found[0])


def _given(
    connection: Connection[TupleRow], organization_id: str, person_id: str, resource: str, action: str
) -> list[tuple[str, str, str | None]]:
    """Id, scope and site of the rows that give a person an action."""
    found = connection.execute(
        "select id::text, scope, site_id::text from person_permission where organization_id = %s and person_id = %s"
        " and resource = %s and action = %s and deleted_at is null",
        (organization_id, person_id, resource, action),
    ).fetchall()
    return [(row[0], row[1], row[2]) for row in found]
