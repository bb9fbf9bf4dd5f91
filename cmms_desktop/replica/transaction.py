"""The replica as the rest of the program uses it: local writes, the server's word, reads.

One write is one commit of rows, outbox and sync state; whoever listens is told the touched ids after it. Nothing here
talks to a network.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection
from uuid_utils import uuid7

from cmms_desktop.errors import Refused
from cmms_desktop.replica import (
    arriving_blobs,
    content_sums,
    filling,
    integrity,
    lost_history,
    migrate,
    screen_notes,
    sync_state,
)
from cmms_desktop.replica.actors import ACTOR_ENTITIES, actor_of
from cmms_desktop.replica.apply import Applied, Healed, Line, apply_answer, apply_heal
from cmms_desktop.replica.arriving_blobs import WantedBlob
from cmms_desktop.replica.backlog import Backlog, backlog_of
from cmms_desktop.replica.bootstrap import ScopeFetch
from cmms_desktop.replica.database import ReplicaDatabase, ReplicaHandle
from cmms_desktop.replica.local_write import Background, LocalWrite
from cmms_desktop.replica.outbox import Outbox
from cmms_desktop.replica.rows import RowStore
from cmms_desktop.replica.sealing import SealedBatch, Sign
from cmms_desktop.replica.settlement import Settlement, select_in
from cmms_desktop.replica.staging import Staging, StagingFile
from cmms_desktop.replica.staging_in_place import StagingInPlace
from cmms_desktop.replica.sync_state import SyncState
from sync_server.contract.fields import Row
from sync_server.contract.messages import MAX_PUSH_MUTATIONS, FillRequest, Verdict
from sync_server.contract.rules.draft import Actor, Key
from sync_server.contract.version import MUTATION, ROWS

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
NewId = Callable[[], str]
Listener = Callable[[frozenset[Key]], None]
"""Called after a commit, in the thread that wrote, with entity and id of the rows that may have changed."""


def now_utc() -> datetime:
    """The device's clock."""
    return datetime.now(UTC)


def new_id() -> str:
    """A fresh UUIDv7."""
    return str(uuid7())


def _has_log(path: Path) -> bool:
    """Whether a store was left with a log that was not moved into its file: closing does that and removes it."""
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Reading:
    """A snapshot of the replica: rows by id in wire form, or queries over tables.SYNCED through the connection."""

    rows: RowStore
    connection: Connection
    cursor: Any

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give a visible row in wire form, tombstones too."""
        return self.rows.get(entity, row_id)


class Replica:
    """One person's local store. Threads may share it; writes queue up behind one another."""

    def __init__(self, database: ReplicaDatabase, *, clock: Clock = now_utc, ids: NewId = new_id) -> None:
        """Wrap a store whose schema is current; `open` does both."""
        self.database = database
        self._clock = clock
        self._ids = ids
        self._listeners: list[Listener] = []
        self._background: Background | None = None
        """Kept between local writes; whoever else writes drops it. Only the holder of the writer touches it."""
        self._state: tuple[int, SyncState] | None = None
        """As it was last read, and `changes` of the database just before."""
        self.was_killed = False
        """The program that had the store open before ended without closing it."""
        self._staging = StagingFile(database)
        self._staging_in_place = StagingInPlace(database)
        self.outbox = Outbox(database, settle=lambda: self._settle(database.writer()), new_id=ids)

    @classmethod
    def open(cls, path: Path, key: bytes, *, clock: Clock = now_utc, ids: NewId = new_id) -> "Replica":
        """Open the store at `path`, making or upgrading it first.

        Raises:
            ReplicaUnavailable: it cannot be opened safely, or a newer version of this program wrote it.
        """
        was_killed = _has_log(path)
        database = ReplicaDatabase.open(path, key)
        try:
            if was_killed:
                database.move_log()
            migrate.upgrade(database)
        except BaseException:
            database.close()
            raise
        replica = cls(database, clock=clock, ids=ids)
        replica.was_killed = was_killed
        return replica

    def close(self) -> None:
        """Close the store; a second call does nothing."""
        self.database.close()

    def __enter__(self) -> "Replica":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell a listener about every commit from now on; the answer ends that, and may be called twice."""
        self._listeners.append(listener)
        return partial(self._forget, listener)

    def _forget(self, listener: Listener) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)

    # ---- local edits and reads

    @contextmanager
    def write(self) -> Iterator[LocalWrite]:
        """Make local changes, all or none of them; leaving commits durably.

        Raises:
            Refused: a rule said no; nothing was changed.
        """
        with self.database.writer() as handle:
            store = RowStore(handle.cursor)
            background = self._background or Background.of(handle.cursor)
            sync_state.require_in_use(background.state)
            self._background = None
            yield LocalWrite(store, background, now=self.now(), new_id=self._ids)
            if not any(entity in ACTOR_ENTITIES for entity, _ in store.touched):
                self._background = background
        self._tell(store.touched)

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """Read one snapshot."""
        with self.database.reader() as handle:
            yield Reading(RowStore(handle.cursor), handle.connection, handle.cursor)

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give one visible row in wire form; None: there is none, or it is deleted."""
        with self.read() as reading:
            row = reading.get(entity, row_id)
        return None if row is None or row["deleted_at"] is not None else row

    def actor(self) -> Actor:
        """Whose replica this is, with his roles as the replica knows them."""
        with self.database.reader() as handle:
            state = sync_state.load(handle.cursor)
            return actor_of(RowStore(handle.cursor), state.person_id, state)

    def screen_notes(self) -> dict[str, str]:
        """Give what the screens remember, by name."""
        with self.database.reader() as handle:
            return screen_notes.load(handle.cursor)

    def keep_screen_notes(self, notes: Mapping[str, str | None]) -> None:
        """Remember some of it durably; None forgets. Nobody is told: no row has changed."""
        with self.database.writer() as handle:
            screen_notes.store(handle.cursor, notes)

    # ---- the conversation with the server

    def state(self) -> SyncState:
        """What the replica knows about its conversation with the server.

        It is read again only when somebody has written since: a cycle asks for it at every step.
        """
        self.database.require_running()
        changes = self.database.changes  # before the file is read: a commit on the way makes it be read again
        if self._state is None or self._state[0] != changes:
            with self.database.reader() as handle:
                self._state = changes, sync_state.load(handle.cursor)
        return self._state[1]

    def backlog(self) -> Backlog:
        """Count what waits to be sent or needs a person."""
        with self.database.reader() as handle:
            return backlog_of(handle.cursor)

    def note_arrival(self, blob: WantedBlob, *, is_usable: bool) -> None:
        """Remember that a file of others is here, or that what came for it cannot be used, and tell the listeners."""
        with self.database.writer() as handle:
            arriving_blobs.note(handle.cursor, blob, is_usable=is_usable, at=self.now())
        self.tell_of_blob(blob.sha256)

    def tell_of_blob(self, sha256: str) -> None:
        """Tell the listeners the attachments that name a file: it came, was sent or is gone. No row has changed."""
        with self.database.reader() as handle:
            keys = arriving_blobs.attachments_of(handle.cursor, sha256)
        self._tell(keys)

    def remember(self, **values: object) -> None:
        """Store named values of SyncState, such as `offset_ms` or `lease_nonce`."""
        with self.database.writer() as handle:
            self._background = None
            sync_state.store(handle.cursor, **values)

    def identify(self, *, organization_id: str, person_id: str, device_id: str, role: str) -> None:
        """Say whose replica this is, after signing in.

        Raises:
            Refused: it belongs to somebody else.
        """
        with self.database.writer() as handle:
            self._background = None
            state = sync_state.load(handle.cursor)
            if state.person_id and (state.organization_id, state.person_id) != (organization_id, person_id):
                raise Refused("not_allowed", "This local store belongs to somebody else.")
            sync_state.store(
                handle.cursor, organization_id=organization_id, person_id=person_id, device_id=device_id, role=role
            )

    def begin_again(self, fork: lost_history.Fork) -> int:
        """Take back what a restored server has lost; give how many changes have to be sent again."""
        with self._settle(self.database.writer()) as settling:
            return lost_history.begin_again(settling, fork)

    def checkpoints(self) -> tuple[sync_state.Checkpoint, ...]:
        """Commits that were pulled, newest first, at most 64."""
        with self.database.reader() as handle:
            return sync_state.checkpoints(handle.cursor)

    def apply_pull(self, lines: Iterable[Line], *, since: str | None) -> Applied:
        """Apply one answer to a pull in one commit.

        Args:
            lines: Decoded NDJSON lines.
            since: The cursor that was sent. An answer to another one than the stored is not applied.

        Raises:
            AnswerCutShort: the answer has no end.
            ContractMismatch: it cannot be understood, or answers another question.
        """
        with self._settle(self.database.writer()) as settling:
            applied = apply_answer(settling, lines, since=since)
        self._staging.discard_unless(applied.bootstrap)
        self._staging_in_place.discard_unless(applied.bootstrap)
        return applied

    def differing_scopes(self, told: Mapping[str, integrity.Digest]) -> tuple[str, ...]:
        """Give the scopes that are not what the server told of them."""
        with self.database.reader() as handle:
            return integrity.differing_scopes(handle.cursor, told)

    def digests_of(self, scope: str) -> dict[str, int]:
        """Give every aggregate of a scope with its digest."""
        with self.database.reader() as handle:
            return integrity.digests_of(handle.cursor, scope)

    def fill_sums(self) -> bool:
        """Compute some of the checksums that are lacking; tell whether there may be more."""
        with self.database.writer() as handle:
            if sync_state.load(handle.cursor).sums_of != content_sums.COVERED:
                content_sums.forget_all(handle.cursor)
                sync_state.store(handle.cursor, sums_of=content_sums.COVERED)
            return content_sums.fill(handle.cursor)

    def altered(self, *, after: str) -> tuple[list[str], str | None]:
        """Compare some aggregates with their checksums; see content_sums.altered."""
        with self.database.reader() as handle:
            if sync_state.load(handle.cursor).sums_of != content_sums.COVERED:
                return [], None
            return content_sums.altered(handle.cursor, after=after)

    def scopes_with(self, aggregate_ids: Iterable[str]) -> set[str]:
        """Give the scopes that hold any of some aggregates."""
        with self.database.reader() as handle:
            sql = "SELECT DISTINCT scope_id FROM member WHERE aggregate_id IN {}"
            return {scope for (scope,) in select_in(handle.cursor, sql, aggregate_ids)}

    def heal(self, lines: Iterable[Line], *, scope: str) -> Healed:
        """Put what the server sent of a scope in place of what differs; see apply.apply_heal."""
        with self._settle(self.database.writer()) as settling:
            return apply_heal(settling, lines, scope=scope)

    def fill_request(self) -> FillRequest | None:
        """Give what to ask of columns that an update of this program has added; None: nothing is lacking."""
        state = self.state()
        if state.filling is None and state.rows >= min(ROWS, state.server_rows):
            return None
        with self._settle(self.database.writer()) as settling:
            return filling.request_of(settling)

    def apply_fill(self, lines: Sequence[Line], request: FillRequest) -> int:
        """Take the answer to a fill_request; see filling.apply_fill."""
        with self._settle(self.database.writer()) as settling:
            return filling.apply_fill(settling, lines, request)

    def notify(self, kind: str, *, count: int = 0) -> None:
        """Keep something that people should know for long."""
        with self.database.writer() as handle:
            sync_state.add_notice(handle.cursor, sync_state.Notice(self.now(), kind, count))

    @contextmanager
    def bootstrapping(self, scope: str) -> Iterator[ScopeFetch]:
        """Fetch a scope that the cursor does not hold yet; one at a time."""
        try:
            yield ScopeFetch(self.database, scope, place=self._staging_place(), settle=self._settle)
        finally:
            self._staging.close()

    def _staging_place(self) -> Staging:
        """Collect in the replica itself as long as it holds nothing, afterwards beside it."""
        if self.state().last_sync_at is None and self._staging_in_place.meets_nothing():
            return self._staging_in_place
        self._staging_in_place.discard()  # what a crash has left there would be taken for what lies beside
        return self._staging

    def seal_next(
        self,
        sign: Sign,
        *,
        limit: int = MAX_PUSH_MUTATIONS,
        resend_from: int | None = None,
        after_seq: int = 0,
        newest: int = MUTATION,
    ) -> SealedBatch | None:
        """Give what the next push sends; see Outbox.seal_next."""
        return self.outbox.seal_next(sign, limit=limit, resend_from=resend_from, after_seq=after_seq, newest=newest)

    def record_verdicts(self, verdicts: Iterable[Verdict]) -> frozenset[Key]:
        """Take the answers to a push; see Outbox.record_verdicts."""
        return self.outbox.record_verdicts(verdicts)

    @contextmanager
    def _settle(self, writer: AbstractContextManager[ReplicaHandle]) -> Iterator[Settlement]:
        with writer as handle:
            self._background = None
            settling = Settlement(RowStore(handle.cursor), sync_state.load(handle.cursor), now=self.now())
            yield settling
        self._tell(settling.store.touched)

    def now(self) -> str:
        """What this device's clock says, as wire text."""
        return self._clock().astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

    def _tell(self, touched: Iterable[Key]) -> None:
        """Tell the listeners. What was written is durable by now: one that fails must not make it look lost."""
        keys = frozenset(touched)
        for listener in tuple(self._listeners) if keys else ():
            try:
                listener(keys)
            except Exception:  # whatever a listener does, it is not about the write
                log.exception("a listener failed after a commit")
