"""What is entered in the fields that an organization has added: kept at once, checked by the server's own rule."""

from typing import Any

from cmms_desktop.application.queries.own_work import Thing
from cmms_desktop.errors import Refused
from cmms_desktop.replica.local_write import LocalWrite
from sync_server.contract.codec import InvalidValueError
from sync_server.contract.rules.attaching import attached_id
from sync_server.contract.rules.custom_fields import COLUMNS, VALUE, wire_value


def enter_value(write: LocalWrite, about_id: str, field_id: str, text: str, *, about: Thing) -> None:
    """Enter a value of an order or an asset; an empty text takes it away.

    Args:
        text: As typed or chosen: a number with a decimal comma or point, a day as `2026-03-01`, `yes` or `no`.

    Raises:
        Refused: the field does not take it or is not on this device, or the person may not.
    """
    field = write.get("custom_field", field_id)
    kind = "" if field is None else str(field["kind"])
    if kind not in COLUMNS:
        raise Refused("not_found", "This field is not on this device any more.")
    try:
        value = wire_value(kind, text)
    except InvalidValueError as error:
        raise Refused("invalid_value", f"{error}.") from error
    row_id = attached_id(VALUE, about_id, field_id)
    if write.get(VALUE, row_id) is not None:
        named: dict[str, Any] = {COLUMNS[kind]: value}
        write.set(VALUE, row_id, **named)
    elif value is not None:
        said = {f"{about}_id": about_id, "field_id": field_id, "kind": kind, COLUMNS[kind]: value}
        write.create(VALUE, said, id=row_id)
