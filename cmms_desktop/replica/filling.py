"""What an update of this program adds to rows that are here: columns, and entities that were passed over before.

Asked scope by scope and slice by slice; how far it is is committed with each slice. A value counts for the version of
the row that it names: a row that has changed at the server since comes whole with the next pull.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from cmms_desktop.errors import ContractMismatch
from cmms_desktop.replica import content_sums, unread
from cmms_desktop.replica.incoming_rows import NEEDED, Cells, IncomingColumns
from cmms_desktop.replica.rows import SQL
from cmms_desktop.replica.settlement import Settlement
from cmms_desktop.replica.sync_state import Filling, SyncState
from sync_server.contract import codec
from sync_server.contract.entities import REGISTRY
from sync_server.contract.fields import Row
from sync_server.contract.messages import FillRequest
from sync_server.contract.version import ROWS

NAMED: Final = ("id", "row_hash")
"""What comes before the columns of a row that is here."""


def request_of(settling: Settlement) -> FillRequest | None:
    """Give what to ask next, beginning when an update made it due; None: every row has all that the server can give."""
    state = settling.state
    upto = min(ROWS, state.server_rows)
    if state.cursor is None or (state.filling is None and state.rows >= upto):
        return None
    filling = state.filling
    if filling is None or filling.upto != upto:
        filling = _begun(settling, upto)
    scopes = tuple(scope for scope in filling.scopes if scope in (state.digests or {}))
    after = filling.after if scopes[:1] == filling.scopes[:1] else None
    _keep(settling, Filling(upto, scopes, after))
    if not scopes:
        return None
    return FillRequest(scope=scopes[0], cursor=state.cursor, rows=state.rows, upto=upto, after=after)


def _begun(settling: Settlement, upto: int) -> Filling:
    """Give rows that lack a column its default; the server names only what is something else."""
    state = settling.state
    for entity, spec in REGISTRY.items():
        for column in spec.added(since=state.rows, upto=upto):
            if column.default is not None and spec.since <= state.rows:
                sql = f'UPDATE {entity} SET "{column.name}" = ? WHERE "{column.name}" IS NULL'
                settling.cursor.execute(sql, (column.default,))
    settling.cursor.execute(f"DELETE FROM unread_row WHERE NOT {unread.UNKNOWN}")
    _drop_strays(settling)
    settling.store.forget()
    return Filling(upto, tuple(sorted(state.digests or {})))


def _drop_strays(settling: Settlement) -> None:
    """Drop what is about a kind of thing that the older program did not know such rows of, and which left meanwhile.

    It took them in with the thing, and let them lie when that went. What is still here gets its reference by the fill.
    """
    for entity, spec in REGISTRY.items():
        if spec.arc:
            is_of_none = " AND ".join(f"{name} IS NULL" for name in spec.arc)
            sql = f"DELETE FROM {entity} WHERE {is_of_none} AND aggregate_id NOT IN (SELECT aggregate_id FROM member)"
            settling.cursor.execute(sql)


def _keep(settling: Settlement, filling: Filling) -> None:
    """Write how far it is; once no scope is left, everything here is complete."""
    if not filling.scopes:
        settling.remember(filling=None, rows=filling.upto)
    elif filling != settling.state.filling:
        settling.remember(filling=filling)


def is_answer(lines: Sequence[Sequence[Any]], request: FillRequest, state: SyncState) -> bool:
    """Whether lines are the complete answer to this request, of the history that this device reads."""
    if not lines or lines[0][0] != codec.HEADER or lines[-1][0] != codec.END:
        return False
    end = lines[-1][1]
    asked = {"scope": request.scope, "rows": request.rows, "upto": request.upto, "asked": request.after}
    is_ours = all(end.get(name, "") == value for name, value in asked.items())
    return is_ours and lines[0][1]["epoch"] == state.epoch


def apply_fill(settling: Settlement, lines: Sequence[Sequence[Any]], request: FillRequest) -> int:
    """Lay the columns of an answer into the rows that they belong to, and note where to go on; give how many came.

    Raises:
        ContractMismatch: the question is not the one that is open, or a line cannot be understood.
    """
    filling = settling.state.filling
    if filling is None or (filling.scopes[0], filling.after, filling.upto) != (
        request.scope,
        request.after,
        request.upto,
    ):
        raise ContractMismatch("Columns arrived that nobody asked for. They were not used.")
    types: Mapping[str, Sequence[str]] = lines[0][1]["types"]
    count = 0
    for kind, *parts in lines[1:-1]:
        if kind in {codec.FILL, codec.ROWS} and parts[0] in SQL:
            take = _take_columns if kind == codec.FILL else _take_rows
            count += take(settling, parts[0], types[parts[0]], parts[1])
    after = lines[-1][1]["after"]
    left = filling.scopes if after is not None else filling.scopes[1:]
    _keep(settling, Filling(filling.upto, left, after))
    settling.store.forget()
    settling.rebase()
    return count


def _take_columns(settling: Settlement, entity: str, names: Sequence[str], lines: Sequence[Cells]) -> int:
    """Fill columns of rows that are here in just the version that a line names."""
    if tuple(names[: len(NAMED)]) != NAMED:
        raise ContractMismatch(f"The server sends columns of {entity} without their rows.")
    places = [place for place, name in enumerate(names) if name in SQL[entity].spec.by_name and name not in NAMED]
    shadows = {row_id for name, row_id in settling.store.shadows if name == entity}
    for line in lines:
        if line[0] in shadows:
            _fill_shadow(settling, entity, {names[place]: line[place] for place in places}, line)
    assignments = ", ".join(f'"{names[place]}" = ?' for place in places)
    settling.cursor.executemany(
        f"UPDATE {entity} SET {assignments} WHERE id = ? AND row_hash = ?",
        [(*(line[place] for place in places), line[0], line[1]) for line in lines if line[0] not in shadows],
    )
    _note(settling, entity, [str(line[0]) for line in lines])
    return len(lines)


def _fill_shadow(settling: Settlement, entity: str, values: Row, line: Cells) -> None:
    key = (entity, str(line[0]))
    beneath = settling.store.shadow(key)
    if beneath is not None and beneath["row_hash"] == line[1]:
        settling.store.set_shadow(key, {**beneath, **values})


def _take_rows(settling: Settlement, entity: str, names: Sequence[str], lines: Sequence[Cells]) -> int:
    """Take rows of an entity that was passed over before; one that has come since is newer and stays."""
    if missing := set(NEEDED) - set(names):
        raise ContractMismatch(f"The server sends {entity} without {', '.join(sorted(missing))}.")
    columns = IncomingColumns(entity, names)
    free = [line for line in lines if (entity, line[columns.id_at]) not in settling.store.shadows]
    newer = f"{columns.upsert} WHERE excluded.sync_seq >= {entity}.sync_seq"
    settling.cursor.executemany(newer, columns.bound(free))
    _note(settling, entity, [str(line[columns.id_at]) for line in lines])
    return len(lines)


def _note(settling: Settlement, entity: str, row_ids: Iterable[str]) -> None:
    """Let replay, checksums and screens know that server rows have changed."""
    keys = {(entity, row_id) for row_id in row_ids}
    settling.store.touched |= keys
    settling.changed(keys)
    content_sums.forget_all(settling.cursor)
