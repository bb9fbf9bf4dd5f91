"""Canaries: texts that stand for one column of one row, and rows that carry one in every text column.

Whoever finds one in an answer knows whose row it came from. Rows are made from the declarations of the entities, so
that a new one is planted without a word here.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import COMMON, ColumnSpec, Row, Scalar
from tests.support.server_side import NOW, a_row, new_id

CANARY = re.compile(r"zq[0-9a-f]{16}")
LENGTH = 18
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

Rows = list[tuple[str, Row]]
OWN_COLUMNS_FROM = len(COMMON)
NO_PROSE = frozenset(
    {"time_zone", "photo_sha256", "sha256", "body_sha256", "commitment", "salt", "target_entity", "choice_value"}
)
"""Text columns whose text has a form of its own."""


def canary() -> str:
    """A text that stands nowhere else."""
    return "zq" + secrets.token_hex(8)


def tokens(text: str) -> set[str]:
    """Every canary and every id in a text."""
    return {*CANARY.findall(text), *UUID.findall(text)}


@dataclass
class Bed:
    """Where rows are planted: one site of one organization. `newest`: of each entity, to be pointed at."""

    newest: dict[str, Row] = field(default_factory=dict)
    rows: Rows = field(default_factory=list)
    planted: list[tuple[str, str]] = field(default_factory=list)
    """Entity and id of all that was ever planted, in order."""

    def plant(self, entity: str, **given: Scalar) -> Row:
        """Make a row with a canary in every text column, pointing at what is here; `given` replaces values."""
        spec = REGISTRY[entity]
        values: dict[str, Scalar] = {}
        for column in spec.columns[OWN_COLUMNS_FROM:]:
            if column.name in spec.arc[1:]:
                continue  # it is about one thing, the first that it can be about
            if column.name not in given and (value := self._value(column, entity)) is not None:
                values[column.name] = value
        values |= given
        if not spec.is_root and "aggregate_id" not in values:
            values["aggregate_id"] = self.newest[spec.aggregates[0]]["id"]
        row = a_row(entity, **values)
        self.newest[entity] = row
        self.rows.append((entity, row))
        self.planted.append((entity, str(row["id"])))
        return row

    def _value(self, column: ColumnSpec, entity: str) -> Scalar:
        if column.kind == "guid":
            pointed = self.newest.get(column.references or "") if column.references != entity else None
            return pointed["id"] if pointed else (None if column.nullable else new_id())
        if column.words or column.name in NO_PROSE:
            return None if column.nullable else (column.default or (column.words or ("0" * 64,))[0])
        return _of_kind(column)

    def taken(self) -> Rows:
        """Give what was planted since, to be written."""
        rows, self.rows = self.rows, []
        return rows


def _of_kind(column: ColumnSpec) -> Scalar:
    if column.kind == "text" and column.characters >= LENGTH:
        return canary()
    if column.kind == "json":
        return json.dumps([canary()])
    if column.nullable or column.default is not None:
        return None
    plain: dict[str, Scalar] = {"instant": NOW, "decimal": "1.0000", "date": NOW[:10], "boolean": False, "double": 1.0}
    return plain.get(column.kind, 1)


def planted_columns(rows: list[dict[str, Scalar]]) -> set[str]:
    """Columns that hold a canary in one of the rows."""
    return {name for row in rows for name, value in row.items() if isinstance(value, str) and CANARY.search(value)}


def prose_of(entity: str) -> Iterator[str]:
    """Columns of an entity that hold whatever people write."""
    for column in REGISTRY[entity].columns[OWN_COLUMNS_FROM:]:
        is_free = column.kind in {"text", "json"} and not column.words and column.name not in NO_PROSE
        if is_free and column.characters >= LENGTH:
            yield column.name
