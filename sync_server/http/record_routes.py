"""Records of the office: projects, controlled documents, and whatever kinds storage/record_kinds.py names.

A kind stands in the address (`projects`, `document-versions`, …), so that a new one needs no new door.
"""

from dataclasses import dataclass

import msgspec
from litestar import get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from sync_server.application import office_records
from sync_server.contract.fields import Row, Scalar
from sync_server.http.described import PROVEN, Shaped, refusals
from sync_server.http.office_routes import OF_ACTS
from sync_server.http.services import CallerHere, ServicesHere

RECORDS = "/v1/office/records/{kind:str}"
RECORD = RECORDS + "/{record_id:str}"


class NewRecord(msgspec.Struct, frozen=True):
    """Fields of a new record."""

    values: dict[str, Scalar]


class RecordEdit(msgspec.Struct, frozen=True):
    """Fields to change, each with the value that the person saw and the one he wants."""

    set: dict[str, tuple[Scalar, Scalar]]


class RecordStep(msgspec.Struct, frozen=True):
    """The state that a record is to have, and why."""

    state: str
    reason: str | None = None


class Deletion(msgspec.Struct, frozen=True):
    """Whether a record is to be deleted; it stays, and can be brought back."""

    is_deleted: bool


class Made(msgspec.Struct, frozen=True):
    """The record that was made."""

    id: str


@dataclass
class RecordList(Shaped):
    """Gives rows."""

    gives = list[Row]


@dataclass
class WholeRecord(Shaped):
    """Gives rows by kind."""

    gives = dict[str, list[Row]]


@dataclass
class NewBody(Shaped):
    """Takes a NewRecord."""

    takes = NewRecord


@dataclass
class EditBody(Shaped):
    """Takes a RecordEdit."""

    takes = RecordEdit


@get(
    RECORDS,
    operation_class=RecordList,
    sync_to_thread=True,
    responses=refusals("not_allowed", "not_found"),
    security=PROVEN,
)
def list_records(
    kind: FromPath[str],
    caller: CallerHere,
    services: ServicesHere,
    within: FromQuery[str | None] = None,
    skip: FromQuery[int] = 0,
    limit: FromQuery[int] = 100,
) -> list[Row]:
    """List records of a kind as they were made; `within`: those that are a part of one record."""
    return office_records.listed(services.database, caller, kind, within=within, skip=skip, limit=limit)


@get(
    RECORD,
    operation_class=WholeRecord,
    sync_to_thread=True,
    responses=refusals("not_allowed", "not_found"),
    security=PROVEN,
)
def show_record(
    kind: FromPath[str], record_id: FromPath[str], caller: CallerHere, services: ServicesHere
) -> dict[str, list[Row]]:
    """Show a record with its parts, by kind."""
    return office_records.shown(services.database, caller, kind, record_id)


@post(
    RECORDS,
    operation_class=NewBody,
    status_code=200,
    sync_to_thread=True,
    responses=refusals(*OF_ACTS),
    security=PROVEN,
)
def make_record(kind: FromPath[str], data: JSONBody[NewRecord], caller: CallerHere, services: ServicesHere) -> Made:
    """Make a record."""
    return Made(office_records.make(services.database, caller, kind, data.values))


@patch(
    RECORD,
    operation_class=EditBody,
    status_code=204,
    sync_to_thread=True,
    responses=refusals(*OF_ACTS),
    security=PROVEN,
)
def edit_record(
    kind: FromPath[str],
    record_id: FromPath[str],
    data: JSONBody[RecordEdit],
    caller: CallerHere,
    services: ServicesHere,
) -> None:
    """Change fields of a record."""
    office_records.edit(services.database, caller, kind, record_id, data.set)


@post(RECORD + "/state", status_code=204, sync_to_thread=True, responses=refusals(*OF_ACTS), security=PROVEN)
def take_step(
    kind: FromPath[str],
    record_id: FromPath[str],
    data: JSONBody[RecordStep],
    caller: CallerHere,
    services: ServicesHere,
) -> None:
    """Take a record to another state."""
    office_records.step(services.database, caller, kind, record_id, data.state, data.reason)


@post(RECORD + "/deletion", status_code=204, sync_to_thread=True, responses=refusals(*OF_ACTS), security=PROVEN)
def delete_record(
    kind: FromPath[str], record_id: FromPath[str], data: JSONBody[Deletion], caller: CallerHere, services: ServicesHere
) -> None:
    """Delete a record, or bring it back."""
    office_records.set_deleted(services.database, caller, kind, record_id, is_deleted=data.is_deleted)
