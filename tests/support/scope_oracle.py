"""The scope index computed again from the rows, in plain Python and from the words of sync.md §2, to compare with.

Shares nothing with the code under test but the declarations of the entities.
"""

import hashlib
from collections import defaultdict
from typing import Any, Protocol

from sync_server.contract.entities import AGGREGATES

CATALOG = (
    *("person", "person_permission", "team", "site", "asset_type", "tag", "custom_field", "part", "stock_location"),
    *("checklist_template", "work_order_template", "branding", "i18n_string", "vendor"),
)
GROWING = ("customer", "technician", "planner", "supervisor", "manager", "admin")
OFFICE = frozenset(GROWING[2:])
"""Roles that see all of a site."""
Rows = dict[str, dict[str, dict[str, Any]]]
Reason = tuple[str, str]
Reasons = dict[tuple[str, str], set[Reason]]


class Tenant(Protocol):
    """What is asked of an organization here."""

    id: str

    def every_row(self) -> dict[str, list[dict[str, Any]]]: ...

    def ask(self, query: str, *parameters: object) -> list[tuple[Any, ...]]: ...


def share_of(aggregate_id: str, digest: int) -> int:
    """First 8 bytes of SHA-256(`aggregate:digest`), signed."""
    return int.from_bytes(hashlib.sha256(f"{aggregate_id}:{digest}".encode()).digest()[:8], "big", signed=True)


def all_rows(tenant: Tenant) -> Rows:
    """Entity → id → row."""
    return {entity: {str(row["id"]): row for row in rows} for entity, rows in tenant.every_row().items()}


def ended_at(order: dict[str, Any]) -> str | None:
    """When an order was finished or deleted, in wire form; None: it is neither."""
    finished = {
        "closed": order["closed_at"] or order["updated_at"],
        "cancelled": order["updated_at"],
        "rejected": order["updated_at"],
    }
    return min((at for at in (order["deleted_at"], finished.get(order["status"])) if at), default=None)


def stages_of(tenant: Tenant, rows: Rows) -> dict[str, int]:
    """Order → 1 when it has left its people for its age, 2 when it has left the review as well."""
    windows = tenant.ask(
        "select work_order_id::text, to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), stage"
        " from scope_window where organization_id = %s",
        tenant.id,
    )
    return {id_: stage for id_, at, stage in windows if ended_at(rows["work_order"][id_]) == at}


def reasons_of(rows: Rows, stages: dict[str, int]) -> tuple[Reasons, dict[str, str]]:
    """(scope, aggregate) → reasons, and aggregate → type."""
    reasons: Reasons = defaultdict(set)
    types = {row_id: root for root in AGGREGATES for row_id in rows[root]}
    for root in CATALOG:
        for row_id in rows[root]:
            reasons["org:catalog", row_id].add(("catalog", row_id))
    for prefix, root in (("site", "asset"), ("assets", "asset_stub"), ("assets", "location"), ("review", "work_order")):
        for row_id, row in rows[root].items():
            if stages.get(row_id, 0) < 2:
                reasons[f"{prefix}:{row['site_id']}", row_id].add(("site", row["site_id"]))
    for order_id, order in rows["work_order"].items():
        if stages.get(order_id, 0) > 0:
            continue
        for person_id, reason in _holders(rows, order):
            reasons[f"user:{person_id}", order_id].add(reason)
            for asset_id in _lent(rows, order, person_id):
                reasons[f"user:{person_id}", asset_id].add(("work_order", order_id))
    for row_id, row in rows["stock_level"].items():
        place = rows["stock_location"][row["stock_location_id"]]
        is_van = place["kind"] == "van" and place["owner_id"]
        scope = f"user:{place['owner_id']}" if is_van else f"stock:{place['site_id']}"
        reasons[scope, row_id].add((place["kind"], place["id"]))
    _add_authored(rows, reasons)
    return reasons, types


def _add_authored(rows: Rows, reasons: Reasons) -> None:
    """What its author has, and the office of a site: costs of orders, requests for service, and held changes."""
    for row_id, row in [*rows["work_order_cost"].items(), *rows["service_request"].items()]:
        reasons[f"review:{row['site_id']}", row_id].add(("site", row["site_id"]))
        if row["created_by"]:
            reasons[f"user:{row['created_by']}", row_id].add(("author", row["created_by"]))
    for row_id, row in rows["notification"].items():
        if row["deleted_at"] is None:
            reasons[f"user:{row['person_id']}", row_id].add(("person", row["person_id"]))
    for row_id, row in rows["calendar_event"].items():
        if row["person_id"]:
            reasons[f"user:{row['person_id']}", row_id].add(("person", row["person_id"]))
        for member in rows["team_member"].values():
            if member["team_id"] == row["team_id"] and not member["deleted_at"]:
                reasons[f"user:{member['person_id']}", row_id].add(("team", member["id"]))
    for row_id, row in rows["held_mutation"].items():
        reasons[f"user:{row['author_id']}", row_id].add(("author", row["author_id"]))
        if row["site_id"]:
            reasons[f"review:{row['site_id']}", row_id].add(("site", row["site_id"]))


def scopes_of_person(rows: Rows, person_id: str) -> set[str]:
    """Scopes that somebody's devices may hold now, but for the bound on their number; none when he is not active."""
    person = rows["person"].get(person_id)
    if person is None or person["deleted_at"] is not None or not person["is_active"]:
        return set()
    own = {"org:catalog", f"user:{person_id}"}
    roles = roles_of_person(rows, person_id)
    office = {f"{kind}:{site}" for kind in ("review", "site") for site, role in roles.items() if role in OFFICE}
    return own | office | {f"{kind}:{site}" for kind in ("stock", "assets") for site in roles}


def roles_of_person(rows: Rows, person_id: str) -> dict[str, str]:
    """Site → role there, of every site that somebody may enter: of two accesses the greater counts."""
    person = rows["person"][person_id]
    if person["role"] in {"manager", "admin"}:
        return {id_: person["role"] for id_, site in rows["site"].items() if site["deleted_at"] is None}
    roles: dict[str, str] = {}
    for access in rows["site_access"].values():
        if access["person_id"] == person_id and access["deleted_at"] is None:
            site_id, known = access["site_id"], roles.get(access["site_id"], GROWING[0])
            roles[site_id] = max(known, access["role"], key=GROWING.index)
    return roles


def _lent(rows: Rows, order: dict[str, Any], person_id: str) -> set[str]:
    """Those of the order's assets that may come to somebody with it: of the order's site, or of one that he enters."""
    further = [each for each in rows["work_order_asset"].values() if each["aggregate_id"] == order["id"]]
    named = {order["asset_id"], *(each["asset_id"] for each in further if each["deleted_at"] is None)}
    sites = {asset_id: rows["asset"][asset_id]["site_id"] for asset_id in named if asset_id is not None}
    return {id_ for id_, site in sites.items() if site == order["site_id"] or may_enter(rows, person_id, site)}


def may_enter(rows: Rows, person_id: str, site_id: str) -> bool:
    """Whether somebody has access to a site now."""
    return any(
        (access["person_id"], access["site_id"], access["deleted_at"]) == (person_id, site_id, None)
        for access in rows["site_access"].values()
    )


def _holders(rows: Rows, order: dict[str, Any]) -> list[tuple[str, Reason]]:
    """Who holds an order in his own scope, and why."""
    found: list[tuple[str, Reason]] = []
    for assignment in rows["work_order_assignment"].values():
        if assignment["work_order_id"] != order["id"] or assignment["deleted_at"]:
            continue
        if assignment["person_id"]:
            found.append((assignment["person_id"], ("assignment", assignment["id"])))
        for member in rows["team_member"].values():
            if member["team_id"] == assignment["team_id"] and not member["deleted_at"]:
                found.append((member["person_id"], ("team", member["id"])))
    if order["status"] == "new" and order["created_by"]:
        found.append((order["created_by"], ("author", order["id"])))
    return found


def digest_of_aggregate(rows: Rows, root: str, aggregate_id: str) -> int:
    """XOR of the hashes of its live rows."""
    digest = 0
    for entity in AGGREGATES[root]:
        for row in rows[entity].values():
            if row["aggregate_id"] == aggregate_id and row["deleted_at"] is None:
                digest ^= row["row_hash"]
    return digest


def assert_index_is_right(tenant: Tenant) -> None:
    """Membership, reasons, maxima and digests as stored equal those computed again (invariant 22)."""
    rows = all_rows(tenant)
    reasons, types = reasons_of(rows, stages_of(tenant, rows))
    stored = tenant.ask(
        "select scope_id, aggregate_id::text, reason_type, reason_id::text, aggregate_type from scope_reason"
        " where organization_id = %s",
        tenant.id,
    )
    wanted = {(*pair, *reason, types[pair[1]]) for pair, each in reasons.items() for reason in each}
    assert set(stored) == wanted
    entries = tenant.ask(
        "select scope_id, aggregate_id::text, aggregate_type, reasons, digest, seq from scope_aggregate"
        " where organization_id = %s and live",
        tenant.id,
    )
    _assert_entries(rows, reasons, types, entries)
    _assert_heads(tenant, entries)


def _assert_entries(rows: Rows, reasons: Reasons, types: dict[str, str], entries: list[tuple[Any, ...]]) -> None:
    assert {(scope, id_): (type_, count) for scope, id_, type_, count, _, _ in entries} == {
        pair: (types[pair[1]], len(each)) for pair, each in reasons.items()
    }
    newest: dict[str, int] = defaultdict(int)
    hashes: dict[tuple[str, str], int] = defaultdict(int)
    for entity, by_id in rows.items():
        for row in by_id.values():
            newest[row["aggregate_id"]] = max(newest[row["aggregate_id"]], row["sync_seq"])
            if row["deleted_at"] is None:
                hashes[entity, row["aggregate_id"]] ^= row["row_hash"]
    for scope, id_, type_, _, digest, seq in entries:
        expected = 0
        for entity in AGGREGATES[type_]:
            expected ^= hashes.get((entity, id_), 0)
        assert digest == expected, f"digest of {type_} {id_} in {scope}"
        assert seq >= newest[id_], f"{type_} {id_} in {scope} changed after its entry"


def _assert_heads(tenant: Tenant, entries: list[tuple[Any, ...]]) -> None:
    heads: dict[str, tuple[int, int]] = {}
    for scope, id_, _, _, digest, _ in entries:
        before, count = heads.get(scope, (0, 0))
        heads[scope] = (before ^ share_of(id_, digest), count + 1)
    stored = tenant.ask(
        "select scope_id, digest, count from scope_head where organization_id = %s and (count <> 0 or digest <> 0)",
        tenant.id,
    )
    assert {scope: (digest, count) for scope, digest, count in stored} == heads


def assert_mirrors(tenant: Tenant, mirror: Any, scopes: set[str]) -> None:
    """A device that has just synced holds every live row of its scopes (6) and no other (5), digests equal (4)."""
    rows = all_rows(tenant)
    reasons, types = reasons_of(rows, stages_of(tenant, rows))
    assert set(mirror.members) == scopes
    for scope in scopes:
        held = {id_: types[id_] for of, id_ in reasons if of == scope}
        assert mirror.members[scope] == held, f"aggregates of {scope}"
    aggregates = {id_: root for held in mirror.members.values() for id_, root in held.items()}
    wanted = {
        (entity, row_id)
        for entity, by_id in rows.items()
        for row_id, row in by_id.items()
        if row["deleted_at"] is None and entity in AGGREGATES.get(aggregates.get(row["aggregate_id"], ""), ())
    }
    assert set(mirror.rows) == wanted
    assert all(mirror.rows[entity, row_id] == rows[entity][row_id] for entity, row_id in wanted)
    mirror.assert_digests()
