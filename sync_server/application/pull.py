"""Pull and bootstrap: rows down. Reads one snapshot into a spool and ends its transaction before a byte is sent."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager

from psycopg import Connection, IsolationLevel
from psycopg.rows import TupleRow

from sync_server.application.hello import require_protocol
from sync_server.authz import cursors
from sync_server.authz.claims import Asker, proven
from sync_server.authz.cursors import Cursor, Token
from sync_server.authz.visibility import Caller, grant_at, load_actors, scopes_of
from sync_server.contract import codec
from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.contract.messages import BootstrapRequest, PullRequest
from sync_server.contract.rules.draft import Actor
from sync_server.contract.version import PROTOCOL, ROWS
from sync_server.errors import Refused
from sync_server.storage import feed, pull_view
from sync_server.storage.engine import Database
from sync_server.storage.feed import Change, Head, ScopeHead
from sync_server.storage.pull_view import PullView
from sync_server.storage.spool import Spool

SLICE_AGGREGATES = 4_000
"""Aggregates in one slice of a bootstrap."""
BEFORE_ALL = "00000000-0000-0000-0000-000000000000"
FORGOTTEN = "This device was away for more than a year. It reads afresh."
FORK = "The server was restored from a backup. This device says hello again and sends what is missing."


def pull(database: Database, asker: Asker, request: PullRequest, *, key: bytes, before: bytes = b"") -> Spool:
    """Give everything that changed in the caller's scopes since his cursor; `before` is a line that goes first.

    Raises:
        Refused: The asker is nobody, or the cursor is none of this history (`fork`, `cursor_invalid`).
    """
    require_protocol(request.protocol)
    cursor = _read(asker, request.cursor, key)
    with Spool() as spool, snapshot(database, asker) as connection:
        view = pull_view.look(
            connection,
            asker.organization_id,
            device_id=asker.device_id,
            person_id=asker.person_id,
            top=cursor.top if isinstance(cursor, Cursor) else 0,
            scopes=cursor.scopes if isinstance(cursor, Cursor) else (),
        )
        caller = proven(asker, view.device)
        if isinstance(cursor, Refused):
            raise cursor  # only now: who is nobody hears that first
        if cursor is not None:
            require_history(connection, caller, cursor, view.now, nonce=view.nonce_of_top)
        entries = {} if cursor is None else cursor.scopes
        spool.write(before)
        _write_pull(spool, connection, caller, view=view, entries=entries, key=key)
    return spool


def _read(asker: Asker, text: str | None, key: bytes) -> Cursor | Refused | None:
    if text is None:
        return None
    try:
        return cursors.read(text, Cursor, key=key, caller=asker)
    except Refused as refusal:
        return refusal


def _write_pull(
    spool: Spool,
    connection: Connection[TupleRow],
    caller: Caller,
    *,
    view: PullView,
    entries: Mapping[str, int],
    key: bytes,
) -> None:
    now, scopes = view.now, _scopes_in(view, caller)
    heads = {scope: head for scope, head in view.heads.items() if scope in scopes}
    held = {
        scope: seq for scope, seq in entries.items() if scope in heads and seq >= heads[scope].gc_seq
    }  # the others are fetched afresh: what left them may be forgotten
    spool.write(header(now.epoch, REGISTRY))
    for scope in entries.keys() - heads.keys():
        spool.write(codec.line(codec.SCOPE_LOST, scope, "access_lost"))
    _write_changes(spool, connection, caller, held, upto=now.seq)
    digests = {scope: heads[scope] for scope in held}
    spool.write(_end(caller, key=key, now=now, digests=digests, new=_new(scopes, held)))


def _scopes_in(view: PullView, caller: Caller) -> tuple[str, ...]:
    if view.role is None:
        return ()
    return grant_at(Actor(caller.person_id, view.role, view.site_roles), view.sites).scopes


def snapshot(database: Database, caller: Asker) -> AbstractContextManager[Connection[TupleRow]]:
    """Read everything as one moment shows it."""
    return database.transaction(
        "app_sync", caller.organization_id, isolation=IsolationLevel.REPEATABLE_READ, read_only=True
    )


def _new(scopes: Iterable[str], held: dict[str, int]) -> list[str]:
    return [scope for scope in scopes if scope not in held]


def cursor_of(connection: Connection[TupleRow], caller: Caller, text: str | None, now: Head, key: bytes) -> Cursor:
    """Read the caller's cursor and prove that it is of this history.

    Raises:
        Refused: `fork` when it is not; `cursor_invalid` when its commit is forgotten, so that nothing is proved.
    """
    if text is None:
        return Cursor(epoch=now.epoch, top=0, nonce=0, scopes={})
    cursor = cursors.read(text, Cursor, key=key, caller=caller)
    is_newest = cursor.top == now.seq
    known = {now.seq: now.nonce} if is_newest else feed.nonces(connection, caller.organization_id, [cursor.top])
    return require_history(connection, caller, cursor, now, nonce=known.get(cursor.top))


def require_history(
    connection: Connection[TupleRow], caller: Caller, cursor: Cursor, now: Head, *, nonce: int | None
) -> Cursor:
    """Prove that a cursor is of this history. `nonce`: of its commit here; None: there is no such commit.

    Raises:
        Refused: `fork` when it is not; `cursor_invalid` when its commit is forgotten, so that nothing is proved.
    """
    is_unknown = cursor.epoch == now.epoch and 0 < cursor.top < now.seq and nonce is None
    if is_unknown and cursor.top < feed.oldest_commit(connection, caller.organization_id):
        raise Refused("cursor_invalid", FORGOTTEN)
    if cursor.epoch != now.epoch or (cursor.top > 0 and nonce != cursor.nonce):
        raise Refused("fork", FORK)
    return cursor


def scopes_here(connection: Connection[TupleRow], caller: Caller) -> tuple[str, ...]:
    """Scopes that the caller's devices may hold now."""
    actor = load_actors(connection, caller.organization_id, [caller.person_id]).get(caller.person_id)
    return scopes_of(connection, caller.organization_id, actor) if actor else ()


def header(epoch: str, entities: Iterable[str]) -> bytes:
    """The first line of an answer."""
    types = {entity: REGISTRY[entity].names for entity in entities}
    return codec.line(codec.HEADER, {"protocol": PROTOCOL, "rows": ROWS, "epoch": epoch, "types": types})


def _write_changes(
    spool: Spool, connection: Connection[TupleRow], caller: Caller, entries: dict[str, int], *, upto: int
) -> None:
    behind = {scope: seq for scope, seq in entries.items() if seq < upto}
    changes = feed.changes(connection, caller.organization_id, behind, upto=upto) if behind else []
    for line in _membership_lines(changes, entries):
        spool.write(line)
    for aggregate_type, since in _since(changes, entries).items():
        for line in feed.changed_lines(connection, caller.organization_id, aggregate_type=aggregate_type, since=since):
            spool.write(line)


def _membership_lines(changes: Iterable[Change], entries: dict[str, int]) -> list[bytes]:
    """Leaves first, then joins; one line per scope and type."""
    leaves: dict[str, list[tuple[str, str]]] = {}
    joins: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        if not change.live:
            leaves.setdefault(change.scope_id, []).append((change.aggregate_id, "left"))
        elif change.join_seq > entries[change.scope_id]:
            joins.setdefault((change.scope_id, change.aggregate_type), []).append(change.aggregate_id)
    return [codec.line(codec.LEAVE, scope, gone) for scope, gone in leaves.items()] + [
        codec.line(codec.JOIN, scope, type_, ids) for (scope, type_), ids in joins.items()
    ]


def _since(changes: Iterable[Change], entries: dict[str, int]) -> dict[str, dict[str, int]]:
    """Type → aggregate → commit after which its rows are due; 0 (all) once it joins any scope. Each is sent once."""
    since: dict[str, dict[str, int]] = {}
    for change in changes:
        if change.live:
            entry = entries[change.scope_id]
            due = 0 if change.join_seq > entry else entry
            known = since.setdefault(change.aggregate_type, {})
            known[change.aggregate_id] = min(due, known.get(change.aggregate_id, due))
    return since


def _end(caller: Caller, *, key: bytes, now: Head, digests: Mapping[str, ScopeHead], new: list[str]) -> bytes:
    cursor = Cursor(epoch=now.epoch, top=now.seq, nonce=now.nonce, scopes=dict.fromkeys(digests, now.seq))
    return codec.line(
        codec.END,
        {
            "cursor": cursors.sign(cursor, key=key, caller=caller),
            "seq": now.seq,
            "nonce": now.nonce,
            "digests": {scope: (head.digest, head.count) for scope, head in digests.items()},
            "bootstrap": new,
            "more": False,
            "hello": caller.is_awaited,
        },
    )


def bootstrap(database: Database, caller: Caller, request: BootstrapRequest, *, key: bytes) -> Spool:
    """Give the next slice of a scope that the caller's cursor does not hold; the last one extends the cursor."""
    with Spool() as spool, snapshot(database, caller) as connection:
        now = feed.head(connection, caller.organization_id)
        cursor = cursor_of(connection, caller, request.cursor, now, key)
        if request.scope not in scopes_here(connection, caller):
            raise Refused("not_found", "This device may not hold that part of the data.")
        head = feed.heads(connection, caller.organization_id, [request.scope])[request.scope]
        token = _token(caller, request, now, key, gc_seq=head.gc_seq)
        found = feed.slice_of(
            connection, caller.organization_id, scope_id=request.scope, after=token.after, limit=SLICE_AGGREGATES
        )
        _write_slice(spool, connection, caller, token, found)
        spool.write(_slice_end(caller, key=key, token=token, found=found, cursor=cursor))
    return spool


def _token(caller: Caller, request: BootstrapRequest, now: Head, key: bytes, *, gc_seq: int) -> Token:
    """Read the token; one of another epoch, or from before what is still known, starts again at the first slice."""
    first = Token(epoch=now.epoch, scope=request.scope, upto=now.seq, nonce=now.nonce, after=BEFORE_ALL)
    if request.token is None:
        return first
    token = cursors.read(request.token, Token, key=key, caller=caller)
    is_of_now = (token.epoch, token.scope) == (now.epoch, request.scope) and token.upto >= gc_seq
    return token if is_of_now else first


def _write_slice(
    spool: Spool, connection: Connection[TupleRow], caller: Caller, token: Token, found: list[tuple[str, str]]
) -> None:
    by_type: dict[str, list[str]] = {}
    for aggregate_id, type_ in found:
        by_type.setdefault(type_, []).append(aggregate_id)
    spool.write(header(token.epoch, dict.fromkeys(entity for type_ in by_type for entity in AGGREGATES[type_])))
    for type_, ids in by_type.items():
        spool.write(codec.line(codec.JOIN, token.scope, type_, ids))
        for line in feed.slice_lines(
            connection,
            caller.organization_id,
            scope_id=token.scope,
            aggregate_type=type_,
            ids=(token.after, found[-1][0]),
        ):
            spool.write(line)


def _slice_end(caller: Caller, *, key: bytes, token: Token, found: list[tuple[str, str]], cursor: Cursor) -> bytes:
    end: dict[str, object] = {"scope": token.scope, "seq": token.upto, "nonce": token.nonce}
    if len(found) == SLICE_AGGREGATES:
        following = Token(token.epoch, token.scope, token.upto, token.nonce, found[-1][0])
        return codec.line(codec.END, {**end, "token": cursors.sign(following, key=key, caller=caller), "cursor": None})
    top, nonce = max((cursor.top, cursor.nonce), (token.upto, token.nonce))
    extended = Cursor(token.epoch, top, nonce, {**cursor.scopes, token.scope: token.upto})
    return codec.line(codec.END, {**end, "token": None, "cursor": cursors.sign(extended, key=key, caller=caller)})
