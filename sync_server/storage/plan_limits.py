"""How much of what an organization has, and how much its plan has room for. Refuses what is new, never what is done.

Asked when the office or an administrator adds something. No push asks: what somebody recorded in the field is taken,
whatever a plan says, and counted at night.
"""

from collections.abc import Mapping
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.errors import Refused

COUNTS: Final[Mapping[str, str]] = {
    "people": "select count(*) from person where organization_id = %s and is_active and deleted_at is null",
    "devices": "select count(*) from device where organization_id = %s and revoked_at is null and wiped_at is null",
    "sites": "select count(*) from site where organization_id = %s and deleted_at is null",
    "open_orders": "select count(*) from work_order where organization_id = %s and deleted_at is null"
    " and status not in ('closed', 'cancelled', 'rejected')",
    "file_bytes": "select coalesce(sum(size_bytes), 0)::bigint from (select sha256, min(size_bytes) as size_bytes"
    " from blob where organization_id = %s and complete_at is not null group by sha256) as content",
}
"""Kind → how many there are now. A file lies once, whoever has sent it."""
WORDS: Final[Mapping[str, str]] = {
    "people": "active people",
    "devices": "devices",
    "sites": "sites",
    "open_orders": "open orders",
}
"""Kinds that a plan limits, in the words of a refusal."""


def count(connection: Connection[TupleRow], organization_id: str, kind: str) -> int:
    """Count what an organization has of a kind."""
    (found,) = connection.execute(COUNTS[kind].encode(), (organization_id,)).fetchone() or (0,)
    return int(found)


def require_room(connection: Connection[TupleRow], organization_id: str, kind: str, *, adding: int = 1) -> None:
    """Refuse to add more than the plan has room for; two who add at once are asked one after the other.

    Raises:
        Refused: there is no room. Without a plan, or a limit in it, there always is.
    """
    most = _limit(connection, organization_id, kind)
    if most is None or adding <= 0:
        return
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{organization_id}/{kind}",))
    there = count(connection, organization_id, kind)
    if there + adding > most:
        raise Refused(
            "not_allowed",
            f"The plan of this organization has room for {most} {WORDS[kind]}, and there are {there}. Whoever runs the "
            "server can give it a larger plan.",
        )


def _limit(connection: Connection[TupleRow], organization_id: str, kind: str) -> int | None:
    found = connection.execute(
        f"select p.most_{kind} from subscription as s join subscription_plan as p on p.code = s.plan_code"
        " where s.organization_id = %s and s.ended_on is null".encode(),
        (organization_id,),
    ).fetchone()
    return None if found is None else found[0]
