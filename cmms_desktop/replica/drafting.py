"""From what a command hands in to what a mutation carries: wire values, checked columns, the root of a new row."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from cmms_desktop.errors import Bug, Refused
from sync_server.contract.codec import InvalidValueError, checked
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import EntitySpec, Row, Scalar
from sync_server.contract.rules.draft import Rows, level_id
from sync_server.contract.rules.policy import Outcome

Value = Scalar | datetime | date | Decimal
"""What commands hand in; instants, dates and decimals are brought into wire form."""


def to_wire(value: Value) -> Scalar:
    """Bring a Python value into wire form."""
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def checked_values(spec: EntitySpec, values: Mapping[str, Value]) -> Row:
    """Bring values into the canonical wire form of their columns.

    Raises:
        Refused: a value does not fit its column.
        Bug: there is no such column.
    """
    if unknown := values.keys() - spec.by_name.keys():
        raise Bug(f"{spec.name} has no column {', '.join(sorted(unknown))}.")
    try:
        return {name: checked(spec.by_name[name], to_wire(value)) for name, value in values.items()}
    except InvalidValueError as error:
        raise Refused("invalid_value", f"{error}.") from error


def aggregate_of(rows: Rows, spec: EntitySpec, row_id: str, values: Row) -> str:
    """Find the root of a new row: itself, a root that it names, or the root of a row that it names.

    Raises:
        Refused: the row that it names is not here.
        Bug: its values name no root at all.
    """
    if spec.is_root:
        return row_id
    for column in spec.columns:
        value = values.get(column.name)
        if column.references is None or not isinstance(value, str):
            continue
        if column.references in spec.aggregates:
            return value
        if set(REGISTRY[column.references].aggregates) & set(spec.aggregates):
            return str(existing(rows, column.references, value)["aggregate_id"])
    if spec.name == "stock_movement":
        return level_id(str(values["stock_location_id"]), str(values["part_id"]))
    raise Bug(f"A new {spec.name} does not say which record it belongs to.")


def existing(rows: Rows, entity: str, row_id: str) -> Row:
    """Give a row that is there and not deleted. Raises Refused when there is none."""
    row = rows.get(entity, row_id)
    if row is None or row["deleted_at"] is not None:
        raise Refused("not_found", "This record is not on this device, or it was deleted.")
    return row


def require_accepted(outcome: Outcome) -> None:
    """Raise Refused for what a person can be told at once; a technician's request to the office is none of that."""
    if outcome.problem is not None:
        raise Refused(outcome.problem.code, outcome.problem.sentence)
    kinds = {conflict["kind"] for conflict in outcome.conflicts}
    if "status" in kinds:
        raise Refused("illegal_transition", "The order cannot change to that state now.")
    if "deleted" in kinds:
        raise Refused("not_found", "This record was deleted. It has to be restored first.")
