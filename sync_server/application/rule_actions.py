"""What an action of a rule comes to: rows to be written with the unit in which its event happened. Writes nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from sync_server.application.making_orders import number_of, order_rows
from sync_server.application.organizations import new_row
from sync_server.application.rule_events import DONE, Event
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.column_types import instant_text
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.attaching import attached_id
from sync_server.contract.rules.draft import Key, derived_id
from sync_server.contract.rules.order_making import Making
from sync_server.errors import Refused
from sync_server.storage.own_rules import OwnRule


def facts_of(work: UnitOfWork, event: Event) -> Mapping[str, Scalar]:
    """What conditions may ask about an event."""
    if event.entity == "work_order":
        return event.row
    asset = _asset(work, event)
    return {"site_id": asset["site_id"], "asset_id": asset["id"], "meter": event.row["name"]}


def rows_of_action(work: UnitOfWork, rule: OwnRule, event: Event) -> dict[Key, Row]:
    """Give what a rule does on an event; empty: it is so already.

    Raises:
        Refused: what it needs is not there any more. The sentence is about the rule.
    """
    if rule.action == "set_priority":
        return _prioritised(work, rule, event)
    return _tagged(work, rule, event) if rule.action == "add_tag" else _made(work, rule, event)


def _prioritised(work: UnitOfWork, rule: OwnRule, event: Event) -> dict[Key, Row]:
    key = ("work_order", str(event.row["id"]))
    standing = work.get(*key) or event.row
    is_signed = standing["status"] in DONE  # made and completed in one commit
    return {} if is_signed or standing["priority"] == rule.priority else {key: {**standing, "priority": rule.priority}}


def _tagged(work: UnitOfWork, rule: OwnRule, event: Event) -> dict[Key, Row]:
    tag_id = str(rule.tag_id)
    if _missing(_read(work, "tag", tag_id)):
        raise Refused("not_found", "The tag that it adds is not there any more.")
    about = "work_order" if event.entity == "work_order" else "asset"
    about_id = str(event.row["id"] if about == "work_order" else event.row["aggregate_id"])
    key = ("entity_tag", attached_id("entity_tag", about_id, tag_id))
    if key not in work.changed:
        work.lock([key])
    standing = work.get(*key)
    if standing is None:
        return {key: new_row("entity_tag", key[1], about_id, **{"tag_id": tag_id, f"{about}_id": about_id})}
    if standing["deleted_at"] is None:
        return {}
    now = instant_text(datetime.now(UTC))
    return {key: {**standing, "deleted_at": None, "updated_at": now, "updated_by": None}}


def _made(work: UnitOfWork, rule: OwnRule, event: Event) -> dict[Key, Row]:
    template = _read(work, "work_order_template", str(rule.work_order_template_id))
    if template is None or _missing(template) or not template["is_active"]:
        raise Refused("not_found", "The template that it makes orders of is not in use any more.")
    order_id = derived_id(rule.id, event.source)
    if _read(work, "work_order", order_id) is not None:
        return {}  # made before: what happened is the same event
    place = event.row if event.entity == "work_order" else _at_asset(_asset(work, event))
    site = _read(work, "site", str(place["site_id"]))
    number = number_of("" if site is None else str(site["code"]), order_id)
    text_of = partial(_optional, place)
    making = Making(number, str(place["site_id"]), text_of("location_id"), text_of("asset_id"))
    return order_rows(work.connection, work.organization_id, str(template["id"]), making, order_id=order_id)


def _at_asset(asset: Row) -> Row:
    return {**asset, "asset_id": asset["id"]}


def _asset(work: UnitOfWork, event: Event) -> Row:
    asset = _read(work, "asset", str(event.row["aggregate_id"]))
    if asset is None:
        raise Refused("not_found", "The asset of the meter is not there any more.")
    return asset


def _read(work: UnitOfWork, entity: str, row_id: str) -> Row | None:
    """Give a row as this unit leaves it, asking for it when nobody has."""
    if (entity, row_id) not in work.changed:
        work.read([(entity, row_id)])
    return work.get(entity, row_id)


def _missing(row: Row | None) -> bool:
    return row is None or row["deleted_at"] is not None


def _optional(row: Row, name: str) -> str | None:
    return None if row[name] is None else str(row[name])
