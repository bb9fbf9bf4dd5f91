"""Rules of an organization, and what they need, for tests that let them happen."""

from typing import Any

from sync_server.application.tenants import rules
from sync_server.application.tenants.rules import Wanted
from sync_server.contract.fields import Row
from sync_server.contract.rules.automation import Condition
from sync_server.storage.own_rules import OwnRule
from tests.support.device_side import Json
from tests.support.server_side import Organization, Scene, new_id

ITEMS = '[{"key":"a","kind":"pass_fail","prompt":"Tight"}]'


def add(organization: Organization, name: str, event: str, action: str, target: str, *conditions: Condition) -> OwnRule:
    return rules.add(organization.database, organization.id, Wanted(name, event, action, target, conditions))


def tag(organization: Organization, name: str = "Seen") -> Row:
    return organization.add("tag", name=name)


def template(organization: Organization, **values: Any) -> Row:
    checklist = organization.add("checklist_template", code=new_id(), name="Check", items=ITEMS)
    named = {"name": "Follow-up", "title": "Look again", "checklist_template_id": checklist["id"]}
    return organization.add("work_order_template", **{**named, **values})


def complete(scene: Scene) -> Json:
    return scene.field.edit("work_order", scene.now(), status="completed")


def tags_of(organization: Organization, about_id: object) -> list[str]:
    return [str(row["tag_id"]) for row in organization.rows("entity_tag") if row["aggregate_id"] == about_id]


def orders(organization: Organization, title: str = "Look again") -> list[Row]:
    return [row for row in organization.rows("work_order") if row["title"] == title]


def state_of(organization: Organization, name: str) -> str | None:
    """Why a rule is off; None: it is on."""
    (found,) = [each for each in rules.rules(organization.database, organization.id) if each.name == name]
    return found.off_because
