"""The synced tables, derived from the contract's declarations; no column is written down a second time.

What PostgreSQL adds: `organization_id` first in every key, composite foreign keys, checks from words and bounds, and
the indexes that membership, pull and lists need. Every table has one on `(organization_id, aggregate_id)`.
"""

from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, text
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.schema import SchemaItem

from sync_server.contract.column_types import Guid
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import ColumnSpec, EntitySpec
from sync_server.storage.meanings import OF_ORGANIZATION, column_meanings, table_meaning
from sync_server.storage.tables_tenancy import metadata, organization_reference, reference

LIVE_KEY = text("deleted_at IS NULL AND NOT code_conflict")
"""Rows among which a natural key is unique; a second one is stored with `code_conflict`."""

WAITING_KEY = text("code_conflict")
"""Rows that wait for a natural key: few, found when somebody gives one up."""

WORK_ORDER_PARTITIONS = 4
"""work_order is PARTITION BY HASH (organization_id); the migration makes work_order_p0 to work_order_p3."""

PARTITIONED: dict[str, dict[str, Any]] = {"work_order": {"postgresql_partition_by": "HASH (organization_id)"}}

INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "team_member": (("team_id",), ("person_id",)),
    "site_access": (("person_id",),),
    "asset": (("site_id",),),
    "asset_stub": (("asset_id",),),
    "work_order": (("site_id",), ("asset_id",), ("status", "due_at")),
    "work_order_assignment": (("work_order_id",), ("person_id",), ("team_id",)),
    "attachment": (("sha256",),),
}
"""Plain indexes besides the one on aggregate_id, each after organization_id; named by their first column."""


def _extras() -> dict[str, list[SchemaItem]]:
    """What single tables have that no rule gives them."""
    imported = text("import_id IS NOT NULL")
    external = text("external_id IS NOT NULL AND deleted_at IS NULL AND NOT code_conflict")
    place = ("organization_id", "stock_location_id", "part_id")
    return {
        "work_order": [
            Index("ix_work_order_import_id", "organization_id", "import_id", postgresql_where=imported),
            _unique("uq_work_order_external_id", "organization_id", "external_id", where=external),
        ],
        "work_order_assignment": [
            CheckConstraint("num_nonnulls(person_id, team_id) = 1", name="ck_work_order_assignment_assignee"),
        ],
        "stock_level": [_unique("uq_stock_level_part_id", *place)],
        "stock_movement": [
            CheckConstraint(
                "work_order_id IS NULL OR aggregate_id = work_order_id", name="ck_stock_movement_aggregate_id"
            ),
            Index("ix_stock_movement_part_id", *place, postgresql_include=["quantity"]),
        ],
    }


def _unique(name: str, *columns: str, where: TextClause | None = None) -> Index:
    return Index(name, *columns, unique=True, postgresql_where=where)


def _literal(value: str | int | float | bool) -> TextClause:
    """Write a default as SQL. Decimals arrive as text and are quoted like it; PostgreSQL reads both."""
    if isinstance(value, bool):
        return text("true" if value else "false")
    return text(f"'{value}'" if isinstance(value, str) else str(value))


def _column(spec: EntitySpec, column: ColumnSpec, meaning: str | None) -> Column[Any]:
    declared = getattr(spec.fields, column.name).column
    default = None if column.default is None else _literal(column.default)
    return Column(column.name, declared.type, nullable=column.nullable, server_default=default, comment=meaning)


def _conditions(column: ColumnSpec) -> list[str]:
    """What a value must satisfy. NaN is the greatest number in PostgreSQL: `< 'Infinity'` refuses both."""
    least, most = column.bounds
    conditions = []
    if column.words:
        conditions.append(f"{column.name} IN ({', '.join(repr(word) for word in column.words)})")
    if least is not None:
        conditions.append(f"{column.name} >= {least:g}")
    elif column.kind == "double":
        conditions.append(f"{column.name} > '-Infinity'")
    if most is not None:
        conditions.append(f"{column.name} <= {most:g}")
    elif column.kind == "double":
        conditions.append(f"{column.name} < 'Infinity'")
    if column.kind == "decimal":
        conditions.append(f"{column.name} <> 'NaN'")
    return conditions


def _checks(spec: EntitySpec) -> list[SchemaItem]:
    checks = {column.name: _conditions(column) for column in spec.columns}
    owner = f"{spec.aggregates[0]}_id"
    if spec.is_root:
        checks["aggregate_id"] = ["aggregate_id = id"]
    elif len(spec.aggregates) == 1 and owner in spec.by_name:
        checks["aggregate_id"] = [f"aggregate_id = {owner}"]
    return [
        CheckConstraint(" AND ".join(conditions), name=f"ck_{spec.name}_{column}")
        for column, conditions in checks.items()
        if conditions
    ]


def _references(spec: EntitySpec) -> list[SchemaItem]:
    """Refer to rows of the organization, and to the organization itself where no mandatory reference implies it.

    One check less for most rows, and fewer share locks on the one row that all its writers have in common.
    """
    found: list[SchemaItem] = [
        reference(spec.name, column.name, column.references) for column in spec.columns if column.references
    ]
    if not any(column.references and not column.nullable for column in spec.columns):
        found.insert(0, organization_reference(spec.name))
    return found


def _indexes(spec: EntitySpec) -> list[SchemaItem]:
    names = (("aggregate_id",), *INDEXES.get(spec.name, ()))
    indexes = [Index(f"ix_{spec.name}_{columns[0]}", "organization_id", *columns) for columns in names]
    if spec.natural_key:
        key = f"uq_{spec.name}_{spec.natural_key}"
        indexes.append(_unique(key, "organization_id", spec.natural_key, where=LIVE_KEY))
        waiting = Index(
            f"ix_{spec.name}_code_conflict", "organization_id", spec.natural_key, postgresql_where=WAITING_KEY
        )
        indexes.append(waiting)
    return list(indexes)


def _table(spec: EntitySpec) -> Table:
    meanings = column_meanings(spec.fields)
    return Table(
        spec.name,
        metadata,
        Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
        *(_column(spec, column, meanings.get(column.name)) for column in spec.columns),
        PrimaryKeyConstraint("organization_id", "id", name=f"pk_{spec.name}"),
        *_references(spec),
        *_checks(spec),
        *_indexes(spec),
        *_extras().get(spec.name, []),
        comment=table_meaning(spec.fields),
        **PARTITIONED.get(spec.name, {}),
    )


SYNCED: dict[str, Table] = {name: _table(spec) for name, spec in REGISTRY.items()}
"""Entity name → its table, in the order of the registry."""
