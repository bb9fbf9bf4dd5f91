"""One local change: rows, outbox, shadows and touched ids in one commit.

Every change becomes a mutation, and the server's own policy decides what it does to the rows. What the policy refuses
raises, and the caller's transaction rolls back whole.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from cmms_desktop.errors import Bug, Refused
from cmms_desktop.replica.actors import Actors
from cmms_desktop.replica.drafting import Value, aggregate_of, checked_values, existing, require_accepted, to_wire
from cmms_desktop.replica.rebase import RecordingRows
from cmms_desktop.replica.rows import RowStore
from cmms_desktop.replica.sealing import SEAL_BYTES
from cmms_desktop.replica.sync_state import SyncState, load
from cmms_desktop.replica.touches import Touches, touches_of, touches_text
from sync_server.contract.codec import same
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.messages import MAX_GROUP_BYTES, MAX_GROUP_MUTATIONS, Base, Clock, Mutation, Signer
from sync_server.contract.rules.draft import Actor, Key
from sync_server.contract.rules.policy import decide
from sync_server.contract.version import MUTATION

TOO_LARGE: Final = "This step is too large to be saved at once. Save it in smaller parts."
_ENCODER: Final = msgspec.json.Encoder()
_INSERT: Final = (
    "INSERT INTO outbox (n, mutation_id, group_id, type, entity, row_id, aggregate_id, state, body, made_at, touches)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?)"
)


def let_wait(
    cursor: Any,
    mutation: Mutation,
    touches: Touches,
    *,
    made_at: str,
    body: bytes | None = None,
    n: int | None = None,
) -> int:
    """Put a mutation into the outbox, at a free place `n` or behind all others; give the place.

    `body`: the mutation as bytes, for who has them.
    """
    line = (
        n,
        mutation.mutation_id,
        mutation.group,
        mutation.type,
        mutation.entity,
        mutation.id,
        mutation.aggregate_id,
        (body or _ENCODER.encode(mutation)).decode(),
        made_at,
        touches_text(touches),
    )
    cursor.execute(_INSERT, line)
    return int(cursor.lastrowid)


@dataclass(slots=True)
class Background:
    """What every write needs to know and few commits change."""

    state: SyncState
    hidden: frozenset[str]
    """Ids of hidden aggregates: nothing of theirs is written."""
    actors: dict[str, Actor] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Any) -> "Background":
        """Read it."""
        lines = cursor.execute("SELECT aggregate_id FROM hidden_aggregate").fetchall()
        return cls(load(cursor), frozenset(line[0] for line in lines))


@dataclass(frozen=True, slots=True)
class Extra:
    """What goes along with a mutation beside its values."""

    signer: Signer | None = None
    depends: tuple[str, ...] = ()
    blobs: tuple[str, ...] = ()


class LocalWrite:
    """An open write. Mutations made with it form one group, unless `group()` starts another."""

    def __init__(self, store: RowStore, background: Background, *, now: str, new_id: Callable[[], str]) -> None:
        if not background.state.person_id or not background.state.device_id:
            raise Bug("Something was to be written before anybody had signed in.")
        self._store = store
        self._background = background
        self._state = background.state
        self._actors = Actors(store, background.state, known=background.actors)
        self._new_id = new_id
        self._group: str | None = None
        self._group_size = (0, 0)
        self.now = now
        """Instant of this write by the device's clock, in wire form."""
        self.made: list[int] = []
        """Places in the outbox of the mutations made so far."""

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
        wire = checked_values(spec, {name: value for name, value in values.items() if value is not None})
        root_id = aggregate_id or aggregate_of(self._store, spec, row_id, wire)
        pairs: dict[str, tuple[Scalar, Scalar]] = {name: (None, value) for name, value in wire.items()}
        extra = Extra(signer, tuple(depends), tuple(blobs))
        self._mutate(f"{entity}.create", entity, row_id, aggregate_id=root_id, pairs=pairs, extra=extra)
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
        row = existing(self._store, entity, row_id)
        pairs = {name: (row[name], value) for name, value in checked_values(spec, fields).items()}
        if not all(same(spec.by_name[name], old, new) for name, (old, new) in pairs.items()):
            root_id = str(row["aggregate_id"])
            extra = Extra(signer, tuple(depends), tuple(blobs))
            self._mutate(f"{entity}.set", entity, row_id, aggregate_id=root_id, pairs=pairs, extra=extra)

    def delete(self, entity: str, row_id: str) -> None:
        """Delete a row.

        Raises:
            Refused: a rule said no, or there is no such row.
        """
        root_id = str(existing(self._store, entity, row_id)["aggregate_id"])
        self._mutate(f"{entity}.delete", entity, row_id, aggregate_id=root_id, pairs={}, extra=Extra())

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
        root_id = str(existing(self._store, entity, id)["aggregate_id"])
        pairs = {name: (to_wire(old), to_wire(new)) for name, (old, new) in set.items()}
        extra = Extra(signer, tuple(depends), tuple(blobs))
        self._mutate(type, entity, id, aggregate_id=root_id, pairs=pairs, extra=extra)

    def add_blob(self, sha256: str, *, media_type: str, size_bytes: int) -> None:
        """Queue a file for sending; its bytes must lie, synced and renamed, in the blob folder already.

        One that came from the server is sent all the same: it counts for its author only when he has sent it.
        """
        self.cursor.execute(
            "INSERT INTO blob (sha256, media_type, size_bytes, state, made_at) VALUES (?, ?, ?, 'to_send', ?)"
            " ON CONFLICT (sha256) DO UPDATE SET state = 'to_send' WHERE state NOT IN ('to_send', 'sent')",
            (sha256, media_type, size_bytes, self.now),
        )

    def _mutate(
        self,
        type_: str,
        entity: str,
        row_id: str,
        *,
        aggregate_id: str,
        pairs: dict[str, tuple[Scalar, Scalar]],
        extra: Extra,
    ) -> None:
        mutation_id = self._new_id()
        self._group = self._group or mutation_id
        state = self._state
        row = self._store.get(entity, row_id)
        version = 0 if row is None else int(row["version"] or 0)
        mutation = Mutation(
            mutation_id=mutation_id,
            device=state.device_id,
            user=state.person_id,
            signer=extra.signer,
            group=self._group,
            type=type_,
            v=MUTATION,
            aggregate_id=aggregate_id,
            entity=entity,
            id=row_id,
            base=Base(epoch=state.epoch, version=version, seq=state.pulled_seq),
            set=pairs,
            depends=extra.depends,
            at=Clock(device=self.now, offset_ms=state.offset_ms),
            blobs=extra.blobs,
        )
        self._carry_out(mutation)

    def _carry_out(self, mutation: Mutation) -> None:
        rows = RecordingRows(self._store)
        actor = self._actors.get(mutation.signer.user if mutation.signer else mutation.user)
        outcome = decide(mutation, rows, actor=actor, at=self.now)
        require_accepted(outcome)
        body = _ENCODER.encode(mutation)
        self._make_room(len(body) + SEAL_BYTES)
        for key, row in outcome.changes.items():
            if row["aggregate_id"] in self._background.hidden:
                raise Refused("not_found", "This record left this device. What you entered before is being sent.")
            self._store.put_over(key, row)
        self._write_mutation(mutation, body, touches_of(mutation, rows.asked, outcome))

    def _write_mutation(self, mutation: Mutation, body: bytes, touches: Touches) -> None:
        self.made.append(let_wait(self.cursor, mutation, touches, made_at=self.now, body=body))

    def _make_room(self, size_bytes: int) -> None:
        count, total = self._group_size
        self._group_size = (count + 1, total + size_bytes)
        if count + 1 > MAX_GROUP_MUTATIONS or total + size_bytes > MAX_GROUP_BYTES:
            raise Refused("too_large", TOO_LARGE)
