"""Who may do what: resource × action × scope, for each role of product.md §1. Data only; permission.py asks it.

A resource is an entity, or a record that only the office keeps. What is not written here nobody may do. The server asks
for every mutation (of a device, also when it is replayed or was held, and of the office), the client before it offers
something. PERMISSIONS.md shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sync_server.contract.entities.people import SCOPES

__all__ = [
    "ACTIONS",
    "MATRIX",
    "RECORDS",
    "RESOURCES",
    "SCOPES",
    "Cells",
    "Resource",
    "cells_of",
    "is_permission",
    "roles_that_may",
]

"""SCOPES: how far a permission reaches; each reaches whatever those before it do.

own: what somebody made or what says that it is his, in records that he holds. team: records that he holds, because
they are assigned to him or a team of his, or made by him. site: everything at the sites that he may enter, in the role
that he has there. organization: also what belongs to no site.
"""

ACTIONS = (
    *("create", "change", "delete"),
    *("plan", "work", "complete", "review", "reopen"),
    *("settle", "decide"),
)
"""What mutations do to rows; then what may be done with an order, a conflict and a held change."""

Cells = Mapping[str, str]
"""Role → scope; a role that is not there may not do it."""


@dataclass(frozen=True, slots=True)
class Resource:
    """`called`: in sentences, many of them. `actions`: what may be done with it, by whom and how far."""

    called: str
    actions: Mapping[str, Cells]


_EVERYWHERE = {"manager": "organization", "admin": "organization"}
_OFFICE: Cells = {"supervisor": "site", "planner": "site", **_EVERYWHERE}
_HOLDERS: Cells = {"technician": "team", **_OFFICE}
"""Who holds an order works on it; the office on all of its sites."""
_ENTERING: Cells = {"technician": "site", **_OFFICE}
_EACH_HIS_OWN: Cells = dict.fromkeys(("customer", *_ENTERING), "own")
_SIGNERS: Cells = {"technician": "team", "supervisor": "site", **_EVERYWHERE}
_REVIEWERS: Cells = {"supervisor": "site", **_EVERYWHERE}
_PLANNERS: Cells = {"planner": "site", **_EVERYWHERE}
_WORKING: Cells = {"technician": "organization", "supervisor": "organization", "planner": "organization", **_EVERYWHERE}
_CATALOGUE: Cells = {"planner": "organization", **_EVERYWHERE}


def _all_of(cells: Cells, *actions: str) -> dict[str, Cells]:
    return dict.fromkeys(actions or ("create", "change", "delete"), cells)


MATRIX: Mapping[str, Resource] = {
    "work_order": Resource(
        "work orders",
        {
            "create": _ENTERING,
            "change": _HOLDERS,
            "delete": _OFFICE,
            "plan": _OFFICE,
            "work": _HOLDERS,
            "complete": _SIGNERS,
            "review": _REVIEWERS,
            "reopen": _EVERYWHERE,
        },
    ),
    "work_order_assignment": Resource(
        "assignments", {**_all_of(_HOLDERS), "plan": _OFFICE}
    ),  # whoever does not plan them asks (D-139)
    "work_order_asset": Resource(
        "further assets of orders",
        {**_all_of(_HOLDERS, "create", "change"), "delete": {"technician": "own", **_OFFICE}, "plan": _OFFICE},
    ),
    "work_order_part": Resource("planned parts", _all_of(_OFFICE)),
    "work_order_cost": Resource("costs", {"create": _ENTERING, "delete": {"technician": "own", **_OFFICE}}),
    "service_request": Resource(
        "service requests",
        {
            "create": {"customer": "site", **_ENTERING},
            "change": {"customer": "own", "technician": "own", **_OFFICE},
            "decide": _OFFICE,
        },
    ),  # what was asked never changes: to change one is to withdraw it
    "checklist": Resource("checklists", {**_all_of(_HOLDERS, "create", "change"), "delete": _OFFICE}),
    "checklist_item": Resource("checklist items", {**_all_of(_HOLDERS, "create", "change"), "delete": _OFFICE}),
    "work_log": Resource("visits", {"create": _HOLDERS, "change": {"technician": "own", **_OFFICE}, "delete": _OFFICE}),
    "work_log_event": Resource("events of visits", _all_of(_HOLDERS, "create")),
    "comment": Resource("remarks", _all_of(_HOLDERS, "create")),
    "attachment": Resource("photos and documents", _all_of(_HOLDERS, "create")),
    "signature": Resource("signatures", _all_of(_SIGNERS, "create")),
    "personal_value": Resource("values of signatures", _all_of(_SIGNERS, "create")),
    "stock_movement": Resource("stock movements", _all_of(_ENTERING, "create")),
    "part_request": Resource(
        "part requests", {**_all_of(_HOLDERS, "create", "change"), **_all_of(_OFFICE, "delete", "plan")}
    ),
    "asset": Resource("assets", {"create": _ENTERING, "change": _HOLDERS, "delete": _OFFICE, "plan": _OFFICE}),
    "meter": Resource("meters", {"create": _OFFICE, "change": _HOLDERS, "delete": _OFFICE, "plan": _OFFICE}),
    "asset_specification": Resource("specifications", _all_of(_OFFICE)),
    "asset_document": Resource("documents of assets", _all_of(_OFFICE)),
    "asset_relation": Resource("relations of assets", _all_of(_OFFICE)),
    "conflict": Resource("conflicts", {"settle": {**_HOLDERS, "planner": "organization"}}),
    "held_mutation": Resource("held changes", {"decide": _REVIEWERS}),
    "notification": Resource("notifications", {"change": _EACH_HIS_OWN}),  # to change one is to read it
    "calendar_event": Resource("events on calendars", _all_of(_OFFICE)),
    "location": Resource("locations", _all_of(_PLANNERS)),
    "stock_location": Resource("stock locations", _all_of(_PLANNERS)),
    "asset_type": Resource("asset types", _all_of(_CATALOGUE)),
    "part": Resource("parts", _all_of(_CATALOGUE)),
    "vendor": Resource("vendors", _all_of(_CATALOGUE)),
    "tag": Resource("tags", {"create": _WORKING, **_all_of(_CATALOGUE, "change", "delete")}),
    "entity_tag": Resource("tags of orders and assets", _all_of(_HOLDERS, "create", "delete")),
    "custom_field": Resource("fields of the organization", _all_of(_CATALOGUE)),
    "custom_field_value": Resource(
        "values of fields", {**_all_of(_HOLDERS, "create", "change"), **_all_of(_OFFICE, "delete")}
    ),
    "checklist_template": Resource("checklist templates", _all_of(_CATALOGUE)),
    "work_order_template": Resource("templates of orders", _all_of(_CATALOGUE)),
    "work_order_template_part": Resource("parts of templates", _all_of(_CATALOGUE)),
    "team": Resource("teams", _all_of(_PLANNERS)),
    "team_member": Resource("members of teams", _all_of(_PLANNERS)),
    "site": Resource("sites", _all_of(_EVERYWHERE)),
    "person": Resource("people", _all_of(_EVERYWHERE)),
    "site_access": Resource("accesses to sites", _all_of(_EVERYWHERE)),
    "person_permission": Resource("permissions of people", _all_of({"admin": "organization"}, "create", "delete")),
    "branding": Resource("names and colours of the organization", {}),
    "i18n_string": Resource("words of the organization", {}),
    "stock_level": Resource("stock levels", {}),
    "asset_stub": Resource("asset stubs", {}),
}
"""Entity → its permissions. One without actions follows from other changes: nobody writes it himself."""

_WHOLE_OFFICE: Cells = {"supervisor": "organization", **_CATALOGUE}
_DECIDING: Cells = {"supervisor": "organization", **_EVERYWHERE}

RECORDS: Mapping[str, Resource] = {
    "project": Resource("projects", _all_of(_CATALOGUE)),
    "controlled_document": Resource(
        "controlled documents",
        {**_all_of(_WHOLE_OFFICE, "create", "change"), **_all_of(_EVERYWHERE, "delete", "review")},
    ),
    "inspection_procedure": Resource(
        "procedures",
        {**_all_of(_WHOLE_OFFICE, "create", "change"), **_all_of(_EVERYWHERE, "delete", "review")},
    ),
    "procedure_execution": Resource("inspections", _all_of(_OFFICE, "create", "change")),
    "change_request": Resource(
        "changes",
        {**_all_of(_WHOLE_OFFICE, "create", "change"), "delete": _EVERYWHERE, "decide": _DECIDING},
    ),
}
"""Records that the office keeps on the server alone → their permissions; what is a part of one counts with it."""
RESOURCES: Mapping[str, Resource] = {**MATRIX, **RECORDS}
"""All that permissions are about."""


def cells_of(resource: str, action: str) -> Cells:
    """Give role → scope; empty for what the matrix does not name."""
    found = RESOURCES.get(resource)
    return {} if found is None else found.actions.get(action, {})


def roles_that_may(resource: str, action: str) -> frozenset[str]:
    """Roles that may do it at all, however far."""
    return frozenset(cells_of(resource, action))


def is_permission(resource: object, action: object) -> bool:
    """Whether the matrix has such an action, so that it can be given."""
    found = RESOURCES.get(str(resource))
    return found is not None and str(action) in found.actions
