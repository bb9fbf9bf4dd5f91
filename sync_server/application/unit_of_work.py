"""The one way to write synced rows (sync.md §5), whoever writes: a device, the office, an import, a routine.

Order of locks, the same everywhere: aggregate roots, then rows by (table, id), all FOR NO KEY UPDATE, then the clock
of the organization. After the clock nothing is locked but rows that only a clock holder writes. The caller's
transaction commits; nothing is answered before.
"""

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter

from psycopg import Connection, Cursor
from psycopg.rows import TupleRow

from sync_server.application import notices, sensitive
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Merge, Row
from sync_server.contract.rules.draft import Key
from sync_server.errors import Bug, Refused, RetryLater
from sync_server.storage import (
    activity_log,
    aggregate_ids,
    membership,
    meter_readings,
    natural_keys,
    org_clock,
    push_subscriptions,
    scope_index,
)
from sync_server.storage.org_clock import Commit, row_hash
from sync_server.storage.translation import IN_THE_WAY
from sync_server.storage.wire_rows import ask_rows, insert_rows, rows_of, update_rows

ORDER = {entity: position for position, entity in enumerate(REGISTRY)}
"""Rows are locked and written in this order, so that references point at rows already there."""

CREATION = frozenset({"created_at", "created_by"})
"""Columns beside the fixed ones that are given when a row is made and never change."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Rows of one entity that were asked for and not taken yet."""

    entity: str
    ids: set[str]
    rows: Cursor[TupleRow]


@dataclass(slots=True)
class UnitOfWork:
    """Rows of one organization, read and locked, with changes laid over them until `finish` writes them."""

    connection: Connection[TupleRow]
    organization_id: str
    actor_id: str | None
    loaded: dict[Key, Row | None] = field(default_factory=dict)
    changed: dict[Key, Row] = field(default_factory=dict)
    stamped: dict[Key, str] = field(default_factory=dict)
    readings: list[Row] = field(default_factory=list)
    """Readings of meters for the history; a meter of each is among the changed rows."""

    def read(self, keys: Iterable[Key]) -> None:
        """Look at rows without locking them, to learn which others are needed."""
        self.take(self._ask([key for key in keys if key not in self.loaded], lock=False))

    def lock(self, keys: Iterable[Key]) -> None:
        """Lock and read rows: roots first, then by table and id. Rows that are not there stay None."""
        self.take(self.ask(keys))

    def ask(self, keys: Iterable[Key]) -> list[Asked]:
        """Ask for the locks of rows and what is in them, to `take` it later: in a pipeline others ask in between."""
        wanted = [key for key in keys if key[0] in REGISTRY]
        roots = self._ask([key for key in wanted if REGISTRY[key[0]].is_root], lock=True)
        return roots + self._ask([key for key in wanted if not REGISTRY[key[0]].is_root], lock=True)

    def take(self, asked: Iterable[Asked]) -> None:
        """Take the rows that were asked for."""
        for each in asked:
            found = rows_of(each.entity, each.rows)
            self.loaded.update({(each.entity, row_id): found.get(row_id) for row_id in each.ids})

    def _ask(self, keys: list[Key], *, lock: bool) -> list[Asked]:
        by_entity: dict[str, set[str]] = {}
        for entity, row_id in keys:
            by_entity.setdefault(entity, set()).add(row_id)
        asked = []
        for entity in sorted(by_entity, key=ORDER.__getitem__):
            ids = by_entity[entity]
            # append-only rows never change: there is nothing to lock, and no right to
            lockable = lock and not REGISTRY[entity].append_only
            rows = ask_rows(self.connection, self.organization_id, entity=entity, ids=ids, lock=lockable)
            asked.append(Asked(entity, ids, rows))
        return asked

    def get(self, entity: str, row_id: str) -> Row | None:
        """Give a row with the changes so far. Raises Bug for a row that was never asked for."""
        key = (entity, row_id)
        if key in self.changed:
            return self.changed[key]
        if key not in self.loaded and (REGISTRY[entity].append_only or entity in {"conflict", "custom_field"}):
            self.read([key])  # never changes, or only under the lock of its root, which is ours; a field is only asked
        if key not in self.loaded:
            raise Bug(f"{entity} was read by a policy but not loaded")
        return self.loaded[key]

    def put(self, changes: dict[Key, Row]) -> None:
        """Lay whole rows over what is there."""
        self.changed.update(changes)

    def stamp_commit(self, key: Key, column: str) -> None:
        """Let a column of a changed row say the number of this commit."""
        self.stamped[key] = column

    def finish(self) -> Commit:
        """Take the clock and write everything, stamped with this commit.

        Also ticks when nothing changed: a verdict belongs to a commit too.

        Raises:
            RetryLater: A row appeared.
            Refused: A thing would be made under the id of another kind of thing.
        """
        self.changed.update(notices.made(self))
        released = self._release_keys()
        inputs = self._membership_inputs()
        commit = org_clock.tick(
            self.connection, self.organization_id, actor_id=self.actor_id, changes_membership=bool(inputs)
        )
        if self.changed:
            self._require_own_ids()
            keys = self._with_natural_key()
            natural_keys.mark(self.connection, self.organization_id, keys, released=released)
            self._stamp(commit)
            scope_index.touch(self.connection, self.organization_id, self._touched(), seq=commit.seq)
            self._write(released)  # put together while PostgreSQL is at the index, which takes it longest
            if self.readings:
                meter_readings.insert(self.connection, self.organization_id, self.readings)
            asked = membership.sources(self.connection, self.organization_id, inputs)
            scope_index.refresh(self.connection, self.organization_id, seq=commit.seq, asked=asked)
            if gone := self._dismissed():
                push_subscriptions.end_of(self.connection, self.organization_id, gone)
            said = sensitive.entries(self.loaded, self.changed, actor_id=self.actor_id, commit_seq=commit.seq)
            activity_log.append(self.connection, said)
        return commit

    def _require_own_ids(self) -> None:
        made = [key for key in self.changed if self.loaded.get(key) is None and REGISTRY[key[0]].is_root]
        if made and aggregate_ids.is_any_taken(self.connection, self.organization_id, made):
            raise Refused("conflicting_reference", IN_THE_WAY)

    def _dismissed(self) -> list[str]:
        """People who do not work here any more; who was dismissed before is named again, which changes nothing."""
        people = [row for (entity, _), row in self.changed.items() if entity == "person"]
        return [str(row["id"]) for row in people if not row["is_active"] or row["deleted_at"] is not None]

    def _membership_inputs(self) -> dict[str, list[Row]]:
        inputs: dict[str, list[Row]] = {}
        for (entity, row_id), row in self.changed.items():
            if membership.is_input(entity, self.loaded.get((entity, row_id)), row):
                inputs.setdefault(entity, []).append(row)
        return inputs

    def _release_keys(self) -> frozenset[str]:
        """Give the ids of rows that give up their natural key here; who has waited longest is written along.

        Also when a key is only asked for: whoever waits for it longer, and was held when it became free, goes first.
        """
        in_question: dict[str, set[str]] = {}
        released: set[str] = set()
        for (entity, row_id), row in self.changed.items():
            before = self.loaded.get((entity, row_id))
            had, has = _key_held(entity, before), _key_wanted(entity, row, before)
            if had is not None and (row["deleted_at"] is not None or row[REGISTRY[entity].natural_key or ""] != had):
                released.add(row_id)
                in_question.setdefault(entity, set()).add(had)
            if has is not None:
                in_question.setdefault(entity, set()).add(has)
        for entity, keys in in_question.items():
            written = [row_id for of, row_id in self.changed if of == entity]
            heirs = natural_keys.waiting(
                self.connection, self.organization_id, entity, keys, written=written, released=released
            )
            self.take(self._ask([(entity, heir) for heir in heirs], lock=True))
            self.put({(entity, heir): self._there(entity, heir) for heir in heirs})
        return frozenset(released)

    def _there(self, entity: str, row_id: str) -> Row:
        row = self.get(entity, row_id)
        if row is None:
            raise Bug(f"a {entity} that was locked is gone")
        return row

    def _with_natural_key(self) -> dict[str, list[Row]]:
        """Copies of the rows, ready to be stamped; of them, by entity, those whose natural key now counts anew."""
        found: dict[str, list[Row]] = {}
        self.changed = {key: dict(row) for key, row in self.changed.items()}
        for (entity, row_id), row in self.changed.items():
            if _key_wanted(entity, row, self.loaded.get((entity, row_id))) is not None:
                found.setdefault(entity, []).append(row)
        return found

    def _stamp(self, commit: Commit) -> None:
        for (entity, row_id), row in self.changed.items():
            row["version"] = int(row["version"] or 0) + 1
            row["sync_seq"] = commit.seq
            row["row_hash"] = row_hash(entity, row_id, commit.nonce)
        for key in self.stamped.keys() & self.changed.keys():
            self.changed[key][self.stamped[key]] = commit.seq

    def _write(self, released: Container[str] = ()) -> None:
        by_entity: dict[str, tuple[list[Row], list[Row]]] = {}
        for (entity, row_id), row in self.changed.items():
            is_new = self.loaded.get((entity, row_id)) is None
            by_entity.setdefault(entity, ([], []))[0 if is_new else 1].append(row)
        for entity in sorted(by_entity, key=ORDER.__getitem__):
            new, old = by_entity[entity]
            aside = [row for row in old if row["id"] in released]
            self._step_aside(entity, aside)
            if new and insert_rows(self.connection, self.organization_id, entity, new) != len(new):
                raise RetryLater("Somebody else was a moment faster.")
            self._update(entity, old, also={"code_conflict"} if aside else set())

    def _step_aside(self, entity: str, rows: list[Row]) -> None:
        """Free the unique keys that this commit gives up, before others take them: two rows may exchange theirs."""
        if rows:
            aside = [{**row, "code_conflict": True} for row in rows]
            names = ["sync_seq", "code_conflict"]
            update_rows(self.connection, self.organization_id, entity, aside, names=names)

    def _update(self, entity: str, rows: list[Row], *, also: set[str]) -> None:
        if rows:
            names = self._changed_names(entity, rows, also=also)
            update_rows(self.connection, self.organization_id, entity, rows, names=names)

    def _changed_names(self, entity: str, rows: Iterable[Row], *, also: set[str]) -> list[str]:
        """Columns in which any of the rows differs from what is stored, but for what is given at creation."""
        changed, unseen = set(also), _changing_names(entity)
        unseen_of = itemgetter(*unseen)
        for row in rows:
            before = self.loaded[entity, str(row["id"])] or {}
            if unseen_of(row) == unseen_of(before):
                continue  # most rows of a unit change what those before them did
            changed.update(name for name in unseen if row[name] != before[name])
            unseen = tuple(name for name in unseen if name not in changed)
            if not unseen:
                break
            unseen_of = itemgetter(*unseen)
        return [name for name in REGISTRY[entity].names if name in changed]

    def _touched(self) -> dict[str, int]:
        """Aggregates whose content changes, with how their digest differs: what stood and what stands now."""
        touched: dict[str, int] = {}
        for key, row in self.changed.items():
            aggregate_id = str(row["aggregate_id"])
            touched[aggregate_id] = touched.get(aggregate_id, 0) ^ _share(self.loaded.get(key)) ^ _share(row)
        return touched


@cache
def _changing_names(entity: str) -> tuple[str, ...]:
    """Columns that a change of a row may change."""
    columns = REGISTRY[entity].columns
    return tuple(each.name for each in columns if each.merge is not Merge.FIXED and each.name not in CREATION)


def _key_held(entity: str, before: Row | None) -> str | None:
    """The natural key that a row has for itself as it stands."""
    name = REGISTRY[entity].natural_key
    if name is None or before is None or before["code_conflict"] or before["deleted_at"] is not None:
        return None
    return str(before[name])


def _key_wanted(entity: str, row: Row, before: Row | None) -> str | None:
    """The natural key that a row will have and did not have for itself before."""
    name = REGISTRY[entity].natural_key
    if name is None or row["deleted_at"] is not None:
        return None
    return None if _key_held(entity, before) == row[name] else str(row[name])


def _share(row: Row | None) -> int:
    """What a row contributes to the digest of its aggregate: its hash while it is live."""
    return int(row["row_hash"] or 0) if row is not None and row["deleted_at"] is None else 0


def under_the_clock(
    connection: Connection[TupleRow],
    organization_id: str,
    act: Callable[[Commit], Mapping[str, Collection[str]]],
) -> Commit:
    """Make a commit that changes no synced row, but why aggregates are in scopes: the routines' way to write.

    Args:
        connection: Of the caller's transaction, which ends it.
        organization_id: Whose.
        act: Called while the clock is held, so that what it reads is what stands. Gives root entities with the ids
            whose membership has to be asked again.
    """
    commit = org_clock.tick(connection, organization_id, actor_id=None, changes_membership=True)
    if asked := act(commit):
        scope_index.refresh(connection, organization_id, seq=commit.seq, asked=asked)
    return commit
