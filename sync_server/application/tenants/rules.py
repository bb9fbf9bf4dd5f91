"""Rules of an organization, as whoever runs the server keeps them: made, listed, and switched off for good."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.contract.entities.work_orders import PRIORITIES
from sync_server.contract.rules.automation import Condition, check, written_conditions
from sync_server.errors import Refused
from sync_server.storage import activity_log, org_clock, own_rules
from sync_server.storage.activity_log import Entry
from sync_server.storage.engine import Database
from sync_server.storage.own_rules import OwnRule
from sync_server.storage.wire_rows import composed

MOST_RULES: Final = 20
"""That are on at once; each event asks for those that look at it."""
LONGEST_NAME: Final = 200
NAMED: Final[Mapping[str, tuple[str, str, str]]] = {
    "site_id": ("site", "code", "not code_conflict"),
    "asset_id": ("asset", "code", "not code_conflict"),
    "tag_id": ("tag", "name", "not code_conflict"),
    "work_order_template_id": ("work_order_template", "name", "is_active"),
}
"""Column → where it leads, what people call such a row, and which of them count."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rule as people say it: sites, assets, tags and templates by what they are called.

    Attributes:
        name: 1 to 200 characters.
        event: A word of `automation.EVENTS`.
        action: A word of `automation.ACTIONS`.
        target: What with: a tag, a priority or a template.
        conditions: All of them have to hold.
    """

    name: str
    event: str
    action: str
    target: str
    conditions: Sequence[Condition] = field(default_factory=tuple)


def add(database: Database, organization_id: str, wanted: Wanted) -> OwnRule:
    """Make a rule, which is on from now on.

    Raises:
        Refused: there may be no such rule, it names something that is not there, there are too many, or one of that
            name is on.
    """
    name = wanted.name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise Refused("invalid_value", f"The name must have 1 to {LONGEST_NAME} characters.")
    try:
        check(wanted.event, wanted.action, wanted.conditions)
    except ValueError as error:
        raise Refused("invalid_value", str(error)) from error
    if wanted.action == "set_priority" and wanted.target not in PRIORITIES:
        raise Refused("invalid_value", f"The priority of an order is one of {', '.join(PRIORITIES)}.")
    with database.transaction("worker", organization_id) as connection:
        made = _meant(connection, organization_id, name, wanted)
        connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{organization_id}/rules",))
        there = {each.name for each in own_rules.listed(connection, organization_id) if each.off_at is None}
        if name in there:
            raise Refused("already_exists", f"A rule called {name} is on already.")
        if len(there) >= MOST_RULES:
            raise Refused("not_allowed", f"An organization has at most {MOST_RULES} rules that are on.")
        own_rules.insert(connection, organization_id, made)
        new = {"name": name, "event": made.event, "conditions": made.conditions, "action": made.action}
        activity_log.append(connection, [Entry("rule.added", row_id=made.id, new=new)])
    return made


def rules(database: Database, organization_id: str) -> list[OwnRule]:
    """Give all rules of an organization, those that are on first."""
    with database.transaction("readonly", organization_id) as connection:
        return own_rules.listed(connection, organization_id)


def switch_off(database: Database, organization_id: str, name: str, *, because: str) -> None:
    """Switch a rule off for good. Raises Refused when none of that name is on."""
    with database.transaction("worker", organization_id) as connection:
        org_clock.hold(connection, organization_id)  # first, as a commit has it that switches a rule off
        found = [
            each for each in own_rules.listed(connection, organization_id) if each.name == name and each.off_at is None
        ]
        if not found or not own_rules.switch_off(connection, organization_id, found[0].id, because=because):
            raise Refused("not_found", f"No rule called {name} is on.")
        told = Entry("rule.switched_off", row_id=found[0].id, new={"off_because": because})
        activity_log.append(connection, [told])


def _meant(connection: Connection[TupleRow], organization_id: str, name: str, wanted: Wanted) -> OwnRule:
    """Put ids in the place of what things are called."""
    conditions = [
        Condition(each.field, each.test, tuple(_id(connection, organization_id, each.field, of) for of in each.values))
        for each in wanted.conditions
    ]
    column = {"add_tag": "tag_id", "set_priority": "priority"}.get(wanted.action, "work_order_template_id")
    target = _id(connection, organization_id, column, wanted.target)
    told = written_conditions(conditions)
    made = OwnRule(str(uuid.uuid4()), name, wanted.event, told, wanted.action)
    if wanted.action == "set_priority":
        return replace(made, priority=target)
    return replace(made, tag_id=target) if column == "tag_id" else replace(made, work_order_template_id=target)


def _id(connection: Connection[TupleRow], organization_id: str, column: str, said: str) -> str:
    """Give the id of what is called so; what needs none stays as it is."""
    if column not in NAMED:
        return said
    if "\0" in said:
        raise Refused("invalid_value", "Nothing is called like that.")
    entity, key, where = NAMED[column]
    query = (
        f"select id::text from {entity} where organization_id = %s and {key} = %s and deleted_at is null and {where}"
    )
    found = connection.execute(composed(query), (organization_id, said)).fetchall()
    if len(found) != 1:
        named = entity.replace("work_order_", "")
        raise Refused("not_found", f"There is {'no' if not found else 'more than one'} {named} called {said}.")
    return str(found[0][0])
