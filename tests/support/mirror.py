"""What a device holds after pulls, kept by the rules of contract/README.md and nothing else: an oracle for pull."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import Any

from sync_server.contract.entities import AGGREGATES
from tests.support.scope_oracle import share_of

Line = list[Any]


@dataclass(slots=True)
class Mirror:
    """Rows by entity and id, and which scope holds which aggregates."""

    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    members: dict[str, dict[str, str]] = field(default_factory=dict)
    cursor: str | None = None
    epoch: str = ""
    seq: int = 0
    nonce: int = 0
    offered: tuple[str, ...] = ()
    digests: dict[str, tuple[int, int]] = field(default_factory=dict)

    def apply(self, lines: list[Line]) -> None:
        """Take a whole pull: scopes lost, leaves, joins, rows, end."""
        end = lines[-1]
        assert end[0] == "end"
        self._apply_lines(lines)
        said = end[1]
        self.cursor, self.seq, self.nonce = said["cursor"], said["seq"], said["nonce"]
        self.offered = tuple(said["bootstrap"])
        self.digests = {scope: (digest, count) for scope, (digest, count) in said["digests"].items()}

    def apply_slice(self, lines: list[Line]) -> None:
        """Take a slice of a bootstrap; the last one brings the cursor."""
        said = lines[-1][1]
        self.members.setdefault(said["scope"], {})
        self._apply_lines(lines)
        if said["cursor"] is not None:
            self.cursor = said["cursor"]

    def _apply_lines(self, lines: list[Line]) -> None:
        kind, header = lines[0]
        assert kind == "header"
        self.epoch = header["epoch"]
        seen: set[tuple[str, str]] = set()
        for line in lines[1:-1]:
            if line[0] == "scope-":
                for aggregate_id in list(self.members.pop(line[1], {})):
                    self._drop_unheld(aggregate_id)
            elif line[0] == "leave":
                for aggregate_id, _ in line[2]:
                    self.members[line[1]].pop(aggregate_id, None)
                    self._drop_unheld(aggregate_id)
            elif line[0] == "join":
                _, scope, type_, ids = line
                self.members.setdefault(scope, {}).update(dict.fromkeys(ids, type_))
                self._drop(set(ids))
            else:
                self._take_rows(line, header["types"][line[1]], seen)

    def _take_rows(self, line: Line, names: list[str], seen: set[tuple[str, str]]) -> None:
        _, entity, arrays = line
        for values in arrays:
            row = dict(zip(names, values, strict=True))
            key = (entity, str(row["id"]))
            assert key not in seen, f"{key} was sent twice in one answer"
            seen.add(key)
            holders = [scope for scope, held in self.members.items() if row["aggregate_id"] in held]
            assert holders, f"{key} came without a scope that holds it"
            if row["deleted_at"] is None:
                self.rows[key] = row
            else:
                self.rows.pop(key, None)

    def _drop_unheld(self, aggregate_id: str) -> None:
        if not any(aggregate_id in held for held in self.members.values()):
            self._drop({aggregate_id})

    def _drop(self, aggregate_ids: set[str]) -> None:
        for key in [key for key, row in self.rows.items() if row["aggregate_id"] in aggregate_ids]:
            del self.rows[key]

    def digest(self, scope: str) -> tuple[int, int]:
        """Digest and count of a scope, computed from the rows that are held here."""
        held = self.members.get(scope, {})
        hashes: dict[str, int] = dict.fromkeys(held, 0)
        for (entity, _), row in self.rows.items():
            root = held.get(str(row["aggregate_id"]))
            if root is not None and entity in AGGREGATES[root]:
                hashes[str(row["aggregate_id"])] ^= row["row_hash"]
        return reduce(xor, (share_of(id_, digest) for id_, digest in hashes.items()), 0), len(held)

    def assert_digests(self) -> None:
        """What the last pull said of every scope is what is held."""
        assert set(self.digests) == set(self.members)
        assert {scope: self.digest(scope) for scope in self.members} == self.digests

    def of(self, entity: str) -> dict[str, dict[str, Any]]:
        return {row_id: row for (name, row_id), row in self.rows.items() if name == entity}


def kinds(lines: Iterable[Line]) -> list[str]:
    """The first elements of lines."""
    return [line[0] for line in lines]
