"""What must be true of the database before the server serves: its version, and roles that cannot look aside.

Row level security does not bind a superuser, a role with BYPASSRLS or, without FORCE, a table's
owner; a server that came up with such a role would show every organization to every other. What stands in the database
itself is asked by `catalog_check`. Only reads.
"""

import logging
from typing import Any

from psycopg import Connection

from sync_server.errors import EnvironmentFailure

LEAST_MAJOR = 15
LEAST_MINORS = {15: 20, 16: 16, 17: 12, 18: 6}
"""First minor versions with the row security fixes of the releases of August and November 2026
(CVE-2026-14666 among them: cached plans outlived a change of role). Later majors carry them from the start."""

OLD_POSTGRES = "PostgreSQL %s has known holes in row level security; %s is the least version to serve on."
_log = logging.getLogger(__name__)

_DANGERS = """
SELECT
  EXISTS (SELECT FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER') AND rolsuper),
  EXISTS (SELECT FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER') AND rolbypassrls),
  EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^(pg_|information_schema$)'
            AND pg_has_role(current_user, c.relowner, 'MEMBER'))
"""


def check_version(connection: Connection[Any], *, allow_old: bool) -> None:
    """Refuse a PostgreSQL that is too old.

    Args:
        connection: Any open connection.
        allow_old: Warn instead, unless even the major version is too old.

    Raises:
        EnvironmentFailure: It is too old.
    """
    major, minor = divmod(connection.info.server_version, 10_000)
    found = f"{major}.{minor}"
    if major < LEAST_MAJOR:
        raise EnvironmentFailure(f"PostgreSQL {found} is too old; version {LEAST_MAJOR} is the least one supported.")
    least = LEAST_MINORS.get(major, 0)
    if minor >= least:
        return
    if not allow_old:
        raise EnvironmentFailure(OLD_POSTGRES % (found, f"{major}.{least}") + " Update it.")
    _log.warning(OLD_POSTGRES, found, f"{major}.{least}")


def check_role(connection: Connection[Any]) -> None:
    """Refuse a role that row level security does not bind, also when it is only a member of one.

    Args:
        connection: A connection of the role in question.

    Raises:
        EnvironmentFailure: Names the role and what it must lose.
    """
    dangers = connection.execute(_DANGERS).fetchone() or (True, True, True)
    reasons = ("is a superuser", "bypasses row level security", "owns tables")
    for is_so, reason in zip(dangers, reasons, strict=True):
        if is_so:
            raise EnvironmentFailure(f"The role {connection.info.user} {reason}; the server does not serve with it.")
