"""The synced tables, derived from the contract's declarations; no column is written down a second time.

What PostgreSQL adds: `organization_id` first in every key, composite foreign keys, checks from words and bounds, and
the indexes that membership, pull and lists need. Every table has one on `(organization_id, aggregate_id)`.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, text
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.schema import SchemaItem

from sync_server.contract.column_types import Guid
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import ColumnSpec, EntitySpec
from sync_server.storage.meanings import OF_ORGANIZATION, column_meanings, table_meaning
from sync_server.storage.tables_tenancy import metadata, organization_reference, reference

_SIGN = (
    "CASE kind WHEN 'usage' THEN quantity < 0 WHEN 'purchase' THEN quantity > 0 WHEN 'return' THEN quantity > 0"
    " ELSE quantity <> 0 END"
)
"""What is used leaves a stock, what is bought or put back comes into it, and every movement moves something."""
LIVE_KEY = text("deleted_at IS NULL AND NOT code_conflict")
"""Rows among which a natural key is unique; a second one is stored with `code_conflict`."""

WAITING_KEY = text("code_conflict")
"""Rows that wait for a natural key: few, found when somebody gives one up."""

WORK_ORDER_PARTITIONS = 4
"""work_order is PARTITION BY HASH (organization_id); the migration makes work_order_p0 to work_order_p3."""

PARTITIONED: dict[str, dict[str, Any]] = {
    "work_order": {"postgresql_partition_by": "HASH (organization_id)"},
    **{
        name: {"postgresql_partition_by": f"RANGE ({spec.month_column})"}
        for name, spec in REGISTRY.items()
        if spec.month_column
    },
}

INDEXES: dict[str, dict[tuple[str, ...], str]] = {
    "team_member": {("team_id",): "membership: who holds a team's orders", ("person_id",): "teams of a person"},
    "site_access": {("person_id",): "rights of a person, in each of his requests"},
    "person_permission": {("person_id",): "what a person was given, in each of his requests"},
    "calendar_event": {
        ("person_id",): "what is on somebody's calendar",
        ("team_id",): "membership: events of a team whose people change",
    },
    "asset": {("site_id",): "assets of a site"},
    "asset_stub": {("asset_id",): "the stub that changes with its asset"},
    "work_order": {
        ("site_id",): "orders of a site: reviews, and the office's lists, which are narrowed to sites",
        ("asset_id",): "membership: orders that lend an asset",
        ("status", "due_at"): "the office's lists by state",
    },
    "work_order_assignment": {
        ("work_order_id",): "membership: who has an order",
        ("person_id",): "orders of a person",
        ("team_id",): "membership: orders of a team whose people change",
    },
    "entity_tag": {("tag_id",): "things that have a tag"},
    "custom_field_value": {("field_id",): "values of a field"},
    "notification": {("person_id",): "what somebody was told"},
    "attachment": {("sha256",): "whether a reader's order names the content that he asks for"},
}
"""Plain indexes besides the one on aggregate_id, each after organization_id, and why; named by their first column."""

OF_AGGREGATE = "pull, digests and details read an aggregate whole"
OF_LIVE_KEY = "who holds a natural key; a second one is stored with `code_conflict`"
OF_WAITING_KEY = "who waits for a natural key that somebody gives up"


def _extras() -> dict[str, list[SchemaItem]]:
    """What single tables have that no rule gives them."""
    imported = text("import_id IS NOT NULL")
    external = text("external_id IS NOT NULL AND deleted_at IS NULL AND NOT code_conflict")
    live = text("deleted_at IS NULL")
    has_parent = text("parent_id IS NOT NULL")
    place = ("stock_location_id", "part_id")
    return {
        **{
            entity: [_index(f"ix_{entity}_parent_id", "parent_id", where=has_parent, why="what hangs on a row")]
            for entity in ("location", "asset", "comment")
        },
        "work_order": [
            _index("ix_work_order_number", "number", where=live, why="the office's list, by number"),
            _index("ix_work_order_parent_id", "parent_id", where=has_parent, why="what follows up an order"),
            _index("ix_work_order_import_id", "import_id", where=imported, why="orders of an import, to undo it"),
            _unique("uq_work_order_external_id", "external_id", where=external, why="one order for each in a file"),
        ],
        "work_order_assignment": _of_assignments(),
        "calendar_event": [
            CheckConstraint("num_nonnulls(person_id, team_id) = 1", name="ck_calendar_event_whose"),
            CheckConstraint("ends_at > begins_at", name="ck_calendar_event_ends_at"),
            _index("ix_calendar_event_site_id", "site_id", "ends_at", where=live, why="the office's list of a site"),
        ],
        "work_order_asset": [
            _index("ix_work_order_asset_asset_id", "asset_id", where=live, why="membership: orders that lend an asset"),
        ],
        "work_order_cost": [
            _index("ix_work_order_cost_work_order_id", "work_order_id", where=live, why="what an order cost"),
            _index("ix_work_order_cost_site_id", "site_id", "currency", where=live, why="what a site cost"),
        ],
        "service_request": [
            CheckConstraint("(status = 'accepted') = (work_order_id IS NOT NULL)", name="ck_service_request_outcome"),
            _index("ix_service_request_site_id", "site_id", "status", where=live, why="the office's lists by state"),
        ],
        "custom_field_value": [
            CheckConstraint(
                "num_nonnulls(text_value, number_value, date_value, choice_value, flag_value) = CASE kind"
                " WHEN 'text' THEN num_nonnulls(text_value) WHEN 'number' THEN num_nonnulls(number_value)"
                " WHEN 'date' THEN num_nonnulls(date_value) WHEN 'choice' THEN num_nonnulls(choice_value)"
                " WHEN 'yes_no' THEN num_nonnulls(flag_value) END",
                name="ck_custom_field_value_value",
            ),
        ],
        "stock_level": [_unique("uq_stock_level_part_id", *place, why="one level for each part and place")],
        "stock_movement": [
            CheckConstraint(
                "work_order_id IS NULL OR aggregate_id = work_order_id", name="ck_stock_movement_aggregate_id"
            ),
            CheckConstraint(_SIGN, name="ck_stock_movement_sign"),
            _index("ix_stock_movement_part_id", *place, why="the sum of a level", include=["quantity"]),
        ],
    }


def _of_assignments() -> list[SchemaItem]:
    """One of three has an order; companies are the server's alone, so that no declaration can refer to one."""
    entity, has_one = "work_order_assignment", "num_nonnulls(person_id, team_id, contractor_id) = 1"
    companies = text("contractor_id IS NOT NULL")
    return [
        CheckConstraint(has_one, name=f"ck_{entity}_assignee"),
        reference(entity, "contractor_id", "contractor"),
        _index(f"ix_{entity}_contractor_id", "contractor_id", where=companies, why="what a company has open"),
    ]


def _index(name: str, *columns: str, why: str, where: TextClause | None = None, include: Sequence[str] = ()) -> Index:
    said = {"why": why}
    return Index(name, "organization_id", *columns, info=said, postgresql_where=where, postgresql_include=list(include))


def _unique(name: str, *columns: str, why: str, where: TextClause | None = None) -> Index:
    return Index(name, "organization_id", *columns, unique=True, postgresql_where=where, info={"why": why})


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
    elif spec.arc:
        checks["aggregate_id"] = [f"aggregate_id = coalesce({', '.join(spec.arc)})"]
        checks["subject"] = [f"num_nonnulls({', '.join(spec.arc)}) = 1"]
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
    names = {("aggregate_id",): OF_AGGREGATE, **INDEXES.get(spec.name, {})}
    indexes = [_index(f"ix_{spec.name}_{columns[0]}", *columns, why=why) for columns, why in names.items()]
    if key := spec.natural_key:
        indexes += [
            _unique(f"uq_{spec.name}_{key}", key, where=LIVE_KEY, why=OF_LIVE_KEY),
            _index(f"ix_{spec.name}_code_conflict", key, where=WAITING_KEY, why=OF_WAITING_KEY),
        ]
    return list(indexes)


def key_of(spec: EntitySpec) -> tuple[str, ...]:
    """Give the columns of the primary key behind the organization."""
    return ("id",) if spec.month_column is None else ("id", spec.month_column)


def _table(spec: EntitySpec) -> Table:
    meanings = column_meanings(spec.fields)
    return Table(
        spec.name,
        metadata,
        Column("organization_id", Guid, nullable=False, comment=OF_ORGANIZATION),
        *(_column(spec, column, meanings.get(column.name)) for column in spec.columns),
        PrimaryKeyConstraint("organization_id", *key_of(spec), name=f"pk_{spec.name}"),
        *_references(spec),
        *_checks(spec),
        *_indexes(spec),
        *_extras().get(spec.name, []),
        comment=table_meaning(spec.fields),
        **PARTITIONED.get(spec.name, {}),
    )


SYNCED: dict[str, Table] = {name: _table(spec) for name, spec in REGISTRY.items()}
"""Entity name → its table, in the order of the registry."""
