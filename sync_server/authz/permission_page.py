"""Writes PERMISSIONS.md: the matrix of permissions as people read it. Decides nothing; says what the code says."""

from collections.abc import Iterator

from sync_server.contract.entities.people import ROLES
from sync_server.contract.rules.matrix import ACTIONS, RESOURCES, Resource
from sync_server.contract.rules.record_states import STEPS as STEPS_OF_RECORDS
from sync_server.contract.rules.status import ACTIONS as STEPS

GROUPS = {
    "Work": (
        *("work_order", "work_order_assignment", "work_order_asset", "work_order_part"),
        *("work_order_cost", "service_request"),
        *(
            "checklist",
            "checklist_item",
            "work_log",
            "work_log_event",
            "comment",
            "attachment",
            "signature",
            "personal_value",
            "part_request",
        ),
    ),
    "Stock": ("stock_movement", "vendor", "part", "stock_location", "stock_level"),
    "Places and assets": (
        "site",
        "location",
        "asset",
        "asset_type",
        "asset_stub",
        "meter",
        "asset_specification",
        "asset_document",
        "asset_relation",
    ),
    "Extensions": ("tag", "entity_tag", "custom_field", "custom_field_value"),
    "People": (
        *("person", "site_access", "person_permission", "branding", "i18n_string"),
        *("team", "team_member", "calendar_event"),
    ),
    "Templates and decisions": (
        *("checklist_template", "work_order_template", "work_order_template_part", "conflict", "held_mutation"),
        "notification",
    ),
    "Records of the office": (
        *("project", "controlled_document", "inspection_procedure", "procedure_execution", "change_request"),
    ),
}
"""Where a resource stands on the page; one that stands nowhere fails a test."""

BEGINNING = """# Who may do what

Resource × action × scope, for the six roles. It is written by `python -m sync_server permissions-page
sync_server/PERMISSIONS.md` from `contract/rules/matrix.py`; never edit it by hand (a test compares it). The server asks
the same matrix for every change, also when it was made offline and is sent days later, when a supervisor approves what
was held, and for the office's routes; the app asks it before it offers a button. **What is not in it nobody may do**,
and whoever is refused is told who may: the change stays on his device, parked, with that sentence.

A role is the one that somebody has *at the site* of the record (`site_access`); managers and admins have theirs at
every site. What belongs to no site asks for the role of the person himself.

| scope | reaches |
|---|---|
| own | what he made or what says that it is his, in records that he holds |
| team | records that he holds: assigned to him or a team of his, or made by him |
| site | everything at the sites that he may enter, in the role that he has there |
| organization | also what belongs to no site |

Each scope reaches whatever those above it do.

**A person may be given more** than his role gives him: `cmms-sync-server user permit LOGIN RESOURCE ACTION
--organization SLUG --scope SCOPE [--site CODE]`, and `user forbid` takes it again; an administrator's device may too.
RESOURCE is the entity's name (`work_order`), ACTION a word of the tables below. It counts where he has a role, or holds
the record, from the next commit on, and reaches his device with its next pull.
"""

END = """## What no permission gives

- Nobody sees more by it: what a device holds follows from assignments, teams and accesses to sites.
- Whoever was sent to an order of a site where he has no role works on it like a technician.
- A visit, a remark and a photo are made in the own name only.
- Nobody signs off, or decides about, what is his own.
- A technician takes parts from his own van, from the stores of the order's site, and from those of his own sites.
- Entries of a record (signatures, remarks, photos, movements, events of visits) are never changed and never deleted.
- Planning fields of an order, an asset or a part request that somebody edits who may not plan become a request, which
  the office grants or declines. So does what a technician says of who is to have an order that he holds.
- Whoever brings a record to another site needs the same permission there.
"""


def page() -> str:
    """Write the page."""
    sections = [
        BEGINNING,
        *(_group(name, resources) for name, resources in GROUPS.items()),
        _steps(),
        _steps_of_records(),
        END,
    ]
    return "\n".join(section.rstrip("\n") + "\n" for section in sections)


def _group(name: str, resources: tuple[str, ...]) -> str:
    head = f"| | | {' | '.join(ROLES)} |\n|---|---|{'---|' * len(ROLES)}"
    lines = [line for each in resources for line in _lines(RESOURCES[each])]
    return "\n".join((f"## {name}", "", head, *lines))


def _lines(resource: Resource) -> Iterator[str]:
    """Give a line for each set of actions that the same people may do equally far."""
    if not resource.actions:
        yield f"| {resource.called} | follow from other changes: nobody writes them himself |{'  |' * len(ROLES)}"
    told: set[str] = set()
    for action in sorted(resource.actions, key=ACTIONS.index):
        alike = [each for each in ACTIONS if resource.actions.get(each) == resource.actions[action]]
        if action in told:
            continue
        told.update(alike)
        cells = (resource.actions[action].get(role, "") for role in ROLES)
        yield f"| {resource.called} | {', '.join(alike)} | {' | '.join(cells)} |"


def _steps() -> str:
    lines = [f"| {old} | {new} | {action} |" for (old, new), action in STEPS.items()]
    text = "Taking an order from one state to another is one of these actions on it:"
    return "\n".join(("## States of an order", "", text, "", "| from | to | action |", "|---|---|---|", *lines))


def _steps_of_records() -> str:
    """Give a line for each step; two kinds that take the same steps share their lines."""
    kinds: dict[tuple[tuple[tuple[str, str], str], ...], list[str]] = {}
    for kind, steps in STEPS_OF_RECORDS.items():
        kinds.setdefault(tuple(steps.items()), []).append(f"`{kind}`")
    lines = [
        f"| {', '.join(names)} | {old} | {new} | {action} |"
        for steps, names in kinds.items()
        for (old, new), action in steps
    ]
    text = "What becomes approved or rejected with the action decide does so by the last decision, never by hand:"
    head = "| record | from | to | action |\n|---|---|---|---|"
    return "\n".join(("## States of records of the office", "", text, "", head, *lines))
