"""The assets nearest to a position, for the office, on the sites that it sees.

PostgreSQL gives assets roughly in the order of their distance (D-190 in ../README.md), until none that follows can
be among the nearest; how far each is, and which is nearer, is said by contract/rules/nearest.py alone. Nothing here
writes.
"""

import math
from collections.abc import Iterator

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.office_lists import office_reading
from sync_server.authz.visibility import Caller
from sync_server.contract.rules.geofence import EARTH_RADIUS_M
from sync_server.contract.rules.nearest import Near, Place, nearest
from sync_server.errors import Refused
from sync_server.storage.engine import Database

MOST = 100
CHUNK = 200
"""Assets that are fetched at once."""
MARGIN, MARGIN_M = 1.01, 1.0
"""How much nearer PostgreSQL may say that an asset is: it measures along the chord, and rounds."""
WRONG = "A position has a latitude from -90 to 90 and a longitude from -180 to 180 degrees."

_ORDERED = """
select t.id::text, t.latitude, t.longitude,
  point_on_sphere(t.latitude, t.longitude) <-> point_on_sphere(%(latitude)s, %(longitude)s) as chord from asset t
where t.organization_id = %(organization)s
  and t.latitude is not null and t.longitude is not null and t.deleted_at is null order by chord
"""
_TOLD = """
select id::text, site_id::text, code, name, latitude, longitude from asset
where organization_id = %s and id = any(%s::uuid[])
"""


class NearAsset(msgspec.Struct, frozen=True):
    """An asset with its position, and how far that is, in metres."""

    id: str
    site_id: str
    code: str
    name: str
    latitude: float
    longitude: float
    distance_m: float


def nearest_assets(
    database: Database, caller: Caller, *, latitude: float | None, longitude: float | None, limit: int
) -> list[NearAsset]:
    """Give the assets of the caller's sites that are nearest, at most 100; those without a position never.

    Raises:
        Refused: This is no position (`invalid_value`).
    """
    if latitude is None or longitude is None:
        raise Refused("invalid_value", WRONG)
    with office_reading(database, caller) as connection:
        return found(connection, caller.organization_id, latitude=latitude, longitude=longitude, limit=limit)


def found(
    connection: Connection[TupleRow], organization_id: str, *, latitude: float, longitude: float, limit: int
) -> list[NearAsset]:
    """Find as `nearest_assets` does, with a connection that sees some sites."""
    wanted = max(1, min(limit, MOST))
    try:
        near = nearest((), latitude=latitude, longitude=longitude, limit=wanted)
    except ValueError as exc:
        raise Refused("invalid_value", WRONG) from exc
    values = {"organization": organization_id, "latitude": latitude, "longitude": longitude}
    near = nearest(_candidates(connection, values, wanted), latitude=latitude, longitude=longitude, limit=wanted)
    return _told(connection, organization_id, near)


def _candidates(connection: Connection[TupleRow], values: dict[str, object], wanted: int) -> Iterator[Place]:
    """Give places as PostgreSQL orders them, until it is sure that none that follows is nearer than those."""
    far_enough_m = math.inf
    with connection.cursor("nearest_assets") as cursor:
        cursor.itersize = CHUNK
        rows = cursor.execute(_ORDERED.encode(), values)
        for number, (id_, latitude, longitude, chord) in enumerate(rows, start=1):
            away_m = _along_sphere_m(chord)
            if away_m > far_enough_m:
                return
            if number == wanted:
                far_enough_m = away_m * MARGIN**2 + MARGIN_M
            yield Place(id_, latitude, longitude)


def _along_sphere_m(chord: float) -> float:
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, chord / 2))


def _told(connection: Connection[TupleRow], organization_id: str, near: list[Near]) -> list[NearAsset]:
    found = connection.execute(_TOLD, (organization_id, [each.id for each in near]))
    by_id: dict[str, TupleRow] = {row[0]: row for row in found}
    return [NearAsset(*(*by_id[each.id], each.distance_m)) for each in near]
