"""Rows of `prediction`: added, never changed. The same said twice is there once."""

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.fields import Row

_NAMES = (
    *("id", "asset_id", "kind", "expected_from", "expected_until", "probability", "model_name", "model_version"),
    "made_at",
)
_SAID = "json_populate_recordset(null::prediction, %(rows)s::json) r"
_INSERT = (
    f"insert into prediction (organization_id, {', '.join(_NAMES)}, created_at)"
    f" select %(organization)s::uuid, {', '.join('r.' + name for name in _NAMES)}, clock_timestamp() from {_SAID}"
    " order by r.id on conflict (organization_id, id) do nothing"
)
_OTHERWISE = (
    f"select p.id::text from {_SAID} join prediction p on p.organization_id = %(organization)s and p.id = r.id"
    " where (p.expected_from, p.expected_until, p.probability)"
    " is distinct from (r.expected_from, r.expected_until, r.probability)"
)


def add(connection: Connection[TupleRow], organization_id: str, rows: list[Row]) -> tuple[int, set[str]]:
    """Add predictions; give how many are new, and the ids of those that stand there saying something else."""
    asked = {"organization": organization_id, "rows": msgspec.json.encode(rows).decode()}
    new = connection.execute(_INSERT.encode(), asked).rowcount
    otherwise = connection.execute(_OTHERWISE.encode(), asked).fetchall()
    return new, {row[0] for row in otherwise}
