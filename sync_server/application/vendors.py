"""Vendors, and whom to ask there, as an administrator keeps them by command.

A vendor is a record like any other: devices have it with a sync. Whom to ask is personal: it lies apart, is read by
the sign-in's role alone, reaches no device and is removed for good.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from sync_server.application.named_rows import VENDOR, only
from sync_server.application.organizations import new_row
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.codec import InvalidValueError, checked
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Scalar
from sync_server.errors import Refused
from sync_server.storage.engine import Database

ENTITY = "vendor"
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Vendor:
    """Whom parts are bought from. `name`, `currency`: None as it was; an empty currency: any."""

    code: str
    name: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask at a vendor, and how. None: nobody said."""

    name: str
    phone: str | None = None
    email: str | None = None


def put_vendor(database: Database, organization_id: str, said: Vendor) -> str:
    """Make a vendor, or change the one with its code; give its id.

    Raises:
        Refused: A value cannot be, or a new one has no name.
    """
    code = _text(said.code, "The code", most=60)
    values: dict[str, Scalar] = {}
    if said.name is not None:
        values["name"] = _text(said.name, "The name", most=LONGEST)
    if said.currency is not None:
        values["currency"] = _currency(said.currency)
    with database.transaction("worker", organization_id) as connection:
        found = connection.execute(VENDOR.encode(), (organization_id, code)).fetchone()
        if found is None and "name" not in values:
            raise Refused("invalid_value", "Say first what people call the vendor, with --name.")
        row_id = str(uuid.uuid4()) if found is None else str(found[0])
        work = UnitOfWork(connection, organization_id, None)
        work.lock([(ENTITY, row_id)])
        standing = work.get(ENTITY, row_id)
        now = instant_text(datetime.now(UTC))
        row = (
            new_row(ENTITY, row_id, row_id, code=code, **values)
            if standing is None
            else {**standing, **values, "updated_at": now, "updated_by": None}
        )
        work.put({(ENTITY, row_id): row})
        work.finish()
    return row_id


def vendors(database: Database, organization_id: str) -> list[tuple[Vendor, list[Contact]]]:
    """Give the live vendors by code, each with whom to ask there, by name."""
    with database.transaction("worker", organization_id, read_only=True) as connection:
        found = connection.execute(
            "select id::text, code, name, currency from vendor where organization_id = %s and deleted_at is null"
            " order by code, id",
            (organization_id,),
        ).fetchall()
    with database.transaction("authn", organization_id, read_only=True) as connection:
        contacts = connection.execute(
            "select vendor_id::text, name, phone, email from vendor_contact where organization_id = %s order by name",
            (organization_id,),
        ).fetchall()
    return [(Vendor(*row[1:]), [Contact(*each[1:]) for each in contacts if each[0] == row[0]]) for row in found]


def put_contact(database: Database, organization_id: str, code: str, contact: Contact) -> None:
    """Write down whom to ask at a vendor, in place of what was known of somebody of that name.

    Raises:
        Refused: There is no such vendor, or a value cannot be.
    """
    name = _text(contact.name, "The name", most=LONGEST)
    phone, email = (
        None if value is None else _text(value, called, most=LONGEST)
        for value, called in ((contact.phone, "The number"), (contact.email, "The address"))
    )
    vendor_id = _vendor(database, organization_id, code)
    with database.transaction("authn", organization_id) as connection:
        connection.execute(
            "insert into vendor_contact (organization_id, id, vendor_id, name, phone, email, created_at, updated_at)"
            " values (%s, %s, %s, %s, %s, %s, clock_timestamp(), clock_timestamp())"
            " on conflict (organization_id, vendor_id, name) do update set phone = excluded.phone,"
            " email = excluded.email, updated_at = excluded.updated_at",
            (organization_id, str(uuid.uuid4()), vendor_id, name, phone, email),
        )


def forget_contact(database: Database, organization_id: str, code: str, name: str) -> None:
    """Remove somebody at a vendor for good. Raises Refused when there is no such vendor, or nobody of that name."""
    vendor_id = _vendor(database, organization_id, code)
    with database.transaction("authn", organization_id) as connection:
        done = connection.execute(
            "delete from vendor_contact where organization_id = %s and vendor_id = %s and name = %s",
            (organization_id, vendor_id, name.replace("\0", "")),
        )
        if not done.rowcount:
            raise Refused("not_found", f"Nobody of that name is known at {code}.")


def _vendor(database: Database, organization_id: str, code: str) -> str:
    with database.transaction("worker", organization_id, read_only=True) as connection:
        (vendor_id,) = only(connection, VENDOR, organization_id, code, called=f"vendor {code}")
    return vendor_id


def _text(text: str, called: str, *, most: int) -> str:
    plain = text.strip()
    if not 1 <= len(plain) <= most or not plain.isprintable():
        raise Refused("invalid_value", f"{called} must have 1 to {most} characters.")
    return plain


def _currency(text: str) -> Scalar:
    if not text:
        return None
    try:
        return checked(REGISTRY[ENTITY].by_name["currency"], text)
    except InvalidValueError as error:
        raise Refused("invalid_value", "A currency is written like EUR.") from error
