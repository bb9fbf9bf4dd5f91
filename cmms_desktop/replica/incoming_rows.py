"""Rows as they arrive: the header's columns matched with this replica's, and where each row has to go.

Unknown entities and columns are passed over; a column that this replica has and the header lacks gets its default.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from cmms_desktop.errors import ContractMismatch
from cmms_desktop.replica.rows import SQL
from sync_server.contract.fields import Row, Scalar

Cells = Sequence[Scalar]
"""One row of a `rows` line, in the order of the header's columns."""

NEEDED: Final = ("id", "aggregate_id", "sync_seq", "row_hash")


class IncomingColumns:
    """How the cells of one entity's lines become rows of this replica."""

    __slots__ = ("_pick", "_places", "aggregate_at", "entity", "id_at", "known", "upsert")

    def __init__(self, entity: str, names: Sequence[str]) -> None:
        sql = SQL[entity]
        if missing := set(NEEDED) - set(names):
            raise ContractMismatch(f"The server sends {entity} without {', '.join(sorted(missing))}.")
        self.entity = entity
        self.id_at = names.index("id")
        self.aggregate_at = names.index("aggregate_id")
        places = {name: place for place, name in enumerate(names)}
        self._places = {name: places.get(name) for name in sql.names}
        self.known = known = [name for name in sql.names if name in places]
        self._pick: Callable[[Any], Any] | None = None
        if tuple(names) != sql.names:
            self._pick = itemgetter(*(places[name] for name in known))
        marks = ", ".join("?" * len(known))
        self.upsert = f"{insert_into(entity, known, 'VALUES ({})', marks)} {sql.on_conflict(known)}"

    def bound(self, lines: Iterable[Cells]) -> Iterable[Cells]:
        """Cells as the upsert takes them."""
        return lines if self._pick is None else map(self._pick, lines)

    def row(self, cells: Cells) -> Row:
        """A whole row of this replica."""
        by_name = SQL[self.entity].spec.by_name
        return {name: by_name[name].default if place is None else cells[place] for name, place in self._places.items()}


def insert_into(entity: str, names: Sequence[str], source: str, values: str) -> str:
    """INSERT of the named columns; the others get their defaults, where they have one.

    Args:
        source: `VALUES ({})` or `SELECT {} FROM …`.
        values: What stands for the named columns in it.
    """
    spec = SQL[entity].spec
    defaults = {c.name: _literal(c.default) for c in spec.columns if c.name not in names and c.default is not None}
    columns = ", ".join(f'"{name}"' for name in (*names, *defaults))
    return f"INSERT INTO {entity} ({columns}) {source.format(', '.join([values, *defaults.values()]))}"


def _literal(value: Scalar) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(int(value) if isinstance(value, bool) else value)


def columns_of(header: Mapping[str, Any]) -> dict[str, IncomingColumns]:
    """Read the types of a header; entities that this replica does not know are left out."""
    types = header["types"]
    return {entity: _known_columns(entity, tuple(names)) for entity, names in types.items() if entity in SQL}


@lru_cache(maxsize=256)
def _known_columns(entity: str, names: tuple[str, ...]) -> IncomingColumns:
    """Every answer repeats the header; the statements are made once."""
    return IncomingColumns(entity, names)
