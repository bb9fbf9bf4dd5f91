"""Who may change what (product.md §1). The same answer greys a button on the client and refuses at the server."""

from sync_server.contract.problems import Problem
from sync_server.contract.rules.draft import Actor

FIELD_ENTITIES = frozenset(
    [
        "work_order",
        "checklist",
        "checklist_item",
        "work_log",
        "work_log_event",
        "stock_movement",
        "part_request",
        "comment",
        "attachment",
        "signature",
        "personal_value",
        "conflict",
        "asset",
        "asset_stub",
    ]
)
"""Entities that a technician writes on orders of his."""
SUPERVISED = frozenset({*FIELD_ENTITIES, "work_order_assignment", "work_order_part", "stock_level", "held_mutation"})
PLANNED = frozenset({*SUPERVISED, "location", "checklist_template", "part", "stock_location", "asset_type"})
MANAGED = frozenset({*PLANNED, "site", "team", "team_member", "person", "site_access"})

ASKED = frozenset({"work_order_assignment"})
"""Entities of the office's of which a technician's change is kept as a request; assigning.py changes nothing by it."""

WITH_REACH = frozenset({"team", "team_member", "person", "site_access"})
"""Entities that decide what people see: without a site only who is responsible for all sites writes them."""

WRITABLE: dict[str, frozenset[str]] = {
    "technician": FIELD_ENTITIES,
    "supervisor": SUPERVISED,
    "planner": PLANNED | {"team", "team_member"},
    "manager": MANAGED,
    "admin": MANAGED,
    "customer": frozenset(),
}
"""Role → entities that it may write at all."""


def may_write(actor: Actor, entity: str, *, site_id: object, is_deletion: bool = False) -> Problem | None:
    """Whether somebody may write rows of an entity, on a site (None: the row belongs to no site)."""
    role = actor.role if site_id is None else actor.role_at(site_id)
    if role is None:
        return Problem("not_found", "This record does not exist, or you may not see it.")
    if role == "technician" and entity in ASKED:
        return None
    is_allowed = entity in WRITABLE.get(role, frozenset()) and not (is_deletion and role == "technician")
    if not is_allowed or (site_id is None and entity in WITH_REACH and role not in {"manager", "admin"}):
        return Problem("not_allowed", f"A {role} may not change this. Ask the office.")
    return None


def may_decide(actor: Actor, *, author_id: object, site_id: object) -> Problem | None:
    """Whether somebody may decide about a held mutation.

    A supervisor of the site decides, never the author; what belongs to no site (None) a manager decides.
    """
    if author_id == actor.person_id:
        return Problem("own_work", "Nobody decides about his own change.")
    role = actor.role if site_id is None else actor.role_at(site_id)
    deciders = {"manager", "admin"} if site_id is None else {"supervisor", "manager", "admin"}
    return None if role in deciders else Problem("not_allowed", "Only a supervisor of the site decides about this.")
