"""One local change: rows, outbox, shadows and touched ids in one commit.

Every change becomes a mutation, and the server's own policy decides what it does to the rows. What the policy refuses
raises, and the caller's transaction rolls back whole.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from cmms_desktop.errors import Bug, Refused
from cmms_desktop.replica.actors import Actors
from cmms_desktop.replica.rebase import RecordingRows, keep_touches, touches_of
from cmms_desktop.replica.rows import RowStore
from cmms_desktop.replica.sealing import SEAL_BYTES
from cmms_desktop.replica.sync_state import SyncState
from sync_server.contract.codec import InvalidValueError, checked, same
from sync_server.contract.column_types import instant_text
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import EntitySpec, Row, Scalar
from sync_server.contract.messages import (
    MAX_GROUP_BYTES,
    MAX_GROUP_MUTATIONS,
    Base,
    Clock,
    Mutation,
    Signer,
)
from sync_server.contract.rules.draft import Actor, Key, level_id
from sync_server.contract.rules.policy import Outcome, decide
from sync_server.contract.version import MUTATION

Value = Scalar | datetime | date | Decimal
"""What commands hand in; instants, dates and decimals are brought into wire form."""

TOO_LARGE = "This step is too large to be saved at once. Save it in smaller parts."
ENCODER = msgspec.json.Encoder()

_INSERT_MUTATION = (
    "INSERT INTO outbox (mutation_id, group_id, type, entity, row_id, aggregate_id, state, body, made_at)"
    " VALUES (?, ?, ?, ?, ?, ?, 'pending', ?, ?)"
)


def to_wire(value: Value) -> Scalar:
    """Bring a Python value into wire form."""
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def require_accepted(outcome: Outcome) -> None:
    """Raise Refused for what a person can be told at once; a technician's request to the office is none of that."""
    if outcome.problem is not None:
        raise Refused(outcome.problem.code, outcome.problem.sentence)
    kinds = {conflict["kind"] for conflict in outcome.conflicts}
    if "status" in kinds:
        raise Refused("illegal_transition", "The order cannot change to that state now.")
    if "deleted" in kinds:
        raise Refused("not_found", "This record was deleted. It has to be restored first.")


class LocalWrite:
    """An open write. Mutations made with it form one group, unless `group()` starts another."""

    def __init__(self, store: RowStore, state: SyncState, *, now: str, new_id: Any) -> None:
        if not state.person_id or not state.device_id:
            raise Bug("Something was to be written before anybody had signed in.")
        self._store = store
        self._state = state
        self._actors = Actors(store, state)
        self._now = now
        self._new_id = new_id
        self._group: str | None = None
        self._group_size = (0, 0)
        self._count_made = 0
        self._hidden: frozenset[str] | None = None

    @property
    def touched(self) -> frozenset[Key]:
        """Entity and id of every row written so far."""
        return frozenset(self._store.touched)

    @property
    def actor(self) -> Actor:
        """Whose replica this is, with his roles."""
        return self._actors.get(self._state.person_id)

    def actor_of(self, person_id: str) -> Actor:
        """Somebody else who is known here, such as the supervisor who signs on this installation."""
        return self._actors.get(person_id)

    @property
    def device_id(self) -> str:
        """The device whose mutations these are."""
        return self._state.device_id

    @property
    def offset_ms(self) -> int | None:
        """Server clock minus device clock, as last measured; None: never."""
        return self._state.offset_ms

    @property
    def count(self) -> int:
        """Mutations made so far."""
        return self._count_made

    @property
    def now(self) -> str:
        """Instant of this write by the device's clock, in wire form."""
        return self._now

    @property
    def cursor(self) -> Any:
        """For reading with SQL inside the write. Synced rows are written through the methods here only."""
        return self._store.cursor

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give a visible row in wire form, with what this write did to it. Tombstones and strangers: None."""
        row = self._store.get(entity, row_id)
        return None if row is None or row["deleted_at"] is not None else row

    def group(self) -> str:
        """Start another group: what follows is accepted or refused apart from what came before."""
        self._group, self._group_size = self._new_id(), (0, 0)
        return self._group

    def create(
        self,
        entity: str,
        values: Mapping[str, Value],
        *,
        aggregate_id: str | None = None,
        id: str | None = None,  # noqa: A002 - the column's name
        signer: Signer | None = None,
        depends: Iterable[str] = (),
        blobs: Iterable[str] = (),
    ) -> str:
        """Make a row and give its id.

        Args:
            aggregate_id: Root that it belongs to; found through the values' references when left out.
            signer: Another person whose device signed it; he counts as the author.
            depends: Mutations without which this one makes no sense.
            blobs: SHA-256 of files that it names.

        Raises:
            Refused: a rule said no.
        """
        spec = REGISTRY[entity]
        row_id = id or self._new_id()
        wire = {name: to_wire(value) for name, value in values.items()}
        pairs = {name: (None, value) for name, value in self._checked(spec, wire).items() if value is not None}
        root_id = aggregate_id or self._aggregate_of(spec, row_id, wire)
        self._mutate(
            f"{entity}.create",
            spec,
            row_id,
            aggregate_id=root_id,
            pairs=pairs,
            signer=signer,
            depends=depends,
            blobs=blobs,
        )
        return row_id

    def set(
        self,
        entity: str,
        row_id: str,
        /,
        *,
        signer: Signer | None = None,
        depends: Iterable[str] = (),
        blobs: Iterable[str] = (),
        **fields: Value,
    ) -> None:
        """Change fields of a row; does nothing when they all have these values already.

        Raises:
            Refused: a rule said no, or there is no such row.
        """
        spec = REGISTRY[entity]
        row = self._existing(entity, row_id)
        wire = self._checked(spec, {name: to_wire(value) for name, value in fields.items()})
        pairs = {name: (row[name], value) for name, value in wire.items()}
        if all(same(spec.by_name[name], old, new) for name, (old, new) in pairs.items()):
            return
        self._mutate(
            f"{entity}.set",
            spec,
            row_id,
            aggregate_id=str(row["aggregate_id"]),
            pairs=pairs,
            signer=signer,
            depends=depends,
            blobs=blobs,
        )

    def delete(self, entity: str, row_id: str) -> None:
        """Delete a row.

        Raises:
            Refused: a rule said no, or there is no such row.
        """
        row = self._existing(entity, row_id)
        self._mutate(f"{entity}.delete", REGISTRY[entity], row_id, aggregate_id=str(row["aggregate_id"]), pairs={})

    def mutate(
        self,
        type: str,  # noqa: A002 - the field's name on the wire
        *,
        entity: str,
        id: str,  # noqa: A002 - the column's name
        set: Mapping[str, tuple[Value, Value]],  # noqa: A002 - the field's name on the wire
        signer: Signer | None = None,
        depends: Iterable[str] = (),
        blobs: Iterable[str] = (),
    ) -> None:
        """Make a mutation of a type of its own, such as `checklist.answer_all` or `conflict.resolve`.

        Args:
            set: Name (a field, or an item's id) → old and new value.

        Raises:
            Refused: a rule said no, or there is no such row.
        """
        row = self._existing(entity, id)
        pairs = {name: (to_wire(old), to_wire(new)) for name, (old, new) in set.items()}
        self._mutate(
            type,
            REGISTRY[entity],
            id,
            aggregate_id=str(row["aggregate_id"]),
            pairs=pairs,
            signer=signer,
            depends=depends,
            blobs=blobs,
        )

    def add_blob(self, sha256: str, *, media_type: str, size_bytes: int) -> None:
        """Queue a file for sending; its bytes must lie, synced and renamed, in the blob folder already."""
        self.cursor.execute(
            "INSERT INTO blob (sha256, media_type, size_bytes, state, made_at) VALUES (?, ?, ?, 'to_send', ?)"
            " ON CONFLICT DO NOTHING",
            (sha256, media_type, size_bytes, self._now),
        )

    def _checked(self, spec: EntitySpec, values: Row) -> Row:
        if unknown := values.keys() - spec.by_name.keys():
            raise Bug(f"{spec.name} has no column {', '.join(sorted(unknown))}.")
        try:
            return {name: checked(spec.by_name[name], value) for name, value in values.items()}
        except InvalidValueError as error:
            raise Refused("invalid_value", f"{error}.") from error

    def _existing(self, entity: str, row_id: str) -> Row:
        row = self.get(entity, row_id)
        if row is None:
            raise Refused("not_found", "This record is not on this device, or it was deleted.")
        return row

    def _aggregate_of(self, spec: EntitySpec, row_id: str, values: Row) -> str:
        """Find the root of a new row: itself, a root that it names, or the root of a row that it names."""
        if spec.is_root:
            return row_id
        for column in spec.columns:
            value = values.get(column.name)
            if column.references in spec.aggregates and isinstance(value, str):
                return value
            if column.references and isinstance(value, str) and self._shares_root(spec, column.references):
                return str(self._existing(column.references, value)["aggregate_id"])
        if spec.name == "stock_movement":
            return level_id(str(values["stock_location_id"]), str(values["part_id"]))
        raise Bug(f"A new {spec.name} does not say which record it belongs to.")

    @staticmethod
    def _shares_root(spec: EntitySpec, entity: str) -> bool:
        return bool(set(REGISTRY[entity].aggregates) & {*spec.aggregates})

    def _mutate(
        self,
        type_: str,
        spec: EntitySpec,
        row_id: str,
        *,
        aggregate_id: str,
        pairs: Mapping[str, tuple[Scalar, Scalar]],
        signer: Signer | None = None,
        depends: Iterable[str] = (),
        blobs: Iterable[str] = (),
    ) -> None:
        mutation_id = self._new_id()
        self._group = self._group or mutation_id
        row = self._store.get(spec.name, row_id)
        mutation = Mutation(
            mutation_id=mutation_id,
            device=self._state.device_id,
            user=self._state.person_id,
            signer=signer,
            group=self._group,
            type=type_,
            v=MUTATION,
            aggregate_id=aggregate_id,
            entity=spec.name,
            id=row_id,
            base=Base(
                epoch=self._state.epoch,
                version=0 if row is None else int(row["version"] or 0),
                seq=self._state.pulled_seq,
            ),
            set=dict(pairs),
            depends=tuple(depends),
            at=Clock(device=self._now, offset_ms=self._state.offset_ms),
            blobs=tuple(blobs),
        )
        self._carry_out(mutation)

    def _carry_out(self, mutation: Mutation) -> None:
        rows = RecordingRows(self._store)
        actor = self._actors.get(mutation.signer.user if mutation.signer else mutation.user)
        outcome = decide(mutation, rows, actor=actor, at=self._now)
        require_accepted(outcome)
        body = ENCODER.encode(mutation)
        self._count(len(body) + SEAL_BYTES)
        aggregate_ids = {
            key: str((row or {}).get("aggregate_id", mutation.aggregate_id)) for key, row in rows.asked.items()
        }
        aggregate_ids |= {key: str(row["aggregate_id"]) for key, row in outcome.changes.items()}
        self._write_rows(outcome, aggregate_ids)
        n = self._write_mutation(mutation, body)
        keep_touches(self.cursor, n, touches_of(rows.asked, outcome), aggregate_ids=aggregate_ids)

    def _count(self, size_bytes: int) -> None:
        count, total = self._group_size
        self._count_made += 1
        self._group_size = (count + 1, total + size_bytes)
        if count + 1 > MAX_GROUP_MUTATIONS or total + size_bytes > MAX_GROUP_BYTES:
            raise Refused("too_large", TOO_LARGE)

    def _write_rows(self, outcome: Outcome, aggregate_ids: dict[Key, str]) -> None:
        if self._hidden is None:
            lines = self.cursor.execute("SELECT aggregate_id FROM hidden_aggregate").fetchall()
            self._hidden = frozenset(aggregate_id for (aggregate_id,) in lines)
        for key, row in outcome.changes.items():
            if aggregate_ids[key] in self._hidden:
                raise Refused("not_found", "This record left this device. What you entered before is being sent.")
            self._store.keep_shadow(key, self._store.get(*key), aggregate_id=aggregate_ids[key])
            self._store.put(key, row)

    def _write_mutation(self, mutation: Mutation, body: bytes) -> int:
        self.cursor.execute(
            _INSERT_MUTATION,
            (
                mutation.mutation_id,
                mutation.group,
                mutation.type,
                mutation.entity,
                mutation.id,
                mutation.aggregate_id,
                body.decode(),
                self._now,
            ),
        )
        return int(self.cursor.lastrowid)
