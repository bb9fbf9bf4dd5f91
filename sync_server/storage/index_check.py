"""Whether a database agrees with itself: digests of aggregates and scopes, and stock. Past all tenants; only reads."""

from typing import Any

from psycopg import Connection

from sync_server.contract.entities import AGGREGATES

_AGGREGATES = """
SELECT count(*) FROM scope_aggregate AS s WHERE s.live AND s.aggregate_type = %(type)s AND s.digest IS DISTINCT FROM
  coalesce((SELECT bit_xor(r.row_hash) FROM ({rows}) AS r), 0)
"""
_ROWS = """
SELECT row_hash FROM {entity} AS t
WHERE t.organization_id = s.organization_id AND t.aggregate_id = s.aggregate_id AND t.deleted_at IS NULL
"""
_HEADS = """
SELECT count(*) FROM scope_head AS h FULL JOIN (
  SELECT organization_id, scope_id, count(*) AS count, bit_xor(
    ('x' || encode(substring(sha256(convert_to(aggregate_id || ':' || digest, 'UTF8')) FOR 8), 'hex'))::bit(64)::bigint
  ) AS digest FROM scope_aggregate WHERE live GROUP BY 1, 2
) AS s USING (organization_id, scope_id)
WHERE (coalesce(h.digest, 0), coalesce(h.count, 0)) IS DISTINCT FROM (coalesce(s.digest, 0), coalesce(s.count, 0))
"""
_STOCK = """
SELECT count(*) FROM stock_level AS l WHERE l.quantity IS DISTINCT FROM (
  SELECT coalesce(sum(m.quantity), 0) FROM stock_movement AS m WHERE m.organization_id = l.organization_id
    AND m.stock_location_id = l.stock_location_id AND m.part_id = l.part_id)
"""


def faults(connection: Connection[Any]) -> list[str]:
    """Give a sentence for each kind of thing that does not add up; none: everything does."""
    wrong = sum(_count(connection, _aggregates(type_), type=type_) for type_ in AGGREGATES)
    counted = (
        (wrong, "{} records have another digest than their rows."),
        (_count(connection, _HEADS), "{} scopes have another digest than their records."),
        (_count(connection, _STOCK), "{} stock levels are not the sum of their movements."),
    )
    return [sentence.format(count) for count, sentence in counted if count]


def _aggregates(type_: str) -> str:
    rows = " UNION ALL ".join(_ROWS.format(entity=entity) for entity in AGGREGATES[type_])
    return _AGGREGATES.format(rows=rows)


def _count(connection: Connection[Any], query: str, **values: str) -> int:
    line = connection.execute(query.encode(), values).fetchone()
    return int(line[0]) if line else 0
