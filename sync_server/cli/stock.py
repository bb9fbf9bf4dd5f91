"""Vendors, when parts are reordered, and how much there is room for, as an administrator says it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal

from sync_server.application import stocking, vendors
from sync_server.application.stocking import Reordering
from sync_server.application.vendors import Contact, Vendor
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of
from sync_server.config import ServerSettings
from sync_server.storage.engine import Database


@contextmanager
def _of(slug: str) -> Iterator[tuple[Database, str]]:
    with ready_database(ServerSettings.from_environment()) as (database, _):
        yield database, known_organization(database, slug)


def put_vendor(slug: str, vendor: Vendor) -> Answer:
    """Make or change a vendor."""
    with _of(slug) as (database, organization_id):
        vendor_id = vendors.put_vendor(database, organization_id, vendor)
    return {"vendor_id": vendor_id, "code": vendor.code}, f"The vendor {vendor.code} is known."


def list_vendors(slug: str) -> Answer:
    """List vendors with whom to ask there."""
    with _of(slug) as (database, organization_id):
        found = vendors.vendors(database, organization_id)
    lines = [line for vendor, contacts in found for line in (_vendor_line(vendor), *map(_contact_line, contacts))]
    told = [{**asdict(vendor), "contacts": [asdict(each) for each in contacts]} for vendor, contacts in found]
    return {"vendors": told}, lines_of(lines) or f"{slug} has no vendors."


def put_contact(slug: str, code: str, contact: Contact) -> Answer:
    """Write down whom to ask at a vendor."""
    with _of(slug) as (database, organization_id):
        vendors.put_contact(database, organization_id, code, contact)
    return {"vendor": code, "contact": contact.name}, f"{contact.name} is whom to ask at {code}."


def forget_contact(slug: str, code: str, name: str) -> Answer:
    """Remove somebody at a vendor for good."""
    with _of(slug) as (database, organization_id):
        vendors.forget_contact(database, organization_id, code, name)
    return {"vendor": code, "forgotten": name}, f"{name} is known at {code} no longer."


def reorder(slug: str, part_code: str, said: Reordering) -> Answer:
    """Say when a part is to be reordered."""
    with _of(slug) as (database, organization_id):
        stocking.set_reordering(database, organization_id, part_code, said)
    when = "is never reordered" if said.point is None else f"is reordered at {said.point:f}"
    return {"part": part_code, "reorder_point": _told(said.point)}, f"{part_code} {when}."


def room(slug: str, site_code: str, place_code: str, *, capacity: Decimal | None) -> Answer:
    """Say how much a stock location has room for."""
    with _of(slug) as (database, organization_id):
        stocking.set_capacity(database, organization_id, site_code=site_code, place_code=place_code, capacity=capacity)
    said = (
        f"{place_code} has room for {capacity:f}." if capacity is not None else f"How much fits {place_code} is open."
    )
    return {"stock_location": place_code, "capacity": _told(capacity)}, said


def _vendor_line(vendor: Vendor) -> str:
    return f"{vendor.code}  {vendor.name}" + (f"; {vendor.currency}" if vendor.currency else "")


def _contact_line(contact: Contact) -> str:
    return "  " + ", ".join(each for each in (contact.name, contact.phone, contact.email) if each)


def _told(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"
