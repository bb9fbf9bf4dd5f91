"""A server in memory, for tests of the replica alone: one organization, the real policy, scopes, commits and lines.

It orders commits, keeps membership, answers pushes exactly once and writes pull and bootstrap answers in the wire's
lines. It checks no rights and no signatures: tests of those run against the real server.
"""

import hashlib
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import Any

import msgspec

from sync_server.contract import codec
from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import Mutation, Verdict
from sync_server.contract.rules.draft import Actor, Key
from sync_server.contract.rules.policy import decide
from sync_server.contract.rules.upcasting import upcast
from sync_server.storage.scope_index import share

OFFICE = Actor("00000000-0000-7000-8000-0000000000ff", "admin")
AT = "2026-03-02T08:00:00.000000Z"


@dataclass
class Line:
    """An aggregate in a scope: since when, changed when, and whether it still is."""

    type: str
    join_seq: int
    seq: int
    live: bool = True


@dataclass
class FakeServer:
    """`refuse` and `hold` name mutations (by type) that get that verdict instead of being applied."""

    epoch: str = "00000000-0000-7000-8000-00000000e001"
    seq: int = 0
    rows: dict[Key, Row] = field(default_factory=dict)
    scopes: dict[str, dict[str, Line]] = field(default_factory=dict)
    allowed: list[str] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    header_rows: int = 1
    """ROWS version that it says it speaks; its rows are those of today all the same."""
    newer: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Entities that no program of today knows, with their columns; they lie in aggregates of any type."""
    refuse: set[str] = field(default_factory=set)
    hold: set[str] = field(default_factory=set)
    actors: dict[str, Actor] = field(default_factory=dict)
    commits: dict[int, int] = field(default_factory=dict)

    def get(self, entity: str, row_id: str) -> Row | None:
        return self.rows.get((entity, row_id))

    # ---- writing

    def commit(self, changes: dict[Key, Row]) -> int:
        """Write whole rows as one commit and give its seq; rows without a scope of theirs reach nobody."""
        self.seq += 1
        nonce = self.commits[self.seq] = self.seq * 7919
        for (entity, row_id), row in changes.items():
            before = self.rows.get((entity, row_id))
            version = 1 if before is None else int(before["version"] or 0) + 1
            digest = hashlib.blake2b(f"{entity}{row_id}{nonce}".encode(), digest_size=8).digest()
            stamped = {"version": version, "sync_seq": self.seq, "row_hash": int.from_bytes(digest, signed=True)}
            self.rows[entity, row_id] = {**row, **stamped}
            for lines in self.scopes.values():
                if (line := lines.get(str(row["aggregate_id"]))) is not None and line.live:
                    line.seq = self.seq
        return self.seq

    def change(self, entity: str, row_id: str, **values: Scalar) -> int:
        """The office changes a row."""
        return self.commit({(entity, row_id): {**self.rows[entity, row_id], "updated_at": AT, **values}})

    def join(self, scope: str, aggregate_id: str, type_: str) -> None:
        """Put an aggregate into a scope, as a commit of its own."""
        self.seq += 1
        self.commits[self.seq] = self.seq * 7919
        self.scopes.setdefault(scope, {})[aggregate_id] = Line(type_, self.seq, self.seq)

    def leave(self, scope: str, aggregate_id: str) -> None:
        """Take an aggregate out of a scope, as a commit of its own."""
        self.seq += 1
        self.commits[self.seq] = self.seq * 7919
        line = self.scopes[scope][aggregate_id]
        line.live, line.seq = False, self.seq

    def push(self, sealed: Iterable[bytes]) -> list[Verdict]:
        """Apply groups, each in a commit of its own; a mutation met before gets its first answer."""
        mutations = [upcast(msgspec.json.decode(each, type=Mutation)) for each in sealed]
        answers: list[Verdict] = []
        for _, members in itertools.groupby(mutations, key=lambda mutation: mutation.group):
            group = list(members)
            if group[0].mutation_id not in self.verdicts:
                self._apply(group)
            answers += [self.verdicts[mutation.mutation_id] for mutation in group]
        return answers

    def _apply(self, group: Sequence[Mutation]) -> None:
        overlay = _Overlay(self.rows)
        verdicts: list[Verdict] = []
        for mutation in group:
            verdict = self._decide(mutation, overlay)
            verdicts.append(verdict)
            if verdict.status in {"rejected", "held"}:
                verdicts = [_stopped(each, verdict) for each in group]
                overlay = _Overlay(self.rows)
                break
        seq = self.commit(overlay.changes)
        self._join_new(overlay.changes, group[0].user)
        for verdict in verdicts:
            self.verdicts[verdict.mutation_id] = msgspec.structs.replace(verdict, commit_seq=seq)

    def _decide(self, mutation: Mutation, overlay: "_Overlay") -> Verdict:
        if mutation.type in self.refuse:
            return Verdict(mutation_id=mutation.mutation_id, status="rejected", code="not_allowed", reason="Not now.")
        if mutation.type in self.hold:
            return Verdict(mutation_id=mutation.mutation_id, status="held", reason="access_lost")
        person = mutation.signer.user if mutation.signer else mutation.user
        actor = self.actors.get(person, Actor(person, "technician"))
        outcome = decide(mutation, overlay, actor=actor, at=mutation.at.device)
        if outcome.problem is not None:
            code, reason = outcome.problem.code, outcome.problem.sentence
            return Verdict(mutation_id=mutation.mutation_id, status="rejected", code=code, reason=reason)
        overlay.changes.update(outcome.changes)
        overlay.changes.update({("conflict", str(row["id"])): row for row in outcome.conflicts})
        conflicts = tuple(str(row["id"]) for row in outcome.to_settle)
        return Verdict(mutation_id=mutation.mutation_id, status=outcome.status, conflicts=conflicts)

    def _join_new(self, changes: dict[Key, Row], person_id: str) -> None:
        """What a person makes he may see, in his own scope."""
        known = {aggregate for lines in self.scopes.values() for aggregate in lines}
        for entity, row_id in changes:
            if REGISTRY[entity].is_root and row_id not in known:
                self.scopes.setdefault(f"user:{person_id}", {})[row_id] = Line(entity, self.seq, self.seq)

    # ---- reading

    def pull(self, cursor: str | None) -> list[list[Any]]:
        """The lines of a pull, decoded."""
        held = {} if cursor is None else json.loads(cursor)["scopes"]
        lost = [scope for scope in held if scope not in self.allowed]
        held = {scope: entry for scope, entry in held.items() if scope in self.allowed}
        lines: list[list[Any]] = [self._header()]
        lines += [[codec.SCOPE_LOST, scope, "access_lost"] for scope in lost]
        lines += self._changes(held)
        end = {
            "cursor": json.dumps({"scopes": dict.fromkeys(held, self.seq), "epoch": self.epoch, "top": self.seq}),
            "seq": self.seq,
            "nonce": self.commits.get(self.seq, 0),
            "digests": {scope: self.digest(scope) for scope in held},
            "bootstrap": [scope for scope in self.allowed if scope not in held],
            "more": False,
        }
        return over_the_wire([*lines, [codec.END, end]])

    def digest(self, scope: str) -> tuple[int, int]:
        """Digest and count of a scope, as the server's own code computes them from its rows."""
        digests = {each: 0 for each, line in self.scopes.get(scope, {}).items() if line.live}
        for row in self.rows.values():
            if row["aggregate_id"] in digests and row["deleted_at"] is None:
                digests[str(row["aggregate_id"])] ^= int(row["row_hash"] or 0)
        return reduce(xor, (share(*each) for each in digests.items()), 0), len(digests)

    def verify(self, scope: str, here: dict[str, int]) -> list[list[Any]]:
        """The lines of what differs from what a device holds of a scope."""
        live = {each: line.type for each, line in self.scopes.get(scope, {}).items() if line.live}
        lines: list[list[Any]] = [self._header()]
        lines += [[codec.LEAVE, scope, [[each, "left"]]] for each in here if each not in live]
        for aggregate_id, type_ in live.items():
            rows = [row for row in self.rows.values() if row["aggregate_id"] == aggregate_id]
            digest = reduce(xor, (int(row["row_hash"] or 0) for row in rows if row["deleted_at"] is None), 0)
            if here.get(aggregate_id) != digest:
                lines += [[codec.JOIN, scope, type_, [aggregate_id]], *self._rows(aggregate_id, type_, 0)]
        end = {"scope": scope, "seq": self.seq, "nonce": self.commits.get(self.seq, 0), "digest": self.digest(scope)}
        return over_the_wire([*lines, [codec.END, end]])

    def _header(self) -> list[Any]:
        types = {entity: list(names) for entity, names in self._names().items()}
        return [codec.HEADER, {"protocol": 1, "rows": self.header_rows, "epoch": self.epoch, "types": types}]

    def _names(self) -> dict[str, tuple[str, ...]]:
        return {entity: spec.names for entity, spec in REGISTRY.items()} | self.newer

    def _changes(self, held: dict[str, int]) -> list[list[Any]]:
        leaves, joins, due = [], [], dict[str, tuple[str, int]]()
        for scope, entry in held.items():
            for aggregate_id, line in self.scopes.get(scope, {}).items():
                if line.seq <= entry:
                    continue
                if not line.live:
                    leaves.append([codec.LEAVE, scope, [[aggregate_id, "left"]]])
                    continue
                since = 0 if line.join_seq > entry else entry
                if since == 0:
                    joins.append([codec.JOIN, scope, line.type, [aggregate_id]])
                due[aggregate_id] = (line.type, min(since, due.get(aggregate_id, ("", since))[1]))
        rows = [line for aggregate_id, (type_, since) in due.items() for line in self._rows(aggregate_id, type_, since)]
        return [*leaves, *joins, *rows]

    def _rows(self, aggregate_id: str, type_: str, since: int) -> list[list[Any]]:
        """Every live row for 0, else rows and tombstones written after `since`."""
        lines = []
        for entity in (*AGGREGATES.get(type_, ()), *self.newer):
            found = [row for key, row in self.rows.items() if key[0] == entity and row["aggregate_id"] == aggregate_id]
            due = [
                row for row in found if (row["deleted_at"] is None if since == 0 else int(row["sync_seq"] or 0) > since)
            ]
            if due:
                lines.append([codec.ROWS, entity, [[row[name] for name in self._names()[entity]] for row in due]])
        return lines

    def bootstrap(self, scope: str, token: str | None, cursor: str | None, *, limit: int = 2) -> list[list[Any]]:
        """The lines of one slice of a scope."""
        upto, after = json.loads(token) if token else (self.seq, "")
        live = sorted(each for each, line in self.scopes.get(scope, {}).items() if line.live and each > after)
        lines: list[list[Any]] = [self._header()]
        for aggregate_id in live[:limit]:
            type_ = self.scopes[scope][aggregate_id].type
            lines.append([codec.JOIN, scope, type_, [aggregate_id]])
            lines += self._rows(aggregate_id, type_, 0)
        end: dict[str, Any] = {"scope": scope, "seq": upto, "nonce": self.commits.get(upto, 0)}
        if len(live) > limit:
            end |= {"token": json.dumps([upto, live[limit - 1]]), "cursor": None}
        else:
            old = {} if cursor is None else json.loads(cursor)["scopes"]
            end |= {
                "token": None,
                "cursor": json.dumps({"scopes": {**old, scope: upto}, "epoch": self.epoch, "top": upto}),
            }
        return over_the_wire([*lines, [codec.END, end]])


@dataclass
class _Overlay:
    """Rows with the changes of one group over them."""

    rows: dict[Key, Row]
    changes: dict[Key, Row] = field(default_factory=dict)

    def get(self, entity: str, row_id: str) -> Row | None:
        return self.changes.get((entity, row_id), self.rows.get((entity, row_id)))


def _stopped(mutation: Mutation, cause: Verdict) -> Verdict:
    if mutation.mutation_id == cause.mutation_id or cause.status == "held":
        return msgspec.structs.replace(cause, mutation_id=mutation.mutation_id)
    return Verdict(mutation_id=mutation.mutation_id, status="rejected", code="group_refused", reason="Another one was.")


def over_the_wire(lines: list[list[Any]]) -> list[list[Any]]:
    """Encode and decode, so that nothing is shared and everything is JSON."""
    decoded: list[list[Any]] = [msgspec.json.decode(codec.line(*line)) for line in lines]
    return decoded
