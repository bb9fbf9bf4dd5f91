"""What meters of an asset have shown, for the office, on the sites that it sees. Nothing here writes or judges.

What a reading was against the limits of its day stands with it; months that were detached are not looked into.
"""

import msgspec
from psycopg.rows import TupleRow

from sync_server.application.access import not_found
from sync_server.application.office_lists import MOST, office_reading
from sync_server.authz.visibility import Caller
from sync_server.contract.codec import GUID
from sync_server.contract.column_types import instant_text
from sync_server.storage.engine import Database

MOST_SKIPPED = 1_000_000
_ASSET = "select from asset where organization_id = %s and id = %s and deleted_at is null"
_READ = """
select r.id::text, m.id::text, m.name, m.unit, r.value, r.state, r.note, r.read_by::text, p.name, r.read_at,
  r.offset_ms, r.received_at, r.is_late
from meter m
join meter_reading r on r.organization_id = %(organization)s and r.meter_id = m.id
left join person p on p.organization_id = %(organization)s and p.id = r.read_by
where m.organization_id = %(organization)s and m.aggregate_id = %(asset)s
  and (%(meter)s::uuid is null or m.id = %(meter)s::uuid)
order by r.received_at desc, r.read_at desc nulls last, r.id limit %(limit)s offset %(skip)s
"""


class Reading(msgspec.Struct, frozen=True):
    """What a meter showed, in its unit. Also of a meter that was deleted since.

    `state`: what that was against the limits of the day. `read_at`: by the device's clock; `offset_ms`: server clock
    minus that one, as last measured. `received_at`: when the server met it, UTC. `is_late`: its reader had lost the
    asset by then.
    """

    id: str
    meter_id: str
    meter: str
    unit: str
    value: str
    state: str
    note: str | None
    read_by: str
    reader: str | None
    read_at: str | None
    offset_ms: int | None
    received_at: str
    is_late: bool


def readings(
    database: Database, caller: Caller, asset_id: str, *, meter_id: str | None = None, limit: int, skip: int = 0
) -> list[Reading]:
    """Give what meters of an asset of the caller's sites have shown, what came last first, at most 500.

    `meter_id`: of this one only; one that is not the asset's has shown nothing.

    Raises:
        Refused: There is no such asset, or it is not the caller's.
    """
    if not GUID.fullmatch(asset_id):
        raise not_found()
    bounds = {"limit": max(1, min(limit, MOST)), "skip": max(0, min(skip, MOST_SKIPPED))}
    asked = {"organization": caller.organization_id, "asset": asset_id, "meter": meter_id, **bounds}
    with office_reading(database, caller) as connection:
        if connection.execute(_ASSET, (caller.organization_id, asset_id)).fetchone() is None:
            raise not_found()
        if meter_id is not None and not GUID.fullmatch(meter_id):
            return []
        return [_reading(row) for row in connection.execute(_READ.encode(), asked)]


def _reading(row: TupleRow) -> Reading:
    id_, meter_id, meter, unit, value, state, note, read_by, reader, read_at, offset_ms, received_at, is_late = row
    return Reading(
        id=id_,
        meter_id=meter_id,
        meter=meter,
        unit=unit,
        value=f"{value:f}",
        state=state,
        note=note,
        read_by=read_by,
        reader=reader,
        read_at=None if read_at is None else instant_text(read_at),
        offset_ms=offset_ms,
        received_at=instant_text(received_at),
        is_late=is_late,
    )
