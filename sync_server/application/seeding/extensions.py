"""What an organization adds by itself: its look and words, tags, fields, vendors, and things that happened on orders.

Comes as the last unit, so that all before it stays as it was. Takes nothing from chance.
"""

import json
from collections.abc import Iterator
from typing import Final

from sync_server.application.seeding.content import Content
from sync_server.application.seeding.files import File, photo
from sync_server.application.seeding.people import Staff
from sync_server.application.seeding.profile import Profile
from sync_server.application.seeding.stock import van_code
from sync_server.contract.codec import checked
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.attaching import attached_id
from sync_server.contract.rules.own_words import own_word_id

TAGS: Final = (("Recurring", "Came up before on the same equipment."), ("Warranty", None))
FIELDS: Final[tuple[tuple[str, str, str, dict[str, Scalar], str, Scalar], ...]] = (
    ("asset", "text", "Inventory label", {"help": "As it is printed on the plate."}, "text_value", "Plate 7"),
    ("asset", "number", "Weight", {"unit": "kg", "minimum": "0"}, "number_value", "340"),
    ("asset", "date", "Refurbished on", {}, "date_value", "2024-05-06"),
    ("work_order", "choice", "Shift", {"choices": json.dumps(["early", "late", "night"])}, "choice_value", "late"),
    ("work_order", "yes_no", "Escort needed", {}, "flag_value", True),
)
"""Of what, kind, name, what else the field says, and of one thing the column of its value with that."""
VENDORS: Final = (("V-01", "Example Supplies A", "EUR"), ("V-02", "Example Supplies B", None))
WORDS: Final = (("en", "type", "emergency", "Call-out"), ("en", "status", "on_hold", "Parked"))
FOR_OTHER: Final = "for somebody at the gate"
"""Name of the request that was written down for somebody without an account."""
REORDER_POINT, REORDER_QUANTITY = "6", "20"


def add_extensions(content: Content, profile: Profile, staff: Staff, asset_ids: dict[str, list[str]]) -> None:
    """Add all of it, on the first assets and on orders that are done or wait."""
    content.next_unit()
    planner = staff.in_role("planner")[0].id
    site = profile.sites[0].letter
    done = first_order(content, "closed")
    _add_look(content, profile)
    _add_tags(content, asset_ids[site][0], str(done["id"]), by=planner)
    _add_fields(content, asset_ids[site][0], str(done["id"]), by=planner)
    _add_vendors(content, by=planner)
    _add_right(content, staff, site)
    _add_part_request(content, first_order(content, "on_hold"))
    _add_request(content, site, by=planner)
    _add_settled(content, staff, done)
    for caption, file in photos(content):
        _add_photo(content, done, caption, file)


def first_order(content: Content, status: str) -> Row:
    """Give the first order that stands so."""
    return next(row for row in content.rows("work_order") if row["status"] == status)


def worker_of(content: Content, order: Row) -> str:
    """Give who has an order for himself."""
    given = content.rows("work_order_assignment")
    return next(str(row["person_id"]) for row in given if row["work_order_id"] == order["id"] and row["person_id"])


def photos(content: Content) -> Iterator[tuple[str, File]]:
    """Give what was photographed, by what is said to it."""
    for caption in ("Before the work", "After the work"):
        yield caption, photo(f"{content.slug}/{caption}")


def _add_look(content: Content, profile: Profile) -> None:
    at = content.at(days=-399)
    help_text = "Ask the planner on duty."
    content.add("branding", content.organization_id, at=at, name=profile.name, colour="#0f6cbd", help_text=help_text)
    for language, kind, word, text in WORDS:
        id_ = own_word_id(content.organization_id, language, kind, word)
        content.add("i18n_string", id_, at=at, language=language, kind=kind, word=word, text=text)


def _add_tags(content: Content, asset_id: str, order_id: str, *, by: str) -> None:
    at = content.at(days=-30)
    for (name, meaning), (about, about_id) in zip(
        TAGS, (("asset_id", asset_id), ("work_order_id", order_id)), strict=True
    ):
        tag_id = content.id_of("tag", name)
        content.add("tag", tag_id, at=at, by=by, name=name, meaning=meaning)
        row_id = attached_id("entity_tag", about_id, tag_id)
        values: dict[str, Scalar] = {"tag_id": tag_id, about: about_id}
        content.add("entity_tag", row_id, at=at, by=by, aggregate_id=about_id, **values)


def _add_fields(content: Content, asset_id: str, order_id: str, *, by: str) -> None:
    at, about = content.at(days=-30), {"asset": asset_id, "work_order": order_id}
    for position, (subject, kind, name, said, column, value) in enumerate(FIELDS, start=1):
        field_id, thing_id = content.id_of("custom_field", name), about[subject]
        field: dict[str, Scalar] = {"subject": subject, "kind": kind, "name": name, "position": position, **said}
        content.add("custom_field", field_id, at=at, by=by, aggregate_id=field_id, **field)
        row_id = attached_id("custom_field_value", thing_id, field_id)
        values: dict[str, Scalar] = {"field_id": field_id, "kind": kind, f"{subject}_id": thing_id, column: value}
        content.add("custom_field_value", row_id, at=at, by=by, aggregate_id=thing_id, **values)


def _add_vendors(content: Content, *, by: str) -> None:
    """Add vendors, and say of every part whom it is bought from, and when."""
    at, part = content.at(days=-100), REGISTRY["part"].by_name
    ids = [content.id_of("vendor", code) for code, *_ in VENDORS]
    for vendor_id, (code, name, currency) in zip(ids, VENDORS, strict=True):
        content.add("vendor", vendor_id, at=at, by=by, code=code, name=name, currency=currency)
    said: Row = {"reorder_point": REORDER_POINT, "reorder_quantity": REORDER_QUANTITY}
    for number, row in enumerate(list(content.rows("part"))):
        changed = said | {"vendor_id": ids[number % len(ids)]}
        told = {name: checked(part[name], value) for name, value in changed.items()}
        content.units[-1]["part", str(row["id"])] = {**row, **told, "updated_at": at, "updated_by": by}


def _add_right(content: Content, staff: Staff, letter: str) -> None:
    """Let the supervisor of a site keep its vendors, too."""
    content.add(
        "person_permission",
        content.id_of("person_permission", f"vendors {letter}"),
        at=content.at(days=-90),
        by=staff.in_role("manager")[0].id,
        person_id=staff.at(letter, "supervisor")[0].id,
        resource="vendor",
        action="create",
        scope="organization",
    )


def _add_part_request(content: Content, order: Row) -> None:
    """Let an order that is on hold wait for a part."""
    van = content.id_of("stock_location", van_code(_login(content, worker_of(content, order))))
    part_id = next(str(row["id"]) for row in content.rows("part"))
    content.add(
        "part_request",
        content.id_of("part_request", str(order["number"])),
        at=content.at(days=-1, minutes=11 * 60),
        by=worker_of(content, order),
        aggregate_id=str(order["id"]),
        work_order_id=order["id"],
        part_id=part_id,
        stock_location_id=van,
        quantity="2",
        status="ordered",
        vendor_id=content.id_of("vendor", VENDORS[0][0]),
    )


def _login(content: Content, person_id: str) -> str:
    """Give the login whose van somebody drives."""
    name = next(str(row["name"]) for row in content.rows("person") if row["id"] == person_id)
    number = name.removeprefix("Technician ")
    return "technician" if number == "1" else f"technician{number}"


def _add_request(content: Content, letter: str, *, by: str) -> None:
    content.add(
        "service_request",
        content.id_of("service_request", FOR_OTHER),
        at=content.at(days=-2, minutes=14 * 60),
        by=by,
        site_id=content.id_of("site", letter),
        title="Gate closes slowly",
        description="Since the last storm. The gate at the north side.",
        urgency="low",
        is_for_other=True,
    )


def _add_settled(content: Content, staff: Staff, order: Row) -> None:
    """Let two people have changed the priority of an order: it was settled for the one that stands."""
    author, stands = worker_of(content, order), json.dumps(order["priority"])
    other = json.dumps("high" if order["priority"] != "high" else "medium")
    at = str(order["completed_at"])
    settled_at = str(order["closed_at"])
    content.add(
        "conflict",
        content.id_of("conflict", str(order["number"])),
        at=at,
        aggregate_id=str(order["id"]),
        target_entity="work_order",
        target_id=order["id"],
        field="priority",
        kind="field",
        base_value=other,
        mine_value=json.dumps("critical"),
        theirs_value=stands,
        author_id=author,
        mutation_id=content.id_of("mutation", str(order["number"])),
        resolution="theirs",
        resolved_value=stands,
        resolved_by=staff.in_role("supervisor")[0].id,
        resolved_at=settled_at,
        reason="The plan of the week stands.",
        device_at=at,
        offset_ms=0,
        resolved_device_at=settled_at,
        resolved_offset_ms=0,
        cause="planning",
        theirs_by=staff.in_role("planner")[0].id,
        theirs_at=at,
    )


def _add_photo(content: Content, order: Row, caption: str, file: File) -> None:
    author, at = worker_of(content, order), str(order["completed_at"])
    content.add(
        "attachment",
        content.id_of("attachment", f"{order['number']}/{caption}"),
        at=at,
        by=author,
        aggregate_id=str(order["id"]),
        work_order_id=order["id"],
        author_id=author,
        sha256=file.sha256,
        media_type=file.media_type,
        size_bytes=len(file.content),
        caption=caption,
        taken_at=at,
        offset_ms=0,
    )
