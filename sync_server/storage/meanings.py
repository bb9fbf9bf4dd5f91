"""What tables and columns mean, read from the declarations themselves: `COMMENT ON` and SCHEMA.md say nothing else.

A docstring below a column is the column's meaning, that of the class is the table's. The sources are read once, when
the metadata is made. A program that was packed without its sources has none, and tables without comments: nothing but
the page, the drafts of revisions and their tests ever reads one.
"""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from sync_server.contract.fields import SyncedEntity

OF_ORGANIZATION = "Organization that the row belongs to; first in every key, and what row level security compares."
"""Meaning of `organization_id` in every table that has it."""


def table_meaning(fields: type[SyncedEntity]) -> str | None:
    """Give the meaning of an entity's table; None without sources or without a docstring."""
    return _plain(fields.__doc__)


def column_meanings(fields: type[SyncedEntity]) -> dict[str, str]:
    """Give column → meaning of an entity: the common columns', and its own."""
    return {**_read(SyncedEntity), **_read(fields)}


def in_database(text: str) -> str:
    """Put a meaning as a database says it, on one line: what Python calls None is NULL there."""
    return re.sub(r"\bNone\b", "NULL", " ".join(text.split()))


def _plain(text: str | None) -> str | None:
    return None if text is None else in_database(text)


def _read(fields: type[SyncedEntity]) -> Mapping[str, str]:
    """Give column → meaning as one class says it."""
    try:
        file = inspect.getsourcefile(fields)
    except (OSError, TypeError):
        file = None
    return _said_in(file).get(fields.__name__, {}) if file else {}


@cache
def _said_in(file: str) -> Mapping[str, Mapping[str, str]]:
    """Give class → column → meaning of one source."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except OSError:
        return {}
    return {node.name: dict(_columns_of(node)) for node in tree.body if isinstance(node, ast.ClassDef)}


def _columns_of(declared: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for column, said in zip(declared.body, declared.body[1:], strict=False):
        if isinstance(column, ast.AnnAssign) and isinstance(column.target, ast.Name) and (text := _text_of(said)):
            yield column.target.id, in_database(text)


def _text_of(node: ast.stmt) -> str | None:
    """Give the text of a statement that is nothing but a text."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return node.value.value
    return None
