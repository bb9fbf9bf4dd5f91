"""What models expect of assets, for the office, on the sites that it sees. Nothing here judges a model."""

from datetime import UTC, date, datetime

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.office_lists import office_reading
from sync_server.authz.visibility import Caller
from sync_server.contract.codec import GUID
from sync_server.contract.column_types import instant_text
from sync_server.storage.engine import Database

MOST = 200

_SAID = """
select p.id::text, a.id::text, a.site_id::text, a.code, a.name, p.kind, p.expected_from::text, p.expected_until::text,
  p.probability, p.model_name, p.model_version, p.made_at from {said} p
join asset a on a.organization_id = %(organization)s and a.id = p.asset_id and a.deleted_at is null
where {which} limit %(limit)s
"""
_NEWEST = """(
  select distinct on (n.asset_id, n.kind, n.model_name) n.* from prediction n where n.organization_id = %(organization)s
  order by n.asset_id, n.kind, n.model_name, n.made_at desc, n.id)"""
_AHEAD = _SAID.format(
    said=_NEWEST, which="p.expected_until >= %(today)s order by p.probability desc, p.expected_from, p.id"
)
_OF_ASSET = _SAID.format(
    said="prediction",
    which="p.organization_id = %(organization)s and p.asset_id = %(asset)s order by p.made_at desc, p.id",
)


class AssetPrediction(msgspec.Struct, frozen=True):
    """What a model expects of an asset. Days are inclusive; `probability`: 0 to 1; `made_at`: UTC."""

    id: str
    asset_id: str
    site_id: str
    code: str
    name: str
    kind: str
    expected_from: str
    expected_until: str
    probability: float
    model_name: str
    model_version: str
    made_at: str


def predictions(database: Database, caller: Caller, *, asset_id: str | None, limit: int) -> list[AssetPrediction]:
    """Give what is ahead, as each model said it last, the likeliest first; of one asset all that was said.

    At most 200. An asset that is not the caller's has none.
    """
    with office_reading(database, caller) as connection:
        return said(connection, caller.organization_id, asset_id=asset_id, limit=limit, today=datetime.now(UTC).date())


def said(
    connection: Connection[TupleRow], organization_id: str, *, asset_id: str | None, limit: int, today: date
) -> list[AssetPrediction]:
    """Give as `predictions` does, with a connection that sees some sites."""
    if asset_id is not None and not GUID.fullmatch(asset_id):
        return []
    asked = {"organization": organization_id, "asset": asset_id, "limit": max(1, min(limit, MOST)), "today": today}
    query = _AHEAD if asset_id is None else _OF_ASSET
    found = connection.execute(query.encode(), asked).fetchall()
    return [AssetPrediction(*(*row[:-1], instant_text(row[-1]))) for row in found]
