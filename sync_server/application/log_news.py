"""What a device hears of the activity log, and whether what it keeps of it still stands there (D-233).

A device that knows a line otherwise is told to the administrator; it is neither believed without the server's own
signature nor kept from working.
"""

import logging

from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application.signatures import verify
from sync_server.authz.server_key import ServerKey
from sync_server.authz.visibility import Caller
from sync_server.contract.log_lines import LogLine, LogNews, signing_input
from sync_server.storage import activity_checkpoints, devices
from sync_server.storage.engine import Database

log = logging.getLogger(__name__)

HIGHEST = 2**62


def log_news(database: Database, caller: Caller, kept: LogLine | None, *, key: ServerKey) -> LogNews:
    """Say what the log has now where a device keeps a line of it, and what was signed last."""
    asked = kept.seq if kept is not None and 0 < kept.seq < HIGHEST else 0
    with database.transaction("worker", caller.organization_id, read_only=True) as connection:
        newest = activity_checkpoints.newest(connection, caller.organization_id)
        found = activity_checkpoints.hash_of(connection, caller.organization_id, asked) if asked else ""
    told = (
        LogLine(seq=newest.seq, hash=newest.hash, signed_at=newest.signed_at, signature=newest.signature)
        if newest
        else None
    )
    if told is not None and not _is_signed(caller.organization_id, told, key):
        told = None
    return LogNews(newest=told, asked=asked, hash=found)


def note(
    connection: Connection[TupleRow], caller: Caller, kept: LogLine | None, news: LogNews, *, key: ServerKey
) -> None:
    """Note at the device which line it knows otherwise, if the server once signed it so; or that it knows none."""
    if kept is None or not news.asked or not _is_signed(caller.organization_id, kept, key):
        return
    seq = kept.seq if news.hash != kept.hash else None
    if devices.note_log(connection, caller.organization_id, caller.device_id, seq) and seq is not None:
        log.error("the activity log of %s was cut or written anew: a device knows line %s", caller.organization_id, seq)


def _is_signed(organization_id: str, line: LogLine, key: ServerKey) -> bool:
    message = signing_input(organization_id, line.seq, line.hash, signed_at=line.signed_at)
    return verify(key.public_key, line.signature, message)
