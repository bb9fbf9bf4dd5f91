"""What people do with the records of the office, whatever kind they are: make, change, take a step, delete, read.

Rights come from the matrix, steps from contract/rules/record_states.py, kinds from storage/record_kinds.py. What single
kinds ask besides is in records/rules.py. Nothing here reaches a device.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow
from uuid_utils.compat import uuid7

from sync_server.application.access import not_found
from sync_server.application.office_lists import whole_office_reading
from sync_server.application.records import rules
from sync_server.application.records.desk import Desk, reading, refuse, writing
from sync_server.authz.visibility import Caller
from sync_server.contract.codec import GUID, InvalidValueError, checked, same
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.record_states import STEPS, may_step
from sync_server.errors import Refused
from sync_server.storage import office_records
from sync_server.storage.engine import Database
from sync_server.storage.record_kinds import BY_NAME, KINDS, RecordKind, parts_of

MOST = 500
MOST_SKIPPED = 1_000_000
CHANGED: Final = "Somebody has changed this meanwhile. Look at it again."
CLOSED: Final = "This cannot be changed any more."

Changes = Mapping[str, tuple[Scalar, Scalar]]
"""Field → (old value that the person saw, new value)."""


def kind_at(path: str) -> RecordKind:
    """Give the kind with a name in addresses. Raises Refused for none."""
    found = KINDS.get(path)
    if found is None:
        raise not_found()
    return found


def make(database: Database, author: Caller, path: str, values: Mapping[str, Scalar]) -> str:
    """Make a record; give its id. A code that another one has is marked, never refused.

    Raises:
        Refused: he may not, a value cannot be, or something that it names is not there for him.
    """
    kind = kind_at(path)
    with writing(database, author) as desk:
        rules.require_making(desk, kind, values)
        row = _given(kind, values)
        parent = _open_parent(desk, kind, row)
        row |= _stamps(desk, kind)
        rules.before_making(desk, kind, row, parent)
        if kind.key is not None:
            office_records.hold_keys(desk.connection, desk.organization_id, kind)
        with _keys(desk, kind, row.get(str(kind.key))):
            marked: Row = {"code_conflict": True} if kind.key else {}  # until it is settled who has the code
            office_records.insert(desk.connection, desk.organization_id, kind, {**row, **marked})
        rules.after_making(desk, kind, row, parent)
    return str(row["id"])


def edit(database: Database, author: Caller, path: str, record_id: str, changes: Changes) -> None:
    """Change fields from what the person saw to what he wants. Raises Refused; then nothing is changed."""
    kind = kind_at(path)
    with writing(database, author) as desk:
        rules.require_change(desk, kind, record_id)
        if not kind.editable:
            raise Refused("append_only", "This cannot be changed. Make another one.")
        if kind.key in changes:
            office_records.hold_keys(desk.connection, desk.organization_id, kind)
        row = desk.locked(kind, record_id)
        values = _wanted(kind, row, changes)
        _require_open(kind, row)
        rules.before_change(desk, kind, row, values)
        if not values:
            return
        with _keys(desk, kind, *({row[kind.key], values[kind.key]} if kind.key in values else ())):
            marked: Row = {"code_conflict": True} if kind.key in values else {}
            desk.change(kind, row, **values, **marked)


def step(database: Database, author: Caller, path: str, record_id: str, state: str, reason: str | None) -> None:
    """Take a record from its state to another one; nothing happens when it is there already. Raises Refused."""
    kind = kind_at(path)
    if kind.name not in STEPS:
        raise not_found()
    with writing(database, author) as desk:
        rules.require_change(desk, kind, record_id)
        row = rules.locked_for_step(desk, kind, record_id)
        current = str(row["state"])
        if current == state:
            return
        refuse(may_step(kind.name, current, state, reason=reason))
        rules.require_step(desk, kind, row, STEPS[kind.name][current, state])
        values: Row = {"state": state, "state_reason": _checked(kind, "state_reason", reason)}
        rules.before_step(desk, kind, row, values)
        desk.change(kind, row, **values)
        desk.tell(f"{kind.name}.{state}", row, old={"state": current}, new=values)


def set_deleted(database: Database, author: Caller, path: str, record_id: str, *, is_deleted: bool) -> None:
    """Delete a record, or bring it back; again changes nothing. Raises Refused."""
    kind = kind_at(path)
    with writing(database, author) as desk:
        desk.require(kind.resource, kind.delete)
        if not kind.may_be_deleted:
            raise Refused("append_only", "This is part of the record and cannot be deleted.")
        if kind.key is not None:
            office_records.hold_keys(desk.connection, desk.organization_id, kind)
        row = desk.locked_or_deleted(kind, record_id)
        rules.require_seen(desk, row)
        if (row["deleted_at"] is not None) == is_deleted:
            return
        if "state" in kind.columns:
            _require_open(kind, row)
        rules.before_deletion(desk, kind, row, _open_parent(desk, kind, row))
        with _keys(desk, kind, row.get(str(kind.key))):
            marked: Row = {"code_conflict": True} if kind.key else {}
            desk.change(kind, row, deleted_at=desk.at if is_deleted else None, **marked)
        desk.tell(f"{kind.name}.{'deleted' if is_deleted else 'restored'}", row)


def listed(
    database: Database, caller: Caller, path: str, *, within: str | None = None, skip: int = 0, limit: int = MOST
) -> list[Row]:
    """List live records in the order in which they were made, at most 500, without steps and results.

    `within`: only parts of this record.
    """
    kind = kind_at(path)
    with reading(database, caller) as connection:
        return _listed(connection, caller.organization_id, kind, within=within, skip=skip, limit=limit)


def listed_for_all_sites(database: Database, organization_id: str, path: str, *, within: str | None) -> list[Row]:
    """List live records as `listed` does, for whoever runs the server."""
    kind = kind_at(path)
    with whole_office_reading(database, organization_id) as connection:
        return _listed(connection, organization_id, kind, within=within)


def shown(database: Database, caller: Caller, path: str, record_id: str) -> dict[str, list[Row]]:
    """Give a live record with its parts, by kind. Raises Refused when there is none."""
    kind = kind_at(path)
    with reading(database, caller) as connection:
        return _shown(connection, caller.organization_id, kind, record_id)


def shown_for_all_sites(database: Database, organization_id: str, path: str, record_id: str) -> dict[str, list[Row]]:
    """Give a live record as `shown` does, for whoever runs the server."""
    kind = kind_at(path)
    with whole_office_reading(database, organization_id) as connection:
        return _shown(connection, organization_id, kind, record_id)


def _listed(
    connection: Connection[TupleRow],
    organization_id: str,
    kind: RecordKind,
    *,
    within: str | None,
    skip: int = 0,
    limit: int = MOST,
) -> list[Row]:
    if within is not None and (kind.parent is None or not GUID.fullmatch(within)):
        return []
    having = {} if within is None or kind.parent is None else {kind.parent: within}
    skip, limit = max(0, min(skip, MOST_SKIPPED)), max(1, min(limit, MOST))
    return office_records.rows(connection, organization_id, kind, having, skip=skip, limit=limit, is_whole=False)


def _shown(
    connection: Connection[TupleRow], organization_id: str, kind: RecordKind, record_id: str
) -> dict[str, list[Row]]:
    if not GUID.fullmatch(record_id):
        raise not_found()
    found = {kind.path: office_records.rows(connection, organization_id, kind, {"id": record_id}, limit=1)}
    if not found[kind.path]:
        raise not_found()
    for part in parts_of(kind):
        found[part.path] = _listed(connection, organization_id, part, within=record_id)
    return found


def _given(kind: RecordKind, values: Mapping[str, Scalar]) -> Row:
    """Check what somebody gives of a new record. Raises Refused."""
    if not values.keys() <= set(kind.given):
        raise Refused("invalid_value", f"What can be given is: {', '.join(kind.given)}.")
    defaults = {column.name for column in kind.table.columns if column.server_default is not None}
    names = [name for name in kind.given if values.get(name) is not None or name not in defaults]
    return {name: _checked(kind, name, values.get(name)) for name in names}


def _wanted(kind: RecordKind, row: Row, changes: Changes) -> Row:
    """Give the values that differ from what stands. Raises Refused when somebody else has changed one meanwhile."""
    if not changes.keys() <= set(kind.editable):
        raise Refused("invalid_value", f"What can be changed is: {', '.join(kind.editable)}.")
    wanted: Row = {}
    for name, (seen, new) in changes.items():
        value = _checked(kind, name, new)
        if same(kind.columns[name], row[name], value):
            continue
        if not same(kind.columns[name], row[name], seen):
            raise Refused("conflicting_reference", CHANGED)
        wanted[name] = value
    return wanted


def _checked(kind: RecordKind, name: str, value: Scalar) -> Scalar:
    """Bring a value into the form in which it is stored; a text without blanks around it. Raises Refused."""
    spec = kind.columns[name]
    try:
        found = checked(spec, value)
        if spec.kind == "text" and found is not None:
            found = str(found).strip() or None
            return checked(spec, found)
    except InvalidValueError as error:
        raise Refused("invalid_value", f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    return found


def _stamps(desk: Desk, kind: RecordKind) -> Row:
    made: Row = {"id": str(uuid7()), "created_at": desk.at, "created_by": desk.actor.person_id}
    changed: Row = {"updated_at": desk.at, "updated_by": desk.actor.person_id}
    return {**made, **(changed if "updated_at" in kind.columns else {})}


def _open_parent(desk: Desk, kind: RecordKind, row: Row) -> Row | None:
    """Lock the record that this is a part of. Raises Refused when it is not there, or closed."""
    if kind.parent is None:
        return None
    parent_kind = BY_NAME[str(kind.parent_name)]
    parent = desk.locked(parent_kind, row[kind.parent])
    if "state" not in kind.columns and "state" in parent:
        _require_open(kind, parent)
    return parent


def _require_open(kind: RecordKind, row: Row) -> None:
    if kind.open_in and row.get("state") not in kind.open_in:
        raise Refused("record_locked", CLOSED)


@contextmanager
def _keys(desk: Desk, kind: RecordKind, *keys: Scalar) -> Iterator[None]:
    """Let the block give or take codes, which its caller holds; afterwards it is settled who has each."""
    yield
    if kind.key is not None:
        office_records.settle_keys(desk.connection, desk.organization_id, kind, keys)
