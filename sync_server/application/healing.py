"""Verify: which aggregates of a scope a device holds otherwise than the server, and what stands here instead."""

import logging
from collections.abc import Mapping, Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.pull import header, scopes_here, snapshot
from sync_server.authz.visibility import Caller
from sync_server.contract import codec
from sync_server.contract.entities import AGGREGATES
from sync_server.contract.messages import VerifyRequest
from sync_server.errors import Refused
from sync_server.storage import feed
from sync_server.storage.engine import Database
from sync_server.storage.spool import Spool

log = logging.getLogger(__name__)

MANY = 3
"""Heals of a device within a day that are too many: something damages it again and again, or the digests are wrong."""


def verify(database: Database, caller: Caller, request: VerifyRequest) -> Spool:
    """Compare a scope with what a device says it holds; give leaves, and every differing aggregate whole.

    Raises:
        Refused: `bad_request`, or `not_found` for a scope that the caller may not hold.
    """
    try:
        here = codec.unpack_digests(request.aggregates)
    except (ValueError, UnicodeEncodeError) as error:
        raise Refused("bad_request", "The list of records cannot be read.") from error
    with Spool() as spool, snapshot(database, caller) as connection:
        now = feed.head(connection, caller.organization_id)
        if request.scope not in scopes_here(connection, caller):
            raise Refused("not_found", "This device may not hold that part of the data.")
        held = feed.aggregates_of(connection, caller.organization_id, request.scope)
        gone = [(aggregate_id, "left") for aggregate_id in here if aggregate_id not in held]
        differing: dict[str, list[str]] = {}
        for aggregate_id, (type_, digest) in held.items():
            if here.get(aggregate_id) != digest:
                differing.setdefault(type_, []).append(aggregate_id)
        spool.write(header(now.epoch, dict.fromkeys(entity for type_ in differing for entity in AGGREGATES[type_])))
        if gone:
            spool.write(codec.line(codec.LEAVE, request.scope, gone))
        _write_whole(spool, connection, caller.organization_id, request.scope, differing)
        whole = feed.heads(connection, caller.organization_id, [request.scope])[request.scope]
        end = {"scope": request.scope, "seq": now.seq, "nonce": now.nonce, "digest": (whole.digest, whole.count)}
        spool.write(codec.line(codec.END, end))
    _note(request, len(gone) + sum(map(len, differing.values())))
    return spool


def _write_whole(
    spool: Spool,
    connection: Connection[TupleRow],
    organization_id: str,
    scope: str,
    differing: Mapping[str, Sequence[str]],
) -> None:
    """Write aggregates, by type, with all their live rows: they replace what a device has of them."""
    for type_, ids in differing.items():
        spool.write(codec.line(codec.JOIN, scope, type_, ids))
        since = dict.fromkeys(ids, 0)
        for line in feed.changed_lines(connection, organization_id, aggregate_type=type_, since=since):
            spool.write(line)


def _note(request: VerifyRequest, count: int) -> None:
    """Log that a device had to be healed; nothing of what it holds is told."""
    if request.heals_today >= MANY:
        log.error("a device had to fetch records again, the %dth time within a day: %d", request.heals_today, count)
    else:
        log.info("a device fetches records again because they differ: %d", count)
