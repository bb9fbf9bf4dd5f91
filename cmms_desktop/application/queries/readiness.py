"""Whether orders can be done without a network: what the replica can prove to be here, and what it can not.

Only what the device really holds counts: rows that are here, and files whose bytes were kept here. It never guesses
what the server has. An issued checklist carries its own items, so an order does not need the template itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from cmms_desktop.application.queries.lookups import AMONG, packed, rows_of, state_of, text_of
from cmms_desktop.replica.transaction import Reading

MissingKind = Literal["site", "asset", "location", "checklist", "part", "photo"]

_ABSENT: Final = f"""
SELECT w.id, 'site', coalesce(w.site_id, '') FROM work_order w LEFT JOIN site x ON x.id = w.site_id
WHERE w.id {AMONG} AND x.id IS NULL
UNION ALL SELECT w.id, 'asset', coalesce(w.asset_text, (SELECT code FROM asset_stub WHERE asset_id = w.asset_id), '')
FROM work_order w LEFT JOIN asset x ON x.id = w.asset_id WHERE w.id {AMONG} AND w.asset_id IS NOT NULL AND x.id IS NULL
UNION ALL SELECT n.aggregate_id, 'asset', coalesce((SELECT code FROM asset_stub WHERE asset_id = n.asset_id), '')
FROM work_order_asset n LEFT JOIN asset x ON x.id = n.asset_id
WHERE n.aggregate_id {AMONG} AND n.deleted_at IS NULL AND x.id IS NULL
UNION ALL SELECT w.id, 'location', w.location_id FROM work_order w LEFT JOIN location x ON x.id = w.location_id
WHERE w.id {AMONG} AND w.location_id IS NOT NULL AND x.id IS NULL
UNION ALL SELECT p.aggregate_id, 'part', p.part_id FROM work_order_part p LEFT JOIN part x ON x.id = p.part_id
WHERE p.aggregate_id {AMONG} AND p.deleted_at IS NULL AND x.id IS NULL
UNION ALL SELECT t.aggregate_id, 'photo', coalesce(t.caption, t.sha256) FROM attachment t
LEFT JOIN blob b ON b.sha256 = t.sha256 WHERE t.aggregate_id {AMONG} AND t.deleted_at IS NULL
AND coalesce(b.state, 'missing') = 'missing'"""


@dataclass(frozen=True, slots=True)
class MissingThing:
    """Something that an order names and this device does not hold.

    `name`: as far as it is known; '' of an asset of a site that the person may not enter.
    """

    order_id: str
    kind: MissingKind
    name: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """How many of some orders can be done without a network, and what the others lack."""

    ready: int
    total: int
    missing: tuple[MissingThing, ...]
    size_bytes: int
    """The whole store and the files kept beside it."""
    as_of: str | None
    """Last complete sync, in wire form; None: never."""

    def lacks(self, order_id: str) -> tuple[MissingThing, ...]:
        """What one order lacks."""
        return tuple(each for each in self.missing if each.order_id == order_id)


def readiness(reading: Reading, order_ids: Sequence[str]) -> Readiness:
    """Check some orders: place, asset, whole checklists, planned parts, photos of others."""
    among = packed(order_ids)
    lines = reading.cursor.execute(_ABSENT, (among,) * 6).fetchall()
    missing = [MissingThing(order_id, kind, text_of(name)) for order_id, kind, name in lines]
    missing += _incomplete_checklists(reading, order_ids)
    lacking = {each.order_id for each in missing}
    return Readiness(
        ready=sum(order_id not in lacking for order_id in order_ids),
        total=len(order_ids),
        missing=tuple(missing),
        size_bytes=_size_bytes(reading),
        as_of=state_of(reading).last_sync_at,
    )


def _incomplete_checklists(reading: Reading, order_ids: Sequence[str]) -> list[MissingThing]:
    """Checklists without items, or with fewer than the version of the template that they name."""
    lists = rows_of(reading, "checklist", order_ids)
    found = reading.cursor.execute(
        "SELECT c.id, (SELECT count(*) FROM checklist_item i WHERE i.checklist_id = c.id AND i.deleted_at IS NULL),"
        " (SELECT CASE WHEN json_valid(t.items) THEN json_array_length(t.items) END FROM checklist_template t"
        " WHERE t.id = c.template_id AND t.template_version = c.template_version)"
        f" FROM checklist c WHERE c.aggregate_id {AMONG} AND c.deleted_at IS NULL",
        (packed(order_ids),),
    ).fetchall()
    short = {checklist_id for checklist_id, count, wanted in found if count < max(wanted or 1, 1)}
    return [
        MissingThing(order_id, "checklist", text_of(row["name"]))
        for order_id, rows in lists.items()
        for row in rows
        if row["id"] in short
    ]


def _size_bytes(reading: Reading) -> int:
    (pages,) = reading.cursor.execute("PRAGMA page_count").fetchone()
    (page_bytes,) = reading.cursor.execute("PRAGMA page_size").fetchone()
    (files,) = reading.cursor.execute(
        "SELECT coalesce(sum(size_bytes), 0) FROM blob WHERE state != 'missing'"
    ).fetchone()
    return int(pages) * int(page_bytes) + int(files)
