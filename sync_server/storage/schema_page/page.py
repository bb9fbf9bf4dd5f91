"""Puts SCHEMA.md together, from the declarations and the catalog of a migrated database. Writes nothing anywhere."""

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import COMMON
from sync_server.storage.roles import MIGRATOR, OWNER, ROLES
from sync_server.storage.schema_page.catalog import Catalog, read_catalog
from sync_server.storage.schema_page.columns import HEAD, line_of, link, linked
from sync_server.storage.schema_page.rooms import ROOMS, Room
from sync_server.storage.schema_page.rules import EVERYWHERE, THESE_SITES, THIS_ORGANIZATION
from sync_server.storage.schema_page.tables import table_section
from sync_server.storage.tables import SYNCED, metadata
from sync_server.storage.tables_sync import OF_AGGREGATE

GRANTED = tuple(role.name for role in ROLES if role.name not in {OWNER, MIGRATOR})

LETTERS = {"SELECT": "read", "INSERT": "add", "UPDATE": "change", "DELETE": "delete"}

BEGINNING = """# The schema

What the PostgreSQL database of the sync server holds, table by table. It is written by `python -m sync_server
schema-page sync_server/SCHEMA.md`, from the declarations and from a freshly migrated database; never edit it by hand (a
test compares it). The same meanings are in the database: `\\d+ work_order` in psql shows them.

A table is called in the singular by what one row is. Times end in `_at` and are instants in UTC, days end in `_on` or
`_until`, units are in the name (`_ms`, `_m`, `_bytes`). Words that people choose from are text with a check, not enums.
"""

EVERY_TABLE = f"""## What holds for every table

- `organization_id` says whose the row is. It comes first in every key, unique index and foreign key, and is left out in
  the lists below.
- Row level security is enabled *and forced*, for the owner too: the policy `{EVERYWHERE}` lets everybody see and
  write only rows with `organization_id = {THIS_ORGANIZATION}`. A transaction that has set none sees nothing.
- A reference leads to a row of the same organization: `(organization_id, x_id)` to `(organization_id, id)`. None of
  them deletes or empties anything by itself.
- No serving role owns a table, creates one, or truncates.
- `subscription_plan` belongs to no organization: everybody who has to may read it, and no serving role writes it.

In policies `{THIS_ORGANIZATION}` stands for `nullif(current_setting('app.organization_id', true), '')::uuid`, set with
the first statement of each transaction and gone with its end; `{THESE_SITES}` for the sites in `app.site_ids`, where
the reader belongs to the office; `x_id OF table` for a row of that table that he sees.
"""

SYNCED_TABLES = """## What holds for every synced table

Its rows travel to devices: all of an aggregate, a root with what hangs on it, or nothing. The declaration lies in
`sync_server/contract/entities/` and makes the replica's table too. Besides its own columns each has:

{columns}

- Primary key `(organization_id, id)`; an index `ix_…_aggregate_id`, because {of_aggregate}.
- Rows are written inside of a commit only, keep id and aggregate, and are never removed: triggers `guard_insert`,
  `guard_update`, `guard_removal`.
- An aggregate's root has `aggregate_id = id`; a row that names its root has that id there. Both are checks.
"""


def page(connection: Connection[Any]) -> str:
    """Write the page of a migrated database."""
    catalog = read_catalog(connection, GRANTED)
    sections = (
        BEGINNING,
        _map(),
        EVERY_TABLE,
        _synced_tables(),
        *_rooms(catalog),
        _roles(catalog),
        _functions(catalog),
    )
    return "\n".join(section.rstrip("\n") + "\n" for section in sections)


def _map() -> str:
    lines = ["## The rooms", "", "| room | what is in it | tables |", "|---|---|---|"]
    lines += [f"| [{r.name}](#{_anchor(r)}) | {r.about} | {', '.join(map(link, r.tables))} |" for r in ROOMS]
    rest = "Who may do what in them: [roles and grants](#roles-and-grants). What they call: [functions](#functions)."
    return "\n".join((*lines, "", rest))


def _anchor(room: Room) -> str:
    return room.name.lower().replace(" ", "-")


def _synced_tables() -> str:
    some = SYNCED[next(iter(REGISTRY))]
    columns = "\n".join((HEAD, *(line_of(some.columns[name]) for name in COMMON)))
    return SYNCED_TABLES.format(columns=columns, of_aggregate=OF_AGGREGATE)


def _rooms(catalog: Catalog) -> Iterator[str]:
    for room in ROOMS:
        yield "\n".join((f"## {room.name}", "", room.about, "", *_drawing(room)))
        for name in room.tables:
            yield table_section(metadata.tables[name], catalog)


def _drawing(room: Room) -> Iterator[str]:
    """Draw what refers to what inside of a room, where there is anything to draw."""
    edges = sorted({edge for name in room.tables for edge in _edges(name, room)})
    if edges:
        yield from ("```mermaid", "erDiagram", *(f"    {edge}" for edge in edges), "```")


def _edges(name: str, room: Room) -> Iterator[str]:
    for column in metadata.tables[name].columns:
        for key in column.foreign_keys:
            target = key.column.table.name
            if column.name != "organization_id" and target in room.tables:
                yield f"{target} {'|o' if column.nullable else '||'}--o{{ {name} : {column.name}"


def _roles(catalog: Catalog) -> str:
    purposes = [f"| `{role.name}` | {role.purpose} | {_ways(role.login, role.bypasses_rls)} |" for role in ROLES]
    names = [name.removeprefix("cmms_") for name in GRANTED]
    lines = [f"| table | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    lines += [_granted(table, catalog) for room in ROOMS for table in room.tables]
    return "\n".join(
        (
            *("## Roles and grants", "", "| role | what for | |", "|---|---|---|", *purposes, ""),
            "A `*` stands for some columns only: the table's own part names them.",
            *("", *lines),
        )
    )


def _ways(may_log_in: bool, is_above: bool) -> str:
    ways = [] if may_log_in else ["never logs in"]
    return ", ".join([*ways, "sees past row security"] if is_above else ways)


def _granted(table: str, catalog: Catalog) -> str:
    cells = []
    for role in GRANTED:
        held = [each for each in catalog.grants if (each.table, each.role) == (table, role)]
        cells.append(", ".join(LETTERS[each.privilege] + ("\\*" if each.columns else "") for each in held))
    return f"| {link(table)} | {' | '.join(cells)} |"


def _functions(catalog: Catalog) -> str:
    lines = [
        "## Functions",
        "",
        "| function | gives | what for | with the rights of | may be called by |",
        "|---|---|---|---|---|",
    ]
    for each in catalog.functions:
        rights = f"its owner, `{each.owner}`" if each.is_definer else "whoever calls"
        callers = ", ".join(f"`{name}`" for name in each.callers) or "triggers only"
        lines.append(f"| `{each.signature}` | {each.result} | {linked(each.meaning)} | {rights} | {callers} |")
    return "\n".join(lines)
