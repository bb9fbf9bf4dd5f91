"""Fill: columns and entities that a device has learnt by an update, of the rows that it holds already (sync.md §10).

Only values that differ from a column's default travel, slice by slice; each names the version of the row that it
belongs to, so that a device never mixes two. Membership and digests are not touched: they do not speak of columns.
"""

from collections.abc import Iterable, Sequence

from sync_server.application.pull import BEFORE_ALL, SLICE_AGGREGATES, cursor_of, scopes_here, snapshot
from sync_server.authz.visibility import Caller
from sync_server.contract import codec
from sync_server.contract.codec import GUID
from sync_server.contract.entities import AGGREGATES, REGISTRY
from sync_server.contract.messages import FillRequest
from sync_server.contract.version import PROTOCOL, ROWS
from sync_server.errors import Refused
from sync_server.storage import feed
from sync_server.storage.engine import Database
from sync_server.storage.feed import Added, Slice
from sync_server.storage.spool import Spool


def fill(database: Database, caller: Caller, request: FillRequest, *, key: bytes) -> Spool:
    """Give what was added after `rows`, up to `upto`, of the next aggregates of a scope that the cursor holds.

    Raises:
        Refused: `bad_request`, `not_found` for a scope that the caller may not hold, `fork`, `cursor_invalid`.
    """
    after = request.after or BEFORE_ALL
    if not GUID.fullmatch(after):
        raise Refused("bad_request", "The place to go on from cannot be read.")
    with Spool() as spool, snapshot(database, caller) as connection:
        now = feed.head(connection, caller.organization_id)
        cursor = cursor_of(connection, caller, request.cursor, now, key)
        if request.scope not in cursor.scopes or request.scope not in scopes_here(connection, caller):
            raise Refused("not_found", "This device may not hold that part of the data.")
        found = feed.slice_of(
            connection, caller.organization_id, scope_id=request.scope, after=after, limit=SLICE_AGGREGATES
        )
        added = _added(request, (type_ for _, type_ in found))
        spool.write(_header(now.epoch, added))
        if found:
            ids, upto = (after, found[-1][0]), cursor.scopes[request.scope]
            for each in added:
                part = Slice(request.scope, each.type_, ids, upto)
                for line in feed.added_lines(connection, caller.organization_id, each, part):
                    spool.write(line)
        spool.write(codec.line(codec.END, _end(request, found)))
    return spool


def _added(request: FillRequest, types: Iterable[str]) -> list[Added]:
    """What of each type of aggregate is new to the device."""
    return [
        Added(type_, entity, columns)
        for type_ in dict.fromkeys(types)
        for entity in AGGREGATES[type_]
        if (columns := REGISTRY[entity].added(since=request.rows, upto=request.upto))
    ]


def _header(epoch: str, added: Iterable[Added]) -> bytes:
    types = {each.entity: each.names for each in added}
    return codec.line(codec.HEADER, {"protocol": PROTOCOL, "rows": ROWS, "epoch": epoch, "types": types})


def _end(request: FillRequest, found: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Say to what this is the answer, and where the next one begins; `after` None: the scope is complete."""
    asked = {"scope": request.scope, "rows": request.rows, "upto": request.upto, "asked": request.after}
    return {**asked, "after": found[-1][0] if len(found) == SLICE_AGGREGATES else None}
