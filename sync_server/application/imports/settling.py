"""Compares a plan with the orders as they stand: what is really to be written, and what is left as people made it.

The file's last word, the file's new word and the order are merged three-way, an order at a time: one that nobody has
touched since the import takes the new word, any other keeps what people made of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.imports.drafts import OrderDraft
from sync_server.application.imports.mapping import ColumnMapping
from sync_server.application.imports.orders import Placement, changed_order_row
from sync_server.application.imports.places import DefaultSite, KnownAssets, known_assets, placed
from sync_server.application.imports.planning import ImportPlan
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.fields import Row
from sync_server.storage.import_rows import Told

LOCKED_AT_ONCE = 1_000
"""Rows of one statement, far below its time limit."""
STAMPS = frozenset({"updated_at", "updated_by"})


@dataclass(frozen=True, slots=True)
class Settled:
    """A plan against the orders as they stand."""

    plan: ImportPlan
    """As it will be carried out: what is left as it is counts as unchanged."""
    new: tuple[tuple[OrderDraft, Placement], ...]
    changed: tuple[tuple[OrderDraft, Row, Row], ...]
    """Draft, row as it stands, row as it will be."""
    heard: tuple[OrderDraft, ...]
    """Told anew, but nothing is written of it."""
    kept_count: int
    """How many of those because somebody here has changed the order."""
    unknown_asset_count: int
    """New and changed orders whose asset nobody here knows."""


def settle(
    connection: Connection[TupleRow],
    organization_id: str,
    *,
    plan: ImportPlan,
    mapping: ColumnMapping,
    told: Mapping[str, Told],
    sites: dict[str, str],
    default: DefaultSite,
    at: str,
    lock: bool,
) -> Settled:
    """Look up what the plan needs.

    Args:
        connection: A transaction of the organization.
        organization_id: The organization.
        plan: Made of what `told` and `sites` say.
        mapping: The columns that the file has.
        told: What the files told so far, by external id.
        sites: Code → id.
        default: Where rows go that name no site.
        at: Instant of the import.
        lock: Whether orders that change are locked, because they will be written.
    """
    codes = (draft.asset_code for draft in (*plan.new, *plan.changed))
    assets = known_assets(connection, organization_id, (code for code in codes if code is not None))
    ids = {draft.external_id: told[draft.external_id].work_order_id for draft in plan.changed}
    stored = stored_orders(connection, organization_id, ids.values(), lock=lock)
    changed: list[tuple[OrderDraft, Row, Row]] = []
    heard: list[OrderDraft] = []
    kept_count = 0
    for draft in plan.changed:
        row = stored[ids[draft.external_id]]
        if not is_untouched(row, told[draft.external_id].version):
            kept_count += 1
            heard.append(draft)
        elif (after := _after(row, draft, mapping=mapping, sites=sites, assets=assets, at=at)) is not None:
            changed.append((draft, row, after))
        else:
            heard.append(draft)
    written = tuple(draft for draft, *_ in changed)
    return Settled(
        plan=replace(plan, changed=written, unchanged=(*plan.unchanged, *heard)),
        new=tuple((draft, placed(draft, sites, default, assets)) for draft in plan.new),
        changed=tuple(changed),
        heard=tuple(heard),
        kept_count=kept_count,
        unknown_asset_count=sum(
            bool(each.asset_code) and each.asset_code not in assets for each in (*plan.new, *written)
        ),
    )


def stored_orders(
    connection: Connection[TupleRow], organization_id: str, ids: Iterable[str], *, lock: bool
) -> dict[str, Row]:
    """Read orders that are there, deleted ones too; `lock` locks them in the order of their ids, before any clock."""
    work, wanted = UnitOfWork(connection, organization_id, None), sorted(ids)
    for start in range(0, len(wanted), LOCKED_AT_ONCE):
        keys = [("work_order", row_id) for row_id in wanted[start : start + LOCKED_AT_ONCE]]
        work.lock(keys) if lock else work.read(keys)
    return {row_id: row for (_, row_id), row in work.loaded.items() if row is not None}


def is_untouched(order: Row, version: int) -> bool:
    """Whether an order still stands as an import left it."""
    return order["version"] == version and order["deleted_at"] is None


def _after(
    stored: Row, draft: OrderDraft, *, mapping: ColumnMapping, sites: dict[str, str], assets: KnownAssets, at: str
) -> Row | None:
    """Give the row as it will be; None when the file changes nothing in it."""
    site_id = str(stored["site_id"]) if draft.site_code is None else sites[draft.site_code]
    asset_id, _ = assets.get(draft.asset_code or "", (None, None))
    after = changed_order_row(stored, draft, Placement(site_id, asset_id), at=at, by=None)
    if "asset_code" not in mapping.columns:
        after |= {name: stored[name] for name in ("asset_id", "asset_text")}
    is_same = all(after[name] == stored[name] for name in stored.keys() - STAMPS)
    return None if is_same else after
