"""Assets: the list by which anything on the sites is found, and the card of one that is on this device. Frozen rows."""

import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from cmms_desktop.application.queries.asset_details import AssetDetails, asset_details
from cmms_desktop.application.queries.lookups import location_paths, state_of, text_of, text_or_none
from cmms_desktop.application.queries.meters import MeterLine, meters_of
from cmms_desktop.application.queries.order_list import OrderFilter, OrderRow, all_orders
from cmms_desktop.application.queries.search import MOST_CANDIDATES, pattern_of
from cmms_desktop.replica.actors import actor_of
from cmms_desktop.replica.transaction import Reading
from sync_server.contract.fields import Scalar
from sync_server.contract.rules.permission import Place, may, may_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetLine:
    """One asset of a site. `is_here`: its card is on this device, not only its label."""

    id: str
    code: str
    name: str
    site: str
    serial: str | None
    type: str | None
    open_orders: int
    is_here: bool


@dataclass(frozen=True, slots=True)
class AssetTwin:
    """An asset that has the code of another."""

    id: str
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetCard:
    """What is known of one asset. Fields beside label and site are None when only its label is here. Dates as text."""

    id: str
    code: str
    name: str
    type: str | None
    site_id: str
    site: str
    location: str | None
    serial: str | None
    registration_number: str | None
    qr_code: str | None
    status: str | None
    health_score: int | None
    manufacturer: str | None
    model: str | None
    installed_on: str | None
    warranty_until: str | None
    notes: str | None
    parent: str | None
    is_here: bool
    conflicts: int
    orders: tuple[OrderRow, ...]
    is_code_shared: bool
    """Another asset has its code: it had it first, or is on this device."""
    twins: tuple[AssetTwin, ...]
    """Others of its site with the same code on this device."""
    may_rename: bool
    meters: tuple[MeterLine, ...]
    details: AssetDetails


_LIST: Final = """
SELECT st.asset_id, st.code, st.name, coalesce(s.name, ''), st.serial, t.name,
  (SELECT count(*) FROM work_order w WHERE w.deleted_at IS NULL AND w.id IN (
     SELECT id FROM work_order WHERE asset_id = st.asset_id
     UNION SELECT aggregate_id FROM work_order_asset WHERE asset_id = st.asset_id AND deleted_at IS NULL)
   AND w.status IN ('new', 'assigned', 'in_progress', 'on_hold')), a.id IS NOT NULL
FROM asset_stub st LEFT JOIN site s ON s.id = st.site_id LEFT JOIN asset_type t ON t.id = st.asset_type_id
LEFT JOIN asset a ON a.id = st.asset_id AND a.deleted_at IS NULL WHERE st.deleted_at IS NULL"""
_SAID: Final = (
    "coalesce(st.code, '') || ' ' || coalesce(st.name, '') || ' ' || coalesce(st.serial, '') || ' '"
    " || coalesce(st.qr_code, '') || ' ' || coalesce(s.name, '') || ' ' || coalesce((SELECT group_concat(g.name, ' ')"
    " FROM entity_tag e JOIN tag g ON g.id = e.tag_id AND g.deleted_at IS NULL"
    " WHERE e.aggregate_id = st.asset_id AND e.deleted_at IS NULL), '')"
)
_CARD: Final = """
SELECT t.name, s.name, parent.code, parent.name, (SELECT count(*) FROM conflict c WHERE c.aggregate_id = x.id
  AND c.resolution IS NULL AND c.deleted_at IS NULL) FROM (SELECT ? AS id, ? AS site, ? AS type, ? AS parent) x
LEFT JOIN site s ON s.id = x.site LEFT JOIN asset_type t ON t.id = x.type
LEFT JOIN asset parent ON parent.id = x.parent"""


def assets(reading: Reading, text: str = "", *, site_id: str | None = None, limit: int = 500) -> tuple[AssetLine, ...]:
    """Assets of the sites on this device whose code, name, serial, label, site or tags say every word; by code."""
    words = unicodedata.normalize("NFC", text).split()
    clauses = f" AND {_SAID} LIKE ? ESCAPE '\\'" * len(words)
    if site_id is not None:
        clauses += " AND st.site_id = ?"
    parameters = [*(pattern_of(word) for word in words), *(() if site_id is None else (site_id,))]
    bounded = f"{_LIST}{clauses} ORDER BY st.code, st.id LIMIT {min(limit, MOST_CANDIDATES)}"
    return tuple(_line(line) for line in reading.cursor.execute(bounded, parameters).fetchall())


def _line(line: tuple[Any, ...]) -> AssetLine:
    id_, code, name, site, serial, type_, open_orders, is_here = line
    return AssetLine(
        id=text_of(id_),
        code=text_of(code),
        name=text_of(name),
        site=site,
        serial=text_or_none(serial),
        type=text_or_none(type_),
        open_orders=open_orders,
        is_here=bool(is_here),
    )


def asset_card(reading: Reading, asset_id: str) -> AssetCard | None:
    """One asset with its orders on this device; None: neither the asset nor its label is here."""
    row = reading.get("asset", asset_id)
    is_here = row is not None and row["deleted_at"] is None
    if row is None or not is_here:
        found = reading.cursor.execute(
            "SELECT id FROM asset_stub WHERE asset_id = ? AND deleted_at IS NULL LIMIT 1", (asset_id,)
        ).fetchone()
        row = reading.get("asset_stub", found[0]) if found else None
    if row is None:
        return None
    about = (asset_id, row["site_id"], row["asset_type_id"], row.get("parent_id"))
    type_, site, parent_code, parent_name, conflicts = reading.cursor.execute(_CARD, about).fetchone()
    location_id = row.get("location_id")
    health = row.get("health_score")
    sharing = _sharing(reading, asset_id, row["code"])
    return AssetCard(
        id=asset_id,
        code=text_of(row["code"]),
        name=text_of(row["name"]),
        type=text_or_none(type_),
        site_id=text_of(row["site_id"]),
        site=text_of(site),
        location=location_paths(reading, (location_id,)).get(text_of(location_id)),
        serial=text_or_none(row["serial"]),
        registration_number=text_or_none(row.get("registration_number")),
        qr_code=text_or_none(row["qr_code"]),
        status=text_or_none(row.get("status")),
        health_score=health if isinstance(health, int) else None,
        manufacturer=text_or_none(row.get("manufacturer")),
        model=text_or_none(row.get("model")),
        installed_on=text_or_none(row.get("installed_on")),
        warranty_until=text_or_none(row.get("warranty_until")),
        notes=text_or_none(row.get("notes")),
        parent=" ".join(part for part in (parent_code, parent_name) if part) or None,
        is_here=is_here,
        conflicts=conflicts,
        orders=all_orders(reading, OrderFilter(asset_id=asset_id)),
        is_code_shared=bool(row.get("code_conflict") or sharing),
        twins=tuple(twin for site_id, twin in sharing if site_id == row["site_id"]),
        meters=meters_of(reading, asset_id),
        details=asset_details(reading, asset_id),
        may_rename=is_here and _may_rename(reading, row["site_id"]),
    )


def _sharing(reading: Reading, asset_id: str, code: Scalar) -> list[tuple[str, AssetTwin]]:
    """Give site and name of the others with a code. Only cards count: what is a label only could not be linked."""
    found = reading.cursor.execute(
        "SELECT site_id, id, code, name FROM asset WHERE code = ? AND id <> ? AND deleted_at IS NULL"
        " ORDER BY created_at, id",
        (code, asset_id),
    ).fetchall()
    return [(site_id, AssetTwin(text_of(id_), text_of(own), text_of(name))) for site_id, id_, own, name in found]


def _may_rename(reading: Reading, site_id: Scalar) -> bool:
    state = state_of(reading)
    actor = actor_of(reading.rows, state.person_id, state)
    return may_plan(actor, "asset", Place(site_id)) is None and may(actor, "asset", "delete", Place(site_id)) is None
