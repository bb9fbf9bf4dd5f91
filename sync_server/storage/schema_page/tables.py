"""The part of the page about one table: columns, relations, indexes, and what is special about it. Markdown."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Index, Table, UniqueConstraint

from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.storage.schema_page.catalog import Catalog
from sync_server.storage.schema_page.columns import ORGANIZATION, column_lines, link, linked, other_checks
from sync_server.storage.schema_page.rules import EVERYWHERE, shortened
from sync_server.storage.tables import metadata


def table_section(table: Table, catalog: Catalog) -> str:
    """Write what is to be said about a table."""
    facts = [
        _standing(table),
        *_keys(table),
        *_relations(table),
        *_indexes(table),
        *_policies(table, catalog),
        *_narrow_grants(table, catalog),
        *_triggers(table, catalog),
        *_parts(table, catalog),
    ]
    lines = [f"### {table.name}", "", linked(table.comment or ""), "", *column_lines(table), ""]
    return "\n".join((*lines, *(f"- {fact}" for fact in facts)))


def _standing(table: Table) -> str:
    spec = REGISTRY.get(table.name)
    if spec is None:
        return "On the server only."
    appended = "; rows are only added" if spec.append_only else ""
    roots = [root for root in spec.aggregates if root != spec.name]
    if spec.is_root and not roots:
        inside = [link(name) for name in AGGREGATES[spec.name] if name != spec.name]
        held = f"; its aggregate also holds {', '.join(inside)}" if inside else ""
        return f"Synced, root of an aggregate{held}{appended}."
    return f"Synced, in the aggregate of {', '.join(link(root) for root in roots)}{appended}."


def _keys(table: Table) -> Iterator[str]:
    names = [column.name for column in table.primary_key.columns]
    if names != [ORGANIZATION, "id"]:
        yield f"Primary key: `{', '.join(names)}`."
    if checks := other_checks(table):
        yield f"Checks: {', '.join(checks)}."


def _relations(table: Table) -> Iterator[str]:
    found = {
        f"{link(other.name)}.{column.name}"
        for other in metadata.sorted_tables
        for column in other.columns
        for key in column.foreign_keys
        if key.column.table is table and column.name != ORGANIZATION
    }
    if found:
        yield f"Referred to by {', '.join(sorted(found))}."


def _indexes(table: Table) -> Iterator[str]:
    found: list[Index | UniqueConstraint] = [*table.indexes]
    found += [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    for each in sorted(found, key=lambda index: str(index.name)):
        if each.name != f"ix_{table.name}_aggregate_id" or table.name not in REGISTRY:
            yield _index(each)


def _index(index: Index | UniqueConstraint) -> str:
    is_unique = isinstance(index, UniqueConstraint) or index.unique
    parts = index.expressions if isinstance(index, Index) else index.columns
    names = [getattr(each, "name", None) or str(each) for each in parts]
    where = index.dialect_options["postgresql"]["where"] if isinstance(index, Index) else None
    condition = "" if where is None else f" where `{where}`"
    word = "Unique" if is_unique else "Index"
    own = ", ".join(name for name in names if name != ORGANIZATION)
    return f"{word} `{index.name}` ({own}){condition}: {index.info['why']}."


def _policies(table: Table, catalog: Catalog) -> Iterator[str]:
    for each in catalog.policies:
        if each.table == table.name and each.name != EVERYWHERE:
            word = "only" if each.is_restrictive else "also"
            rows = "all rows" if each.rule == "true" else f"{word} rows with `{linked(shortened(each.rule))}`"
            yield f"`{', '.join(each.roles)}` sees {rows}."


def _narrow_grants(table: Table, catalog: Catalog) -> Iterator[str]:
    for each in catalog.grants:
        if each.table == table.name and each.columns:
            columns = ", ".join(f"`{name}`" for name in each.columns)
            yield f"`{each.role}`: {each.privilege} of {columns} only."


def _triggers(table: Table, catalog: Catalog) -> Iterator[str]:
    common = {"guard_insert", "guard_update", "guard_removal"} if table.name in REGISTRY else set()
    for each in catalog.triggers:
        if each.table == table.name and each.name not in common:
            when = ", at the end of the commit" if each.is_deferred else ""
            yield f"Trigger `{each.name}` calls [{each.function}](#functions){when}."


def _parts(table: Table, catalog: Catalog) -> Iterable[str]:
    for each in catalog.divided:
        if each.table == table.name:
            number = f", {each.parts} parts" if each.is_hashed else ""
            yield f"In parts: `{each.key}`{number}. Only the backup has a right on one; row security holds on each."
