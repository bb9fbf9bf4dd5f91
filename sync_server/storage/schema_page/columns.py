"""One line for each column: type, what it may be, what it means. Markdown."""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import CheckConstraint, Column, Table
from sqlalchemy.dialects import postgresql

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import COMMON, ColumnSpec

ORGANIZATION = "organization_id"
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call, unused-ignore] # the function carries no types
HEAD = "| column | type | NULL | default | must be | meaning |\n|---|---|---|---|---|---|"


def column_lines(table: Table) -> list[str]:
    """Give the table's own columns; those that all synced tables have are told once for all."""
    told_elsewhere = {ORGANIZATION, *COMMON} if table.name in REGISTRY else {ORGANIZATION}
    return [HEAD, *(line_of(column) for column in table.columns if column.name not in told_elsewhere)]


def line_of(column: Column[Any]) -> str:
    """Give one column's line."""
    default = getattr(column.server_default, "arg", None)
    cells = (
        f"`{column.name}`",
        _type(column),
        "yes" if column.nullable else "",
        f"`{default}`" if default is not None else "",
        ", ".join(_rules(column)),
        linked(column.comment or ""),
    )
    return f"| {' | '.join(cells)} |"


def other_checks(table: Table) -> list[str]:
    """Give the checks that no single column's line tells, each with its name."""
    told = {f"ck_{table.name}_{column.name}" for column in table.columns if column.name not in COMMON}
    checks = sorted(_checks(table), key=lambda check: str(check.name))
    rest = [check for check in checks if check.name not in told]
    return [f"`{_one_line(check.sqltext)}`" for check in rest if not _is_of_root(table, check)]


def linked(text: str) -> str:
    """Make a meaning safe inside of a table's cell."""
    return text.replace("|", "\\|")


def _is_of_root(table: Table, check: CheckConstraint) -> bool:
    """Whether it only says that the aggregate is the row itself, or the one row that it names as its root."""
    return check.name == f"ck_{table.name}_aggregate_id" and "OR" not in str(check.sqltext)


def _type(column: Column[Any]) -> str:
    name = column.type.compile(dialect=_DIALECT).lower()
    targets = sorted({key.column.table.name for key in column.foreign_keys if column.name != ORGANIZATION})
    return f"{name.replace('timestamp with time zone', 'timestamptz')}{''.join(f' → {link(each)}' for each in targets)}"


def link(table: str) -> str:
    """Lead to a table's place on the page."""
    return f"[{table}](#{table})"


def _rules(column: Column[Any]) -> Iterable[str]:
    spec = REGISTRY[column.table.name].by_name.get(column.name) if column.table.name in REGISTRY else None
    if spec is not None:
        return _declared(spec)
    found = [check for check in _checks(column.table) if check.name == f"ck_{column.table.name}_{column.name}"]
    return [f"`{linked(_one_line(check.sqltext))}`" for check in found]


def _declared(spec: ColumnSpec) -> Iterable[str]:
    least, most = spec.bounds
    if spec.words:
        yield " · ".join(spec.words)
    if least is not None and most is not None:
        yield f"{least:g} … {most:g}"
    elif least is not None:
        yield f"≥ {least:g}"
    elif most is not None:
        yield f"≤ {most:g}"
    if spec.kind in {"double", "decimal"} and least is None and most is None:
        yield "finite"


def _checks(table: Table) -> list[CheckConstraint]:
    return [each for each in table.constraints if isinstance(each, CheckConstraint)]


def _one_line(said: object) -> str:
    return re.sub(r"\s+", " ", str(said))
