"""Which rules of single kinds of records are asked when: one table for each moment of a record's life.

Called by office_records.py, within its transaction, with what it has locked. Every rule refuses or completes a row;
none of them reads what a person may not see.
"""

from collections.abc import Callable, Mapping
from typing import Final

from sync_server.application.access import not_found
from sync_server.application.records import changes, procedures, projects, versions
from sync_server.application.records.desk import Desk
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.permission import Place
from sync_server.errors import Refused
from sync_server.storage import office_records
from sync_server.storage.record_kinds import BY_NAME, RecordKind
from sync_server.storage.translation import IN_THE_WAY

AT_SITES: Final = {"work_order_id": "work_order", "asset_id": "asset"}
"""Columns that name something of a site: only who has a role there may name it."""
OF_ASSETS: Final = frozenset({"procedure_execution"})
"""Kinds whose permissions count at the site of their asset; those of all others belong to no site."""

Making = Callable[[Desk, Row, Row | None], None]
Changing = Callable[[Desk, Row, Row], None]

_BEFORE_MAKING: Final[Mapping[str, Making]] = {
    "project": projects.plan,
    "project_work_order": projects.name_order,
    "document_version": versions.write_document,
    "document_relation": versions.relate,
    "procedure_version": versions.write_procedure,
    "procedure_execution": procedures.begin,
    "change_impact": changes.reach,
    "change_approval": changes.decide,
}
_AFTER_MAKING: Final[Mapping[str, Making]] = {
    "change_approval": changes.follow,
}
_BEFORE_DELETION: Final[Mapping[str, Making]] = {
    "change_impact": changes.let_be,
}
_BEFORE_CHANGE: Final[Mapping[str, Changing]] = {
    "change_request": changes.rewrite,
    "project": projects.plan_anew,
    "document_version": versions.rewrite_document,
    "procedure_version": versions.rewrite_procedure,
    "procedure_execution": procedures.note_results,
}
_BEFORE_STEP: Final[Mapping[str, Changing]] = {
    "document_version": versions.approving("document_version", "document_id"),
    "procedure_version": versions.approving("procedure_version", "procedure_id"),
    "procedure_execution": procedures.end,
    "change_request": changes.hand_in,
}


def require_making(desk: Desk, kind: RecordKind, values: Mapping[str, Scalar]) -> None:
    """Refuse who may not make such a record."""
    desk.require(kind.resource, kind.create, _place(desk, kind, values))


def require_change(desk: Desk, kind: RecordKind, record_id: str) -> None:
    """Refuse who may not change such a record, whether it is there or not."""
    row = desk.seen(kind, record_id) if kind.name in OF_ASSETS else {}
    desk.require(kind.resource, "change", _place(desk, kind, row))


def require_step(desk: Desk, kind: RecordKind, row: Row, action: str) -> None:
    """Refuse who may not take this step."""
    desk.require(kind.resource, action, _place(desk, kind, row))


def _place(desk: Desk, kind: RecordKind, row: Mapping[str, Scalar]) -> Place:
    return Place(desk.site_of("asset", row.get("asset_id")) if kind.name in OF_ASSETS else None)


def require_seen(desk: Desk, row: Row) -> None:
    """Refuse who has no role at the site of an order or asset that a record names."""
    for column, entity in AT_SITES.items():
        if row.get(column) is not None:
            desk.site_of(entity, row[column])


def require_live(desk: Desk, kind: RecordKind, values: Mapping[str, Scalar]) -> None:
    """Refuse what names something that was deleted, as if it had never been there. What named it before stays."""
    for column, table in kind.names.items():
        named = values.get(column)
        if table in BY_NAME or named is None:  # of records their own rules say so
            continue
        if office_records.is_live(desk.connection, desk.organization_id, table, named):
            continue
        raise not_found() if column in AT_SITES else Refused("conflicting_reference", IN_THE_WAY)


def locked_for_step(desk: Desk, kind: RecordKind, record_id: str) -> Row:
    """Lock a record that takes a step; first what it is a part of, so that steps of its parts go one by one."""
    if kind.parent is not None:
        desk.locked(BY_NAME[str(kind.parent_name)], desk.seen(kind, record_id)[kind.parent])
    return desk.locked(kind, record_id)


def before_making(desk: Desk, kind: RecordKind, row: Row, parent: Row | None) -> None:
    """Complete a new record, or refuse it."""
    require_seen(desk, row)
    require_live(desk, kind, row)
    if (rule := _BEFORE_MAKING.get(kind.name)) is not None:
        rule(desk, row, parent)


def after_making(desk: Desk, kind: RecordKind, row: Row, parent: Row | None) -> None:
    """Do what follows from a new record, in the same transaction."""
    if (rule := _AFTER_MAKING.get(kind.name)) is not None:
        rule(desk, row, parent)


def before_deletion(desk: Desk, kind: RecordKind, row: Row, parent: Row | None) -> None:
    """Refuse that a record is deleted, or brought back."""
    if (rule := _BEFORE_DELETION.get(kind.name)) is not None:
        rule(desk, row, parent)


def before_change(desk: Desk, kind: RecordKind, row: Row, values: Row) -> None:
    """Look at new values of a record, or refuse them."""
    require_live(desk, kind, values)
    if (rule := _BEFORE_CHANGE.get(kind.name)) is not None:
        rule(desk, row, values)


def before_step(desk: Desk, kind: RecordKind, row: Row, values: Row) -> None:
    """Complete what a step writes, or refuse it."""
    if (rule := _BEFORE_STEP.get(kind.name)) is not None:
        rule(desk, row, values)
