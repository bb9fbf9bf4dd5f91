"""Mail domains of organizations: written by the owner of the tables, one organization at a time. Finds nobody.

Of all organizations one has a domain that is known to be its own; that somebody claims it keeps nobody from it.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from sync_server.errors import Refused

LONGEST = 253
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain of an organization. `verified_at`: None: claimed only."""

    domain: str
    is_primary: bool
    verified_at: datetime | None


def checked_domain(text: str) -> str:
    """Give a domain as it is kept. Raises Refused when it is none: a name without a dot is none either."""
    domain = text.strip().rstrip(".").lower()
    if len(domain) > LONGEST or not DOMAIN.fullmatch(domain):
        raise Refused("invalid_value", "A mail domain is written like north.example.")
    return domain


def listed(connection: Connection[TupleRow], organization_id: str) -> list[Domain]:
    """Give the domains of an organization, the primary one first."""
    with connection.cursor(row_factory=class_row(Domain)) as cursor:
        return cursor.execute(
            "select domain, is_primary, verified_at from organization_domain where organization_id = %s"
            " order by is_primary desc, domain",
            (organization_id,),
        ).fetchall()


def put(connection: Connection[TupleRow], organization_id: str, domain: str, *, is_verified: bool) -> None:
    """Write a domain down, or that it is known to be the organization's own; never takes that back.

    The first one is the primary. Raises Refused (`conflicting_reference`) when it is known to be another's.
    """
    connection.execute(
        "insert into organization_domain as d (organization_id, domain, is_primary, verified_at, created_at)"
        " values (%(id)s, %(domain)s,"
        " not exists (select from organization_domain where organization_id = %(id)s and is_primary),"
        " case when %(verified)s then clock_timestamp() end, clock_timestamp())"
        " on conflict (organization_id, domain) do update"
        " set verified_at = coalesce(d.verified_at, excluded.verified_at)",
        {"id": organization_id, "domain": domain, "verified": is_verified},
    )


def lead(connection: Connection[TupleRow], organization_id: str, domain: str) -> None:
    """Let a domain that is there be the primary one."""
    values = {"id": organization_id, "domain": domain}
    connection.execute(
        "update organization_domain set is_primary = false where organization_id = %(id)s and is_primary"
        " and domain <> %(domain)s",
        values,
    )
    connection.execute(
        "update organization_domain set is_primary = true where organization_id = %(id)s and domain = %(domain)s",
        values,
    )


def take(connection: Connection[TupleRow], organization_id: str, domain: str) -> bool:
    """Take a domain away; False: it is not there. Of the others the oldest known one leads when it was the primary."""
    found = connection.execute(
        "delete from organization_domain where organization_id = %s and domain = %s returning is_primary",
        (organization_id, domain),
    ).fetchone()
    if found is not None and found[0]:
        connection.execute(
            "update organization_domain set is_primary = true where organization_id = %(id)s and domain ="
            " (select domain from organization_domain where organization_id = %(id)s"
            " order by verified_at nulls last, created_at, domain limit 1)",
            {"id": organization_id},
        )
    return found is not None
