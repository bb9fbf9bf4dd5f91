"""Rules of an organization, as an administrator keeps them."""

from sync_server.application.tenants import rules
from sync_server.application.tenants.rules import Wanted
from sync_server.cli.administration import Answer, known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of
from sync_server.config import ServerSettings
from sync_server.contract.column_types import instant_text
from sync_server.storage.own_rules import OwnRule

SWITCHED_OFF = "An administrator switched it off."


def add(slug: str, wanted: Wanted) -> Answer:
    """Make a rule."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        made = rules.add(database, known_organization(database, slug), wanted)
    return _described(made), f"The rule {made.name} of {slug} is on."


def list_all(slug: str) -> Answer:
    """List rules, one a line."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        found = rules.rules(database, known_organization(database, slug))
    lines = lines_of(map(_line, found))
    return {"rules": [_described(each) for each in found]}, lines or f"{slug} has no rules."


def switch_off(slug: str, name: str) -> Answer:
    """Switch a rule off for good."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        rules.switch_off(database, known_organization(database, slug), name, because=SWITCHED_OFF)
    return {"organization": slug, "rule": name}, f"The rule {name} of {slug} is off. What it did stays."


def _line(each: OwnRule) -> str:
    state = "on" if each.off_at is None else f"off since {instant_text(each.off_at)}: {each.off_because}"
    when = "" if each.conditions == "[]" else f" when {each.conditions}"
    target = each.priority or each.tag_id or each.work_order_template_id
    return f"{each.name}  {each.event}{when}: {each.action} {target}; {state}"


def _described(each: OwnRule) -> dict[str, object]:
    return {
        "id": each.id,
        "name": each.name,
        "event": each.event,
        "conditions": each.conditions,
        "action": each.action,
        "target": each.priority or each.tag_id or each.work_order_template_id,
        "off_at": None if each.off_at is None else instant_text(each.off_at),
        "off_because": each.off_because,
    }
