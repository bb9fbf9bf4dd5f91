"""The numbers of each site, for the office, on the sites that it sees, with their age. Nothing here counts anything.

What is told was true when it was counted: whoever shows a number says how old it is.
"""

from datetime import UTC, datetime

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.office_lists import office_reading
from sync_server.authz.visibility import Caller
from sync_server.contract.column_types import instant_text
from sync_server.storage.engine import Database

_TOLD = """
select s.id::text, s.code, s.name, m.computed_at, jsonb_object_agg(m.metric, m.value) from dashboard_metrics_cache m
join site s on s.organization_id = m.organization_id and s.id = m.site_id
where m.organization_id = %s and s.deleted_at is null
group by s.id, s.code, s.name, m.computed_at order by s.code, s.id
"""


class SiteMetrics(msgspec.Struct, frozen=True):
    """What was counted of a site. `computed_at`: as of when, UTC; `age_s`: how long ago that is, whole seconds."""

    site_id: str
    code: str
    name: str
    computed_at: str
    age_s: int
    numbers: dict[str, int]


def metrics(database: Database, caller: Caller) -> list[SiteMetrics]:
    """Give the numbers of the caller's sites by their code; a site that no night has counted is not among them."""
    with office_reading(database, caller) as connection:
        return told(connection, caller.organization_id, now=datetime.now(UTC))


def told(connection: Connection[TupleRow], organization_id: str, *, now: datetime) -> list[SiteMetrics]:
    """Tell as `metrics` does, with a connection that sees some sites."""
    return [
        SiteMetrics(site_id, code, name, instant_text(at), max(0, int((now - at).total_seconds())), numbers)
        for site_id, code, name, at, numbers in connection.execute(_TOLD, (organization_id,))
    ]
