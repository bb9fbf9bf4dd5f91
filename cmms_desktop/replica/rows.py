"""Rows of the replica, read and written in wire form through prepared SQL; the policies read through it too.

Works inside a transaction that the caller holds, and remembers what it touched. Knows nothing of mutations.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from cmms_desktop.errors import Bug
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import EntitySpec, Row, Scalar
from sync_server.contract.rules.draft import Key


class EntitySql:
    """The statements of one entity's table."""

    __slots__ = ("_booleans", "delete", "insert", "name", "names", "quoted", "select", "spec", "upsert")

    def __init__(self, spec: EntitySpec) -> None:
        self.spec = spec
        self.name = spec.name
        self.names = spec.names
        self.quoted = ", ".join(f'"{name}"' for name in spec.names)
        self._booleans = tuple(column.name for column in spec.columns if column.kind == "boolean")
        self.select = f"SELECT {self.quoted} FROM {spec.name} WHERE id = ?"
        self.insert = f"INSERT INTO {spec.name} ({self.quoted}) VALUES ({', '.join('?' * len(spec.names))})"
        self.upsert = f"{self.insert} {self.on_conflict(spec.names)}"
        self.delete = f"DELETE FROM {spec.name} WHERE id = ?"

    def on_conflict(self, names: Iterable[str]) -> str:
        """The clause that lays the named columns over a row that is there."""
        assignments = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name != "id")
        return f"ON CONFLICT (id) DO UPDATE SET {assignments}"

    def row(self, values: Iterable[Scalar]) -> Row:
        """Make a row of wire scalars from a line of the table, columns in order."""
        row = dict(zip(self.names, values, strict=True))
        for name in self._booleans:
            if row[name] is not None:
                row[name] = bool(row[name])
        return row

    def values(self, row: Row) -> list[Scalar]:
        """Give a row's values in the order of the columns."""
        return [row[name] for name in self.names]


SQL: Final[dict[str, EntitySql]] = {name: EntitySql(spec) for name, spec in REGISTRY.items()}


def whole(row: Row | None) -> str | None:
    """Write a server row whole; null columns are left out."""
    if row is None:
        return None
    return msgspec.json.encode({name: value for name, value in row.items() if value is not None}).decode()


def difference(server: Row | None, visible: Row) -> str | None:
    """Write a server row as what it differs in from the visible one."""
    if server is None:
        return None
    return msgspec.json.encode({name: value for name, value in server.items() if value != visible[name]}).decode()


_SHADOW: Final = "SELECT server_row FROM shadow WHERE entity = ? AND row_id = ?"
_INSERT_SHADOW: Final = "INSERT INTO shadow (entity, row_id, aggregate_id, server_row) VALUES (?, ?, ?, ?)"
_FIRST_SHADOW: Final = f"{_INSERT_SHADOW} ON CONFLICT DO NOTHING"
_KEEP_SHADOW: Final = f"{_INSERT_SHADOW} ON CONFLICT (entity, row_id) DO UPDATE SET server_row = excluded.server_row"


class RowStore:
    """The rows of one open transaction: visible ones, and the server's beneath them."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self.touched: set[Key] = set()
        self._seen: dict[Key, Row | None] = {}
        self._shadows: set[Key] | None = None

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give the visible row, tombstones too; None: there is none."""
        key = (entity, row_id)
        if key not in self._seen:
            self._seen[key] = self._read(entity, row_id)
        return self._seen[key]

    def _read(self, entity: str, row_id: str) -> Row | None:
        sql = SQL.get(entity)
        if sql is None:
            return None
        line = self.cursor.execute(sql.select, (row_id,)).fetchone()
        return None if line is None else sql.row(line)

    def forget(self) -> None:
        """Drop what was remembered, after writes that went past this store."""
        self._seen.clear()
        self._shadows = None

    def put(self, key: Key, row: Row | None) -> None:
        """Make `row` the visible row, writing only what differs. None removes it."""
        entity, row_id = key
        before = self.get(entity, row_id)
        if row is None:
            if before is not None:
                self.cursor.execute(SQL[entity].delete, (row_id,))
        elif before is None:
            self.cursor.execute(SQL[entity].insert, SQL[entity].values(row))
        else:
            self._update(key, before, row)
        self._seen[key] = row
        self.touched.add(key)

    def _update(self, key: Key, before: Row, row: Row) -> None:
        names = [name for name in SQL[key[0]].names if before[name] != row[name]]
        if names:
            assignments = ", ".join(f'"{name}" = ?' for name in names)
            values = [row[name] for name in names]
            self.cursor.execute(f"UPDATE {key[0]} SET {assignments} WHERE id = ?", (*values, key[1]))

    @property
    def shadows(self) -> set[Key]:
        """Keys of all shadows."""
        if self._shadows is None:
            self._shadows = set(self.cursor.execute("SELECT entity, row_id FROM shadow").fetchall())
        return self._shadows

    def shadow(self, key: Key) -> Row | None:
        """Give the server's row of a key that has a shadow; None: the server has none."""
        line = self.cursor.execute(_SHADOW, key).fetchone()
        if line is None or line[0] is None:
            return None
        found: Row = msgspec.json.decode(line[0])
        if "id" in found:
            return {name: found.get(name) for name in SQL[key[0]].names}
        visible = self.get(*key)
        if visible is None:
            raise Bug("A server row was kept as a difference from a row that is not there.")
        return visible | found

    def put_over(self, key: Key, row: Row) -> None:
        """Make `row` visible and keep the server's row beneath it; what is visible now is the server's at first."""
        before = self.get(*key)
        self.cursor.execute(_FIRST_SHADOW, (*key, row["aggregate_id"], difference(before, row)))
        if self.cursor.rowcount == 0 and before is not None:
            self._widen_shadow(key, before, row)
        elif self._shadows is not None:
            self._shadows.add(key)
        self.put(key, row)

    def _widen_shadow(self, key: Key, before: Row, row: Row) -> None:
        """Keep the server's value of columns that differ only from now on."""
        (text,) = self.cursor.execute(_SHADOW, key).fetchone()
        kept: Row | None = None if text is None else msgspec.json.decode(text)
        if kept is None or "id" in kept:
            return
        fresh = {name: value for name, value in before.items() if value != row[name] and name not in kept}
        if fresh:
            self.keep_shadow(key, msgspec.json.encode(kept | fresh).decode(), aggregate_id=str(row["aggregate_id"]))

    def keep_shadow(self, key: Key, text: str | None, *, aggregate_id: str) -> None:
        """Write a shadow as it is given."""
        self.cursor.execute(_KEEP_SHADOW, (*key, aggregate_id, text))
        if self._shadows is not None:
            self._shadows.add(key)

    def set_shadow(self, key: Key, row: Row | None) -> None:
        """Change the server's row of a key that has a shadow."""
        self.cursor.execute("UPDATE shadow SET server_row = ? WHERE entity = ? AND row_id = ?", (whole(row), *key))

    def drop_shadow(self, key: Key) -> None:
        """Forget the shadow of a key; the visible row stays what it is."""
        self.cursor.execute("DELETE FROM shadow WHERE entity = ? AND row_id = ?", key)
        if self._shadows is not None:
            self._shadows.discard(key)

    def hide(self, key: Key) -> None:
        """Take the visible row away and keep the server's whole beneath."""
        visible = self.get(*key)
        if visible is None:
            return
        server = self.shadow(key) if key in self.shadows else visible
        self.keep_shadow(key, whole(server), aggregate_id=str(visible["aggregate_id"]))
        self.put(key, None)
